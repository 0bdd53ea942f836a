"""Plans, costs, rates and calendars from a file: everything or nothing, and every mistake by its line and column."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from adoption.plans import files
from adoption.plans.errors import BadFile
from adoption.plans.models import Cost, Holiday, OpeningInterval, Plan
from tests.builders import people

pytestmark = pytest.mark.django_db
COSTS = "date,channel,kind,amount,currency\n2026-01-31,phone,salaries,980.50,EUR\n2026-01-31,shared,catalogue,430,EUR\n"


def test_costs_come_in_and_again_change_nothing() -> None:
    assert files.keep(files.COSTS, COSTS.encode()) == files.Kept(new=2, changed=0, same=0, removed=0)
    assert files.keep(files.COSTS, COSTS.encode()) == files.Kept(new=0, changed=0, same=2, removed=0)
    other = COSTS.replace("980.50", "990")
    assert files.keep(files.COSTS, other.encode()) == files.Kept(new=0, changed=1, same=1, removed=0)
    assert Cost.objects.get(channel="phone").amount == 990


def test_a_file_of_a_spanish_spreadsheet_comes_in_too() -> None:
    text = "﻿date;channel;kind;amount;currency\r\n2026-01-31;phone;salaries;980,50;EUR\r\n"
    assert files.keep(files.COSTS, text.encode()).new == 1
    assert Cost.objects.get().amount == Decimal("980.50")


def test_the_template_can_be_sent_back(client: Client) -> None:
    files.keep(files.COSTS, COSTS.encode())
    files.keep(files.HOURS, b"calendar,weekday,open,close\nES,1,09:00,14:00\n")
    client.force_login(people.manager())
    for model, table in (("cost", files.COSTS), ("openinginterval", files.HOURS), ("plan", files.PLANS)):
        answer = client.get(reverse(f"admin:adoption_{model}_template"))
        raw = answer.getvalue()
        assert raw.decode("utf-8-sig").splitlines()[0] == ",".join(table.columns)
        if table.model._default_manager.exists():
            kept = files.keep(table, raw)
            assert (kept.new, kept.changed, kept.removed) == (0, 0, 0)


@pytest.mark.parametrize(
    ("table", "text", "line", "column", "reason"),
    [
        (files.COSTS, COSTS + "31/02/2026,phone,fuel,1,EUR\n", 4, "date", "valid date"),
        (files.COSTS, COSTS + "2026-02-28,fone,fuel,1,EUR\n", 4, "channel", "fone is not one of"),
        (files.COSTS, COSTS + "2026-02-28,phone,fuel,much,EUR\n", 4, "amount", "number"),
        (files.COSTS, COSTS + "2026-02-28,phone,fuel,1,euro\n", 4, "currency", "three capital letters"),
        (files.COSTS, COSTS + "2026-02-28,phone,,1,EUR\n", 4, "kind", "required"),
        (files.COSTS, COSTS + "2026-02-28,phone,fuel\n", 4, "", "3 cells, 5 were expected"),
        (files.COSTS, COSTS + "2026-01-31,phone,salaries,1,EUR\n", 4, "", "see line 2"),
        (files.PLANS, "year,metric,scope,amount\n2027,net_sales,total,-1\n", 2, "", "0 or more"),
        (files.PLANS, "year,metric,scope,amount\n2027,hope,total,1\n", 2, "metric", "hope is not one of"),
        (files.RATES, "currency,date,rate\nUSD,2027-01-04,0\n", 2, "", "more than 0"),
        (files.HOURS, "calendar,weekday,open,close\nES,8,09:00,14:00\n", 2, "weekday", "8 is not one of"),
        (files.HOURS, "calendar,weekday,open,close\nES,1,15:00,14:00\n", 2, "", "closes before it opens"),
        (files.COSTS, "date,channel\n2026-01-31,phone\n", 1, "kind", "kind, amount, currency are missing"),
        (files.COSTS, "date,channel,kind,amount,currency\n", 0, "", "no rows"),
        (files.COSTS, COSTS + '2026-02-28,"phone,fuel,1,EUR\n', 4, "", "comma-separated"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    table: files.Table, text: str, line: int, column: str, reason: str
) -> None:
    with pytest.raises(BadFile) as caught:
        files.keep(table, text.encode())
    problem = caught.value.problems[0]
    assert (problem.line, problem.column) == (line, column)
    assert reason in str(problem.reason)
    assert not table.model._default_manager.exists()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (COSTS.replace("salaries", "teléfono").encode("latin-1"), "not UTF-8"),
        (COSTS.encode("utf-16"), "UTF-16"),
        (b"x" * 600_000, "too large"),
    ],
)
def test_another_encoding_or_size_is_named(raw: bytes, reason: str) -> None:
    with pytest.raises(BadFile) as caught:
        files.keep(files.COSTS, raw)
    assert reason in str(caught.value.problems[0].reason)


def test_a_calendar_gets_exactly_the_hours_of_the_file_and_others_stay() -> None:
    for calendar, opens in (("ES", 8), ("ES", 16), ("CL", 9)):
        OpeningInterval.objects.create(calendar=calendar, weekday=1, opens=dt.time(opens), closes=dt.time(opens + 3))
    kept = files.keep(files.HOURS, b"calendar,weekday,open,close\nES,1,08:00,15:00\nES,2,08:00,15:00\n")
    assert (kept.new, kept.changed, kept.removed) == (1, 1, 1)
    assert sorted(OpeningInterval.objects.values_list("calendar", "weekday")) == [("CL", 1), ("ES", 1), ("ES", 2)]


def test_page_shows_lines_and_keeps_nothing_then_takes_the_mended_file(client: Client) -> None:
    client.force_login(people.manager())
    page = reverse("admin:adoption_holiday_file")
    assert page in client.get(reverse("admin:adoption_holiday_changelist")).content.decode()
    wrong = SimpleUploadedFile("h.csv", b"calendar,date,name\nES,2027-01-06,Reyes\nES,2027-13-01,x\n")
    answer = client.post(page, {"file": wrong})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Nothing of the file was kept" in shown
    assert '<td class="num" data-label="Line">3</td>' in shown
    assert not Holiday.objects.exists()
    assert client.post(page).status_code == 422
    mended = SimpleUploadedFile("h.csv", b"calendar,date,name\nES,2027-01-06,Reyes\n")
    assert "1 new, 0 changed" in client.post(page, {"file": mended}, follow=True).content.decode()


@pytest.mark.parametrize("who", ["buyer", "rep"])
def test_others_send_no_files(client: Client, who: str) -> None:
    client.force_login(people.rep() if who == "rep" else people.buyer().user)
    for name in ("file", "template"):
        assert client.get(reverse(f"admin:adoption_plan_{name}")).status_code in {302, 404}
    file = SimpleUploadedFile("p.csv", b"year,metric,scope,amount\n2027,net_sales,total,1\n")
    client.post(reverse("admin:adoption_plan_file"), {"file": file})
    assert not Plan.objects.exists()
