"""What the practice sets do not show: seasonality, the daily report, research before the phone, limits of goals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adoption.metrics.book import Book
from adoption.metrics.conversion import conversion, ropo
from adoption.metrics.daily import daily
from adoption.metrics.delivery import delivery, missing
from adoption.metrics.facts import Calendar, Delivery, Enquiry, Goal, Lead, PlanAmount, Quote, Settings
from adoption.metrics.goals import METRICS, goal_state, state_of
from adoption.metrics.leads import leads
from adoption.metrics.plan import attainment, phased, phased_plan
from adoption.metrics.quotes import Spread, quotes
from adoption.metrics.scores import Score
from adoption.metrics.service import offline_enquiries
from adoption.metrics.surveys import surveys
from tests.adoption.metrics.builders import OPEN, at, book, day, days, event, invoice, line, order

YEAR = days("2024-01-01", "2024-12-31")
MONTHS = range(1, 13)


def a_year_of_invoices(amounts: dict[int, str]) -> Book:
    papers = [invoice(f"I{month}", f"2023-{month:02}-15", amount) for month, amount in amounts.items()]
    return book(invoices=papers)


def test_a_seasonal_plan_follows_last_years_months() -> None:
    amounts = dict.fromkeys(MONTHS, "100") | {12: "1300"}
    plan = PlanAmount(2024, "net_sales", "total", Decimal("2400.00"), seasonality=True)
    found = phased_plan(a_year_of_invoices(amounts), plan)
    assert found.amount == Decimal("2400.00")
    for month, amount in found.months().items():
        cents_of_its_days = Decimal("0.01") * 23
        assert abs(amount - Decimal(amounts[int(month)])) < cents_of_its_days


def test_a_month_without_actuals_makes_the_whole_plan_plain() -> None:
    amounts = {month: "100" for month in MONTHS if month != 7}
    plan = PlanAmount(2024, "net_sales", "total", Decimal("2400.00"), seasonality=True)
    found = phased_plan(a_year_of_invoices(amounts), plan)
    assert found.days == phased(Decimal("2400.00"), 2024, OPEN).days


def test_a_calendar_without_business_days_has_no_plan() -> None:
    found = phased(Decimal(100), 2024, Calendar())
    assert (found.amount, found.in_period(YEAR), found.quarters()) == (None, None, [])


def test_attainment_compares_complete_days_only_and_a_plan_of_0_has_none() -> None:
    papers = [invoice("I1", "2024-06-03", "50"), invoice("I2", "2024-06-05", "70")]
    found = book(invoices=papers, as_of="2024-06-05T12:00+02:00")
    week = days("2024-06-03", "2024-06-09")
    plan = PlanAmount(2024, "net_sales", "total", Decimal("26200.00"))
    reached = attainment(found, plan, week)
    assert reached is not None
    assert (reached.period, reached.actual, reached.plan) == (days("2024-06-03", "2024-06-04"), 50, 200)
    assert reached.value == Decimal("0.25")
    nothing = attainment(found, PlanAmount(2024, "net_sales", "total", Decimal(0)), week)
    assert nothing is not None
    assert (nothing.plan, nothing.value) == (0, None)
    assert attainment(found, plan, days("2024-06-05", "2024-06-30")) is None


def test_the_daily_report_shows_each_day_beside_plan_and_the_same_weekday_a_year_before() -> None:
    rows = [
        order("O1", "2024-06-03T10:00", session_id="S1"),
        order("O2", "2024-06-04T10:00", "phone", line(3, 10)),
        order("OLD", "2023-06-05T10:00"),
    ]
    events = [
        event("E1", "2024-06-03T09:50", "session_start"),
        event("E2", "2024-06-03T09:55", "session_start", session_id="S2"),
    ]
    plans = [PlanAmount(2024, "net_sales", "total", Decimal("26200.00"))]
    found = daily(
        book(rows, events=events, plans=plans, as_of="2024-06-05T12:00+02:00"), days("2024-06-03", "2024-06-09")
    )
    assert [one.period.first for one in found.days] == [day("2024-06-03"), day("2024-06-04"), day("2024-06-05")]
    monday = found.days[0]
    assert (monday.actual.sessions, monday.actual.visitors, monday.actual.conversion) == (2, 1, Decimal("0.5"))
    assert (monday.actual.transactions, monday.actual.demand, monday.actual.aov) == (1, 10, 10)
    assert (monday.year_before.transactions, monday.plan) == (1, {"net_sales": 100})
    assert [one.is_partial for one in found.days] == [False, False, True]
    assert found.to_date is not None
    assert (found.to_date.actual.demand, found.to_date.actual.upt, found.to_date.plan) == (40, 2, {"net_sales": 200})


@pytest.mark.parametrize(
    ("viewed", "account", "sku", "part"),
    [
        ("2024-06-10T08:00", "A1", "X", 1),
        ("2024-05-11T08:00", "A1", "X", 1),
        ("2024-05-10T08:00", "A1", "X", 0),
        ("2024-06-10T10:00", "A1", "X", 0),
        ("2024-06-09T08:00", "A2", "X", 0),
        ("2024-06-09T08:00", "A1", "Y", 0),
    ],
)
def test_researched_online_and_bought_offline(viewed: str, account: str, sku: str, part: int) -> None:
    rows = [order("O1", "2024-06-10T09:00", "phone", line(sku="X")), order("O2", "2024-06-10T09:00", "edi")]
    views = [event("E1", viewed, "product_view", object_id=sku, account_id=account)]
    found = ropo(book(rows, events=views), YEAR)
    assert (found.part, found.whole) == (part, 1)


def goal(**more: str) -> Goal:
    given = {"baseline": "0.2", "target": "0.6", "start": "2024-07-01", "due": "2025-07-01"} | more
    return Goal(
        "G",
        "adoption.order",
        Decimal(given["baseline"]),
        Decimal(given["target"]),
        day(given["start"]),
        day(given["due"]),
    )


@pytest.mark.parametrize(
    ("more", "current", "today", "status"),
    [
        ({}, "0.9", "2024-07-01", "not_started"),
        ({}, None, "2025-01-01", "no_data"),
        ({"target": "0.2"}, "0.3", "2025-01-01", "no_data"),
        ({}, "0.6", "2024-07-02", "achieved"),
        ({}, "0.6", "2026-01-01", "achieved"),
        ({}, "0.5", "2025-07-02", "overdue"),
        ({}, "0.5", "2025-07-01", "off_track"),
        ({}, "0.52", "2025-07-01", "at_risk"),
        ({}, "0.41", "2024-12-31", "on_track"),
        ({"baseline": "20", "target": "2"}, "1", "2025-01-01", "achieved"),
        ({"baseline": "20", "target": "2"}, "10", "2024-12-31", "on_track"),
        ({"start": "2025-01-01", "due": "2025-01-01"}, "0.3", "2025-01-02", "overdue"),
    ],
)
def test_the_status_of_a_goal(more: dict[str, str], current: str | None, today: str, status: str) -> None:
    value = None if current is None else Decimal(current)
    assert state_of(goal(**more), current=value, today=day(today)).status == status


def test_a_goal_reads_the_last_complete_month_unless_it_names_a_period() -> None:
    rows = [order("O1", "2024-11-10T10:00"), order("O2", "2024-12-10T10:00"), order("O3", "2024-12-11T10:00", "phone")]
    assert goal_state(book(rows), goal()).current == Decimal("0.5")
    assert goal_state(book(rows), goal(), period=days("2024-11-01", "2024-11-30")).current == 1


def test_a_goal_about_nothing_we_know_has_no_data() -> None:
    unknown = Goal("G", "adoption.ordr", Decimal(0), Decimal(1), day("2024-01-01"), day("2025-01-01"))
    assert goal_state(book(), unknown).status == "no_data"


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_a_goal_can_name_has_an_answer_without_facts(name: str) -> None:
    assert METRICS[name](book(), YEAR) in (None, 0)


def test_the_ninetieth_percentile_is_by_nearest_rank() -> None:
    assert Spread(tuple(map(Decimal, range(1, 11)))).p90 == 9
    assert Spread(tuple(map(Decimal, range(1, 12)))).p90 == 10
    assert (Spread((Decimal(7),)).p90, Spread(()).p90, Spread(()).median) == (7, None, None)


def test_a_quote_is_late_once_its_business_minutes_are_over() -> None:
    def state(as_of: str, answered: str | None = None) -> dict[str, int]:
        asked = Quote("Q", "A1", at("2024-06-07T16:00+02:00"), first_response_at=at(answered) if answered else None)
        return {name: len(ids) for name, ids in quotes(book(quotes=[asked], as_of=as_of), YEAR).sla.items()}

    assert state("2024-06-10T11:00+02:00") == {"met": 0, "breached": 0, "pending": 1}
    assert state("2024-06-10T11:00:01+02:00") == {"met": 0, "breached": 1, "pending": 0}
    assert state("2025-01-01T00:00+01:00", "2024-06-10T11:00+02:00") == {"met": 1, "breached": 0, "pending": 0}
    assert state("2025-01-01T00:00+01:00", "2024-06-10T11:00:01+02:00") == {"met": 0, "breached": 1, "pending": 0}


def test_a_quote_becomes_an_order_by_either_sides_word() -> None:
    asked = [Quote(f"Q{n}", "A1", at("2024-06-01T10:00"), order_id="O1" if n == 1 else "") for n in (1, 2, 3)]
    rows = [order("O1", "2024-06-05T10:00"), order("O2", "2024-08-30T09:59", quote_id="Q2")]
    late = order("O3", "2024-08-30T10:00", quote_id="Q3")
    assert quotes(book([*rows, late], quotes=asked), YEAR).to_order.part_rows == ("Q1", "Q2")


def test_one_order_satisfies_one_call_even_from_before_the_period() -> None:
    calls = [Enquiry(f"N{n}", "A1", at(f"2024-06-0{n}T08:00"), "phone", "product", "sales") for n in (1, 2)]
    found = book([order("O1", "2024-06-03T08:00", "phone")], enquiries=calls)
    assert conversion(found, days("2024-06-02", "2024-06-30")).offline["phone"].part == 0
    assert conversion(found, days("2024-06-01", "2024-06-30")).offline["phone"].part_rows == ("N1",)


@pytest.mark.parametrize(("placed", "part"), [("2024-06-08T23:59+02:00", 1), ("2024-06-09T00:00+02:00", 0)])
def test_a_contact_is_converted_on_its_date_or_seven_days_after(placed: str, part: int) -> None:
    call = Enquiry("N1", "A1", at("2024-06-01T23:00+02:00"), "visit", "price", "sales")
    found = book([order("O1", placed, "rep")], enquiries=[call])
    assert conversion(found, YEAR).offline["rep"].part == part


def test_revenue_of_a_lead_goes_to_the_earliest_kept_one() -> None:
    given = [
        Lead("L1", at("2024-06-01T10:00"), "web", " A@x.example ", "A1"),
        Lead("L2", at("2024-08-30T09:59"), "fair", "a@X.example", "A1"),
        Lead("L3", at("2024-08-30T10:00"), "fair", "a@x.example", "A1"),
    ]
    rows = [order("O1", "2024-06-01T10:00"), order("O2", "2024-11-28T10:00"), order("O3", "2024-11-28T10:01")]
    found = leads(book(rows, leads=given), YEAR)
    assert {source: (one.leads, one.revenue) for source, one in found.by_source.items()} == {
        "web": (("L1",), 20),
        "fair": (("L3",), 0),
    }
    assert (found.overall.per_lead, found.repeated) == (10, 1)


def test_enquiries_are_compared_with_the_month_before() -> None:
    calls = [Enquiry(f"N{n}", "A1", at(f"2024-0{n}-01T10:00"), "fax", "return", "service") for n in (5, 6)]
    rows = [order("O1", "2024-05-02T10:00"), order("O2", "2024-06-02T10:00"), order("O3", "2024-06-03T10:00")]
    june, may = days("2024-06-01", "2024-06-30"), days("2024-05-01", "2024-05-31")
    assert june.before() == may
    now, before = (offline_enquiries(book(rows, enquiries=calls), one) for one in (june, may))
    assert (now.per_100_orders, before.per_100_orders, now.trend_since(before)) == (50, 100, Decimal("-0.5"))


def test_a_delivery_is_on_time_within_the_tolerance_and_counts_when_it_arrived() -> None:
    row = order("O1", "2024-06-01T10:00", "phone", line(4, 10, promised_on=day("2024-06-10")))
    parts = [
        Delivery("D1", "O1", "1", Decimal(3), day("2024-06-05"), day("2024-06-06")),
        Delivery("D2", "O1", "1", Decimal(1), day("2024-06-09"), day("2024-06-11")),
    ]
    assert delivery(book([row], deliveries=parts), YEAR).otd.value == 0
    patient = book([row], deliveries=parts, settings=Settings(delivery_tolerance_days=1))
    assert delivery(patient, YEAR).otd.value == 1
    early = book([row], deliveries=parts, as_of="2024-06-11T12:00+02:00")
    assert (missing(early, YEAR).total.missing, missing(early, YEAR).total.overdue) == (1, 1)
    assert missing(early, YEAR).rows == ("O1/1",)


def test_the_last_answer_of_a_person_in_a_session_wins_and_nonsense_is_left_out() -> None:
    events = [
        event("E1", "2024-06-01T10:00", "survey_prompted", props={"survey": "nps"}),
        event("E2", "2024-06-01T10:01", "survey_answered", props={"survey": "nps", "score": 3}),
        event("E3", "2024-06-01T10:02", "survey_answered", props={"survey": "nps", "score": "9"}),
        event("E4", "2024-06-02T10:02", "survey_answered", session_id="S2", props={"survey": "nps", "score": 11}),
        event("E5", "2024-06-02T10:02", "survey_answered", session_id="S3", props={"survey": "exit", "found": "no"}),
    ]
    found = surveys(book(events=events), YEAR)
    assert (found["nps"].scores, found["nps"].nps, found["nps"].response) == (("9",), 100, 1)
    assert found["nps"].excluded == {"changed later": 1, "no such answer": 1}
    assert (found["exit"].share("no"), found["exit"].response) == (1, None)


@pytest.mark.parametrize(
    ("share", "band"), [("0.249", "dormant"), ("0.25", "starting"), ("0.5", "adopting"), ("0.75", "adopted")]
)
def test_the_bands_of_the_score(share: str, band: str) -> None:
    assert Score({"orders": Decimal(share), "logins": Decimal(share), "service": None, "breadth": None}).band == band


def test_settings_that_differ_are_told() -> None:
    assert Settings(sla_minutes=60).differences() == {"sla_minutes": (60, 240)}


def test_a_period_knows_the_one_before_it() -> None:
    assert days("2024-01-01", "2024-12-31").before() == days("2023-01-01", "2023-12-31")
    assert days("2024-04-01", "2024-06-30").before() == days("2024-01-01", "2024-03-31")
    assert days("2024-01-01", "2024-01-31").before() == days("2023-12-01", "2023-12-31")
    assert days("2024-02-01", "2024-04-30").before() == days("2023-11-03", "2024-01-31")
