"""The adoption report: from the mirror and the events, for managers only."""

import datetime as dt
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import formats, timezone

from accounts.models import SoldTo
from accounts.signals import Fact, Who, account_fact, announce
from adoption import facts
from adoption.books import rollups
from adoption.events.models import Event, OrderChannel
from adoption.facts import book
from adoption.metrics import adoption
from adoption.metrics.facts import Period
from erp_sync.mirror.models import Address, Order, OrderLine
from shop.signals import shop_fact
from tests.builders import people

pytestmark = pytest.mark.django_db
REPORT = "admin:adoption_adoptionreport_changelist"


def erp_order(company: SoldTo, *, hint: str, reference: str = "", status: str = "open", net: str = "10") -> Order:
    number = Order.objects.count() + 1
    order = Order.objects.create(
        erp_id=f"o{number}",
        version=timezone.now(),
        synced_at=timezone.now(),
        number=f"ORDER-{number}",
        customer_erp_id=company.erp_id,
        status=status,
        placed_at=timezone.now() - dt.timedelta(minutes=1),
        currency="EUR",
        channel_hint=hint,
        web_reference=reference,
    )
    OrderLine.objects.create(
        order=order, erp_id=f"l{number}", line_no=1, sku="A", quantity=Decimal(1), net_price=Decimal(net)
    )
    return order


def submitted(company: SoldTo, reference: str, *, actor: str = "buyer", impersonator: str = "") -> None:
    who = Who(account_id=company.erp_id, user_id="u", actor=actor, impersonator_id=impersonator)
    announce(
        shop_fact,
        Fact(f"order_submitted:{reference}", "order_submitted", timezone.now(), who, "order", reference),
    )


def today() -> Period:
    day = book(as_of=timezone.now()).today
    return Period(day, day)


def test_one_order_moves_adoption_by_exactly_one() -> None:
    company = people.sold_to()
    erp_order(company, hint="phone")
    before = adoption.adoption(book(as_of=timezone.now()), today()).order
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1")
    after = adoption.adoption(book(as_of=timezone.now()), today()).order
    assert (before.part, before.whole) == (0, 1)
    assert (after.part, after.whole) == (1, 2)


def test_order_placed_by_a_rep_is_assisted_and_no_adoption() -> None:
    company = people.sold_to()
    submitted(company, "WEB-1", actor="rep", impersonator="r")
    erp_order(company, hint="shop", reference="WEB-1")
    found = adoption.adoption(book(as_of=timezone.now()), today())
    assert (found.order.part, found.order_with_assisted.part) == (0, 1)
    assert OrderChannel.objects.get().channel == "web_assisted"


def test_channel_is_decided_once_whatever_the_erp_says_later() -> None:
    company = people.sold_to()
    order = erp_order(company, hint="phone")
    book(as_of=timezone.now())
    Order.objects.filter(pk=order.pk).update(channel_hint="shop")
    book(as_of=timezone.now())
    assert OrderChannel.objects.get().channel == "phone"


def test_cancelled_order_does_not_count() -> None:
    company = people.sold_to()
    erp_order(company, hint="phone", status="cancelled")
    assert adoption.adoption(book(as_of=timezone.now()), today()).order.value is None


def test_excluded_company_is_left_out_and_said_so() -> None:
    company = people.sold_to(eligible=False)
    erp_order(company, hint="phone")
    found = adoption.adoption(book(as_of=timezone.now()), today())
    assert found.order.whole == 0
    assert found.order.excluded == {"never enabled to buy online": 1}


def test_announcing_twice_counts_once() -> None:
    company = people.sold_to()
    for _time in range(2):
        submitted(company, "WEB-1")
    assert Event.objects.count() == 1


def test_fact_that_cannot_be_written_leaves_the_sender_alone() -> None:
    who = Who(account_id="x" * 300, user_id="u", actor="buyer")
    announce(account_fact, Fact("login:1", "login", timezone.now(), who))
    assert not Event.objects.exists()
    assert SoldTo.objects.count() == 0


def test_manager_sees_numbers_with_numerator_and_denominator(client: Client) -> None:
    company = people.sold_to()
    erp_order(company, hint="phone")
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1", net="30")
    client.force_login(people.manager())
    page = client.get(reverse(REPORT), {"period": "month"}).content.decode()
    assert "75.0%" in page
    assert "€30.00 / €40.00" in page
    detail = client.get(reverse("admin:adoption_figure", kwargs={"key": "order"}), {"period": "month"})
    assert "1 self-service orders" in detail.content.decode()
    assert "ORDER-2" in detail.content.decode()


@pytest.mark.parametrize("key", ["customer", "strategic_logins", "invoice_searches", "off_hours", "order_value"])
def test_every_kind_of_figure_opens(client: Client, key: str) -> None:
    client.force_login(people.manager())
    assert client.get(reverse("admin:adoption_figure", kwargs={"key": key})).status_code == 200


