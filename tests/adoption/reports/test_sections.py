"""Every page of the report opens, with and without facts, and says what it can't know."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.signals import Fact, Who, announce
from adoption.books.models import Restatement
from adoption.facts import book
from adoption.metrics.facts import Period
from adoption.plans.models import Goal, Plan
from adoption.reports import question, scenes
from adoption.reports.sections import registry
from adoption.reports.sections.today import standing
from erp_sync.mirror.models import Order
from shop.signals import shop_fact
from tests.adoption.reports.test_report import erp_order, submitted
from tests.builders import people

pytestmark = pytest.mark.django_db


def page(client: Client, section: str, **asked: str) -> str:
    client.force_login(people.manager())
    return client.get(reverse("admin:adoption_section", kwargs={"section": section}), asked).content.decode()


@pytest.mark.parametrize("section", [one.key for one in registry.SECTIONS])
def test_every_page_opens_without_any_fact(client: Client, section: str) -> None:
    client.force_login(people.manager())
    assert client.get(reverse("admin:adoption_section", kwargs={"section": section})).status_code == 200


@pytest.mark.parametrize("section", [one.key for one in registry.SECTIONS])
@pytest.mark.parametrize("asked", [{"compare": "year"}, {"segment": "strategic"}, {"everyone": "1"}, {"rep": "x"}])
def test_every_page_opens_with_facts_and_filters(client: Client, section: str, asked: dict[str, str]) -> None:
    company = people.sold_to()
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1")
    erp_order(company, hint="phone")
    client.force_login(people.manager())
    answer = client.get(reverse("admin:adoption_section", kwargs={"section": section}), asked)
    assert answer.status_code == 200


@pytest.mark.parametrize("key", sorted(registry.BY_KEY))
def test_every_table_of_a_page_leaves_as_csv(client: Client, key: str) -> None:
    erp_order(people.sold_to(), hint="phone")
    client.force_login(people.manager())
    answer = client.get(reverse("admin:adoption_workbook", kwargs={"section": key}))
    assert answer.status_code == 200
    assert b"".join(answer).startswith(b"PK")


def placed(order: Order, days_ago: int) -> None:
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now() - dt.timedelta(days=days_ago))


def test_leak_shows_the_last_trouble_before_the_first_offline_order(client: Client) -> None:
    company = people.sold_to()
    for number in range(4):
        reference = f"WEB-{number}"
        submitted(company, reference)
        placed(erp_order(company, hint="shop", reference=reference), 150 + number)
    for number in range(2):
        placed(erp_order(company, hint="phone"), 10 + number)
    who = Who(account_id=company.erp_id, user_id="u", actor="buyer")
    at = timezone.now() - dt.timedelta(days=14)
    announce(shop_fact, Fact("search:1", "search", at, who, props={"query": "tornillo raro", "hits": "0"}))
    later = timezone.now() - dt.timedelta(days=5)
    announce(shop_fact, Fact("search:2", "search", later, who, props={"query": "too late", "hits": "0"}))
    shown = page(client, "channels")
    assert "tornillo raro" in shown
    assert "too late" not in shown


def test_plan_says_what_each_open_day_must_still_bring() -> None:
    now = timezone.now()
    whole = book(as_of=now)
    year = whole.today.year
    Plan.objects.create(year=year, metric="orders", scope="total", amount=Decimal(1000))
    scene = scenes.scene_of(data={"period": "year"}, now=now)
    period = question.asked({"period": "year"}, today=scene.book.today).period
    found = standing(scene, scene.book.plans[0], period)
    if period.until(scene.book.today) is None:
        assert found is None
        return
    assert found is not None
    assert found.actual == 0
    assert found.needed is None or found.needed * found.open_days == Decimal(1000)


def test_day_that_is_not_over_is_marked(client: Client) -> None:
    shown = page(client, "today")
    assert "not over yet" in shown


def test_weak_answer_drafts_a_goal_that_opens_filled_in(client: Client) -> None:
    shown = page(client, "plan", quiz_invited="0", quiz_prices="2")
    assert "50.0%" in shown
    address = shown.split("/admin/adoption/goal/add/?")[1].split('"')[0].replace("&amp;", "&")
    form = client.get(f"/admin/adoption/goal/add/?{address}").content.decode()
    assert 'value="adoption.activated" selected' in form


@pytest.mark.parametrize("missing", ["metric", "baseline", "target", "owner", "start_on", "due_on"])
def test_goal_is_not_saved_without_what_makes_it_smart(client: Client, missing: str) -> None:
    manager = people.manager()
    client.force_login(manager)
    goal = {
        "title": "More orders online",
        "metric": "adoption.order",
        "baseline": "0.2",
        "target": "0.5",
        "start_on": "2026-01-01",
        "due_on": "2026-12-31",
        "owner": str(manager.pk),
    }
    client.post("/admin/adoption/goal/add/", {name: value for name, value in goal.items() if name != missing})
    assert not Goal.objects.exists()
    client.post("/admin/adoption/goal/add/", goal)
    assert Goal.objects.get().goal_id.startswith("G-")


def test_goal_that_ends_where_it_begins_is_refused(client: Client) -> None:
    manager = people.manager()
    client.force_login(manager)
    goal = {"metric": "adoption.order", "baseline": "0.2", "target": "0.2", "owner": str(manager.pk)}
    dates = {"start_on": "2026-01-01", "due_on": "2026-12-31"}
    answer = client.post("/admin/adoption/goal/add/", {**goal, **dates})
    assert "choose another target" in answer.content.decode()
    assert not Goal.objects.exists()


def test_page_says_what_late_facts_changed_in_a_closed_day(client: Client) -> None:
    day = book(as_of=timezone.now()).today
    causes = [{"kind": "late_credit", "count": 4, "ids": ["a", "b", "c", "d"]}]
    Restatement.objects.create(
        day=day, metric="net_sales", before=Decimal(100), after=Decimal(80), causes=causes, found_at=timezone.now()
    )
    for section in ("today", "adoption", "money"):
        shown = page(client, section, period="month")
        assert "Net sales restated by" in shown
        assert "4 late credit notes" in shown
    assert "restated" not in page(client, "adoption", period="last_month")


def test_chart_says_by_texture_and_name_what_colour_says(client: Client) -> None:
    company = people.sold_to()
    submitted(company, "WEB-1")
    for hint, reference in (("shop", "WEB-1"), ("phone", ""), ("edi", "")):
        erp_order(company, hint=hint, reference=reference)
    chart = page(client, "today").split('<svg class="chart months stack named"')[1].split("</svg>")[0]
    for look, name in (("offline", "offline"), ("neutral", "EDI")):
        assert f'fill="url(#orders-by-month-{look})"' in chart
        assert f">{name}</text>" in chart
    assert ">self-service</text>" in chart


def test_print_view_is_unfolded_and_without_forms(client: Client) -> None:
    shown = page(client, "adoption", view="print", segment="strategic")
    assert '<details class="more" open>' in shown
    assert 'class="filters' not in shown
    assert "strategic accounts" in shown
    assert "This page by mail every week" not in shown


def test_period_that_is_not_over_is_compared_with_as_many_days() -> None:
    today = dt.date(2026, 11, 22)
    quarter = question.asked({"period": "quarter"}, today=today)
    assert (quarter.beside.first, quarter.beside.last) == (dt.date(2026, 7, 1), dt.date(2026, 8, 21))
    year = question.asked({"period": "quarter", "compare": "year"}, today=today)
    assert (year.beside.first, year.beside.last) == (dt.date(2025, 10, 1), dt.date(2025, 11, 21))
    over = question.asked({"period": "last_quarter"}, today=today)
    assert (over.beside.first, over.beside.last) == (dt.date(2026, 4, 1), dt.date(2026, 6, 30))
    first_day = question.asked({"period": "month"}, today=dt.date(2026, 11, 1))
    assert first_day.beside == Period(dt.date(2026, 10, 1), dt.date(2026, 10, 1))


@pytest.mark.parametrize("section", ["today", "plan"])
def test_plan_of_the_company_is_not_held_against_a_part_of_its_customers(client: Client, section: str) -> None:
    Plan.objects.create(year=timezone.now().year, metric="orders", scope="total", amount=Decimal(1000))
    hint = "not held against a part of them"
    assert hint not in page(client, section, period="year")
    assert hint in page(client, section, period="year", segment="strategic")