def test_page_waits_for_the_sums_where_the_facts_are_too_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(people.manager())
    monkeypatch.setattr(facts, "MANY", -10)
    monkeypatch.setattr(facts, "book", lambda **_asked: pytest.fail("the facts were asked"))
    first = reverse(REPORT)
    for address in (first, f"{first}money/", f"{first}figure/order/", f"{first}money.xlsx"):
        page = client.get(address)
        assert (page.status_code, page.headers["Refresh"]) == (503, "15")
        assert "The page comes back by itself" in page.content.decode()
    rollups.bring_up_to_date(frame=rollups.Frame.at(timezone.now()), now=timezone.now())
    assert client.get(first).status_code == 200


def test_unreadable_period_says_so(client: Client) -> None:
    client.force_login(people.manager())
    answer = client.get(reverse(REPORT), {"period": "custom", "first": "2026-13-01", "last": "x"})
    assert "this quarter is shown" in answer.content.decode()


def test_report_does_not_exist_for_buyers_and_reps(client: Client) -> None:
    people.acting(client)
    assert client.get(reverse(REPORT)).status_code in (302, 404)
    client.force_login(people.rep())
    assert client.get(reverse(REPORT)).status_code in (302, 404)


def test_queries_do_not_grow_with_the_orders(client: Client) -> None:
    company = people.sold_to()
    client.force_login(people.manager())
    counts = []
    for _step in range(2):
        for _number in range(10):
            erp_order(company, hint="phone")
        client.get(reverse(REPORT))  # decides the channels of what is new
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(REPORT))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_tables_leave_as_csv_and_xlsx_with_numbers_as_numbers(client: Client) -> None:
    company = people.sold_to()
    erp_order(company, hint="phone")
    client.force_login(people.manager())
    asked = {"section": "adoption", "table": "baskets"}
    sent = client.get(reverse("admin:adoption_table", kwargs=asked), {"period": "month"})
    lines = b"".join(sent).decode().splitlines()
    assert [line for line in lines if line.startswith("Phone")] == ["Phone,1,10.00,1.0000"]
    answer = client.get(reverse("admin:adoption_workbook", kwargs={"section": "adoption"}))
    with ZipFile(BytesIO(b"".join(answer))) as book:
        assert 'name="Basket by channel"' in book.read("xl/workbook.xml").decode()


def test_filters_narrow_what_is_counted(client: Client) -> None:
    plain, strategic = people.sold_to(), people.sold_to()
    strategic.is_strategic = True
    strategic.save()
    erp_order(plain, hint="phone")
    erp_order(strategic, hint="phone")
    client.force_login(people.manager())
    page = client.get(
        reverse("admin:adoption_figure", kwargs={"key": "order"}), {"period": "month", "segment": "strategic"}
    )
    assert "ORDER-2" in page.text
    assert "ORDER-1" not in page.text


@pytest.mark.parametrize("address", ["none/", "adoption/none.csv", "none.xlsx", "figure/none/"])
def test_pages_that_do_not_exist_are_not_found(client: Client, address: str) -> None:
    client.force_login(people.manager())
    assert client.get(f"{reverse(REPORT)}{address}").status_code == 404


def test_events_and_channels_are_listed_in_words_by_the_companys_clock(client: Client) -> None:
    company = people.sold_to("Ferretería Sol")
    at = dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.UTC)
    announce(shop_fact, Fact("order_tracked:1", "order_tracked", at, Who(company.erp_id, "u", "buyer"), "order", "o1"))
    OrderChannel.objects.create(order_key="o1", channel="phone", rule=5, decided_at=at)
    client.force_login(people.manager())
    events = client.get(reverse("admin:adoption_event_changelist")).content.decode()
    assert "order&#x27;s status opened" in events
    assert "Ferretería Sol" in events
    assert formats.date_format(at.astimezone(ZoneInfo(settings.COMPANY_TZ)), "DATETIME_FORMAT") in events
    channels = client.get(reverse("admin:adoption_orderchannel_changelist")).content.decode()
    assert "5: the ERP says how it came" in channels
    assert "Phone" in channels


def test_region_is_the_city_in_one_country_and_the_country_in_several(client: Client) -> None:
    sol, luna = people.sold_to("Sol S.L."), people.sold_to("Luna S.L.")
    Address.objects.filter(customer__erp_id=luna.erp_id).update(city="Bilbao")
    client.force_login(people.manager())
    page = reverse("admin:adoption_section", kwargs={"section": "adoption"})
    assert "Luna S.L." not in client.get(page, {"region": "Madrid"}).content.decode()
    assert "Sol S.L." in client.get(page, {"region": "Madrid"}).content.decode()
    Address.objects.filter(customer__erp_id=sol.erp_id).update(country="CL")
    Address.objects.filter(customer__erp_id=luna.erp_id).update(country="ES")
    shown = client.get(page, {"region": "CL"}).content.decode()
    assert "Sol S.L." in shown
    assert "Luna S.L." not in shown
