"""The edge table of the definitions: each row is a test."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from adoption.metrics import channel
from adoption.metrics.adoption import adoption
from adoption.metrics.alerts import alerts, next_leak_state
from adoption.metrics.channels import channel_retention, migration
from adoption.metrics.conversion import revenue
from adoption.metrics.facts import Calendar, Cost, InvoiceLine, Quote, Settings
from adoption.metrics.finance import finance
from adoption.metrics.hours import hour_class, off_hours
from adoption.metrics.lifecycle import cohorts, returning
from adoption.metrics.logins import strategic_logins
from adoption.metrics.pnl import in_cents, pnl
from adoption.metrics.quotes import business_minutes
from adoption.metrics.service import invoice_searches, invoices_paid_online, tracking
from tests.adoption.metrics.builders import account, at, book, day, days, event, invoice, line, order

YEAR = days("2024-01-01", "2024-12-31")


def test_an_order_at_2359_for_the_buyer_belongs_to_the_companys_next_day() -> None:
    mexican = account(timezone="America/Mexico_City")
    found = book([order("O1", "2024-10-31T23:59-06:00")], accounts=[mexican])
    assert [one.placed_on for one in found.orders] == [day("2024-11-01")]
    assert adoption(found, days("2024-10-01", "2024-10-31")).order.whole == 0
    assert adoption(found, days("2024-11-01", "2024-11-30")).order.whole == 1


def test_off_hours_uses_the_buyers_clock_and_the_companys_period() -> None:
    mexican = account(timezone="America/Mexico_City")
    found = book([order("O1", "2024-10-31T17:30-06:00"), order("O2", "2024-10-31T23:59-06:00")], accounts=[mexican])
    assert off_hours(found, days("2024-11-01", "2024-11-01")).classes == {"after_close": ("O2",), "in_hours": ("O1",)}


def test_both_half_past_two_of_an_autumn_night_are_different_instants() -> None:
    twice = [
        event("E1", "2024-10-27T02:30+02:00", "invoice_searched", props={"query": "x"}),
        event("E2", "2024-10-27T02:30+01:00", "invoice_searched", props={"query": "x"}),
    ]
    assert invoice_searches(book(events=twice), YEAR).total == 2


@pytest.mark.parametrize(
    ("night", "minutes"), [("2024-10-27", 420), ("2024-03-31", 300), ("2024-06-02", 360)], ids=["longer", "shorter", ""]
)
def test_business_minutes_are_real_minutes_when_clocks_change(night: str, minutes: int) -> None:
    nights = Calendar({7: ((dt.time(0), dt.time(6)),)})
    asked = at(f"{night}T00:00+00:00") - dt.timedelta(hours=12)
    quote = Quote("Q1", "A1", asked, first_response_at=asked + dt.timedelta(days=2))
    assert business_minutes(book(calendars={"HQ": nights}), quote) == minutes


def test_a_missing_local_midnight_does_not_move_a_date() -> None:
    """On 8 September 2024 Santiago goes from 23:59:59 to 01:00: midnight of that day never was."""
    sunday = dt.datetime(2024, 9, 8, tzinfo=dt.UTC) + dt.timedelta(hours=4)
    rows = [
        order("O1", (sunday - dt.timedelta(seconds=1)).isoformat()),
        order("O2", sunday.isoformat(), "phone", time_known=False),
    ]
    found = book(rows, zone="America/Santiago", as_of="2024-09-09T03:00")
    assert [one.placed_on for one in found.orders] == [day("2024-09-07"), day("2024-09-08")]
    assert found.today == day("2024-09-09")
    assert adoption(found, days("2024-09-08", "2024-09-08")).order.whole == 1


def test_days_are_dates_and_not_blocks_of_24_hours() -> None:
    """60 days after 1 September end on 31 October, though a clock change lies between."""
    rows = [
        order("O1", "2024-08-31T12:00+02:00", "phone"),
        order("O2", "2024-09-01T00:10+02:00"),
        order("O3", "2024-10-31T23:50+01:00"),
    ]
    assert channel_retention(book(rows), YEAR, horizon_days=60).retained == ("A1",)
    later = [*rows[:2], replace(rows[2], placed_at=at("2024-11-01T00:00+01:00"))]
    assert channel_retention(book(later), YEAR, horizon_days=60).inactive == ("A1",)


@pytest.mark.parametrize(("before", "is_migrated"), [("2023-06-02", True), ("2023-06-01", False)])
def test_first_order_offline_and_later_online_is_migrated_within_365_days(before: str, *, is_migrated: bool) -> None:
    rows = [order("O1", f"{before}T10:00", "phone"), order("O2", "2024-06-01T10:00"), order("O3", "2024-06-20T10:00")]
    found = channel_retention(book(rows), YEAR)
    assert (found.retained == ("A1",)) is is_migrated


def test_who_orders_online_first_is_native() -> None:
    rows = [order("O1", "2023-06-01T10:00"), order("O2", "2023-06-20T10:00", "phone"), order("O3", "2023-07-01T10:00")]
    found, before = book(rows), days("2023-01-01", "2023-12-31")
    assert [one.accounts for one in cohorts(found, within=before)] == [("A1",)]
    assert returning(found, before).returned == ("A1",)
    assert migration(found, before).whole == 0
    assert channel_retention(found, before).rate.whole == 0


def test_online_and_then_back_to_the_phone_is_leaked_and_alerted() -> None:
    rows = [order("O0", "2024-03-01T10:00", "phone")]
    rows += [order(f"W{n}", f"2024-0{n}-10T10:00") for n in (5, 6, 7)]
    rows += [order(f"P{n}", f"2024-{n}-10T10:00", "phone") for n in (10, 11, 12)]
    found = book(rows)
    assert alerts(found).channel_leak["A1"].severity == 30
    assert alerts(found).channel_leak["A1"].offline_orders == ("P10", "P11", "P12")
    assert channel_retention(found, YEAR, horizon_days=220).leaked == ("A1",)
    assert channel_retention(found, YEAR, horizon_days=60).retained == ("A1",)


def test_back_online_after_half_a_year_is_reactivated() -> None:
    rows = [order("O1", "2024-06-04T10:00"), order("O2", "2024-12-01T10:00")]
    assert alerts(book(rows)).reactivated == ("A1",)
    sooner = [order("O1", "2024-06-05T10:00"), order("O2", "2024-12-01T10:00")]
    assert alerts(book(sooner)).reactivated == ()


def test_a_leak_stays_open_until_half_of_the_orders_are_online_again() -> None:
    settings = Settings(leak_recent_days=30, leak_baseline_days=60, leak_min_online=1, leak_min_recent=1)
    rows = [order("W1", "2024-11-01T10:00"), order("P1", "2024-12-10T10:00", "phone")]
    first = next_leak_state(frozenset(), alerts(book(rows, settings=settings)), clear_share=settings.leak_clear_share)
    assert (first.fired, first.still_open) == ({"A1"}, {"A1"})
    again = next_leak_state(
        first.still_open, alerts(book(rows, settings=settings)), clear_share=settings.leak_clear_share
    )
    assert (again.fired, again.still_open) == (set(), {"A1"})
    better = alerts(book([*rows, order("W2", "2024-12-20T10:00")], settings=settings))
    cleared = next_leak_state(first.still_open, better, clear_share=settings.leak_clear_share)
    assert (cleared.cleared, cleared.still_open) == ({"A1"}, set())


def test_from_the_shop_to_edi_is_no_leak_and_no_churn() -> None:
    rows = [order(f"W{n}", f"2024-0{n}-10T10:00") for n in (5, 6, 7)]
    rows += [order(f"E{n}", f"2024-{n}-10T10:00", "edi") for n in (10, 11, 12)]
    found = alerts(book(rows))
    assert (found.channel_leak, found.churn_risk) == ({}, ())


def test_who_orders_nothing_any_more_is_a_churn_risk() -> None:
    rows = [order(f"W{n}", f"2024-0{n}-10T10:00") for n in (5, 6, 7)]
    assert alerts(book(rows)).churn_risk == ("A1",)
    gone = [account(until="2024-12-30")]
    assert alerts(book(rows, accounts=gone)).churn_risk == ()


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        ("2024-06-30", None, 1),
        ("2024-07-01", None, 0),
        ("2020-01-01", "2024-06-01", 1),
        ("2020-01-01", "2024-05-31", 0),
    ],
)
def test_one_enabled_day_of_the_period_is_enough(since: str, until: str | None, counts: int) -> None:
    """Orders before that day count as that account's orders."""
    found = book([order("O1", "2024-06-02T10:00", "phone")], accounts=[account(since=since, until=until)])
    june = adoption(found, days("2024-06-01", "2024-06-30"))
    assert (june.penetration.whole, june.order.whole) == (counts, counts)


def test_an_order_cancelled_later_leaves_its_period_and_stays_in_demand() -> None:
    row = order("O1", "2024-06-02T10:00", "web_self", line(2, 10, list_price=Decimal(10)))
    june = days("2024-06-01", "2024-06-30")
    assert (adoption(book([row]), june).order.whole, finance(book([row]), june).demand) == (1, 20)
    cancelled = book([replace(row, status="cancelled")])
    assert (adoption(cancelled, june).order.whole, finance(cancelled, june).demand) == (0, 20)


def test_a_cancelled_quantity_stays_in_demand_and_leaves_the_value() -> None:
    found = book([order("O1", "2024-06-02T10:00", "web_self", line(10, 20, cancelled=4))])
    assert (found.orders[0].value, found.orders[0].units) == (120, 6)
    assert finance(found, YEAR).demand == 200


def test_a_return_in_a_later_period_lowers_the_net_of_that_period_in_the_orders_channel() -> None:
    papers = [
        invoice("I1", "2024-06-03", "100", order_id="O1"),
        invoice("C1", "2024-08-03", "30", order_id="O1", kind="credit"),
    ]
    found = book([order("O1", "2024-06-02T10:00", "phone")], invoices=papers)
    june, august = days("2024-06-01", "2024-06-30"), days("2024-08-01", "2024-08-31")
    assert (finance(found, june).sales.net, finance(found, august).sales.net) == (100, -30)
    assert finance(found, august).by_channel["phone"].returns == 30
    assert adoption(found, june).order.whole == 1


def test_one_shop_order_in_two_erp_orders_is_one_order_with_both_values() -> None:
    rows = [
        order("O1", "2024-06-02T10:00", "web_self", line(10, 20), shop_ref="W1"),
        order("O2", "2024-06-02T10:00:05", "web_self", line(5, 4), shop_ref="W1"),
    ]
    found = book(rows)
    assert [(one.key, one.value, one.units) for one in found.orders] == [("W1", 220, 15)]
    half = book([replace(rows[0], status="cancelled"), rows[1]])
    assert [(one.key, one.value, one.units) for one in half.orders] == [("W1", 20, 5)]


def test_an_order_imported_from_the_erp_that_the_shop_sent_is_counted_once_and_stays_web_self() -> None:
    rows = [
        order("O1", "2024-06-01T22:00", "rep", shop_ref="W1", from_shop=False, time_known=False),
        order("S1", "2024-06-02T10:00", "web_self", line(1, 0), shop_ref="W1"),
    ]
    found = book(rows).orders
    assert [(one.key, one.channel, one.value) for one in found] == [("W1", "web_self", 10)]
    assert (found[0].time_known, found[0].placed_at) == (True, at("2024-06-02T10:00"))


def test_an_approved_order_counts_with_the_submitters_time_and_channel() -> None:
    submitted = order("S1", "2024-05-31T21:00", shop_ref="W1", status="draft", submitted_by="U1")
    may = days("2024-05-01", "2024-05-31")
    assert adoption(book([submitted]), may).order.whole == 0
    released = order("O1", "2024-06-03T08:00", "rep", shop_ref="W1", from_shop=False)
    found = book([submitted, released])
    assert [(one.placed_on, one.channel) for one in found.orders] == [(day("2024-05-31"), "web_self")]
    assert adoption(found, may).order.part == 1


def test_a_rejected_order_counts_nowhere() -> None:
    found = book([order("O1", "2024-06-02T10:00", status="rejected")])
    assert (found.orders, finance(found, YEAR).demand) == ((), 0)


def test_history_of_a_merged_account_moves_to_the_survivor() -> None:
    rows = [order("O1", "2023-06-02T10:00", account_id="OLD"), order("O2", "2024-06-02T10:00")]
    assert [one.accounts for one in cohorts(book(rows), within=YEAR)] == [("A1",)]
    merged = book([replace(one, account_id="A1") for one in rows])
    assert cohorts(merged, within=YEAR) == []


def test_a_sample_at_no_price_is_an_order_and_adds_nothing() -> None:
    found = adoption(book([order("O1", "2024-06-02T10:00", "web_self", line(1, 0))]), YEAR)
    assert (found.order.part, found.revenue.whole, found.revenue.value) == (1, 0, None)


def test_papers_without_an_order_are_unattributed() -> None:
    papers = [invoice("I1", "2024-06-03", "100"), invoice("C1", "2024-06-04", "30", kind="credit", order_id="GONE")]
    found = finance(book(invoices=papers), YEAR)
    assert list(found.by_channel) == ["unattributed"]
    assert found.sales.net == 70


def test_activity_of_a_buyer_with_two_accounts_belongs_to_the_active_one() -> None:
    two = [account(is_strategic=True), account("A2", is_strategic=True)]
    events = [
        event("E1", "2024-06-01T10:00", "login"),
        event("E2", "2024-06-02T10:00", "login", account_id="A2", session_id="S2"),
    ]
    found = strategic_logins(book(accounts=two, events=events), YEAR)
    assert [(key, one.logins) for key, one in found.items()] == [("A1", 1), ("A2", 1)]


def test_a_channel_with_negative_net_is_shown_and_takes_no_shared_cost() -> None:
    papers = [
        invoice("I1", "2024-06-03", "100", order_id="O1"),
        invoice("C1", "2024-06-04", "30", order_id="O2", kind="credit"),
    ]
    rows = [order("O1", "2024-06-02T10:00"), order("O2", "2024-06-02T10:00", "phone")]
    shared = [Cost(day("2024-06-01"), "shared", "it", Decimal("10.01"), "EUR")]
    found = pnl(book(rows, invoices=papers, costs=shared), YEAR)
    assert (found.channels["phone"].sales.net, found.channels["phone"].shared) == (-30, 0)
    assert found.channels["web_self"].shared == Decimal("10.01")
    assert in_cents(found)["total"]["contribution"] == Decimal("70.00") - 0 - Decimal("10.01")


def test_shared_cost_stays_visible_when_nobody_sold_anything() -> None:
    shared = [Cost(day("2024-06-01"), "shared", "it", Decimal("10.01"), "EUR")]
    found = pnl(book(costs=shared), YEAR)
    assert (found.channels["unattributed"].shared, found.total.shared) == (Decimal("10.01"), Decimal("10.01"))


def test_counts_need_ids_only_and_survive_a_new_name_for_a_person() -> None:
    events = [event("E1", "2024-06-01T10:00", "login"), event("E2", "2024-06-01T11:00", "login")]
    strategic = [account(is_strategic=True)]
    before = strategic_logins(book(accounts=strategic, events=events), YEAR)
    erased = [replace(one, user_id="erased-7") for one in events]
    assert strategic_logins(book(accounts=strategic, events=erased), YEAR) == before


@pytest.mark.parametrize(
    ("clock", "name"),
    [
        ("08:59:59", "before_open"),
        ("09:00:00", "in_hours"),
        ("13:59:59", "in_hours"),
        ("14:00:00", "after_close"),
        ("15:00:00", "in_hours"),
        ("17:59:59", "in_hours"),
        ("18:00:00", "after_close"),
    ],
)
def test_opening_hours_begin_in_and_end_out_and_lunch_is_closed(clock: str, name: str) -> None:
    lunch = Calendar({3: ((dt.time(9), dt.time(14)), (dt.time(15), dt.time(18)))})
    found = book([order("O1", f"2024-06-05T{clock}+02:00")], calendars={"HQ": lunch})
    assert hour_class(found, found.orders[0]) == name


def test_a_holiday_is_a_holiday_even_on_a_sunday_and_by_the_customers_calendar() -> None:
    own = Calendar({day: ((dt.time(9), dt.time(18)),) for day in range(1, 6)}, frozenset({day("2024-06-02")}))
    found = book(
        [order("O1", "2024-06-02T10:00"), order("O2", "2024-06-09T10:00")],
        accounts=[account(calendar="MX", timezone="America/Mexico_City")],
        calendars={"HQ": Calendar(), "MX": own},
    )
    assert [hour_class(found, one) for one in found.orders] == ["holiday", "weekend"]


def test_a_date_without_a_time_counts_everywhere_but_in_off_hours() -> None:
    found = book([order("O1", "2024-06-01T22:00", time_known=False)])
    assert adoption(found, YEAR).order.part == 1
    hours = off_hours(found, YEAR)
    assert (hours.share.value, hours.time_unknown) == (None, 1)


def test_an_amount_without_a_rate_leaves_both_sides_and_the_order_still_counts() -> None:
    rows = [order("O1", "2024-06-01T10:00", currency="JPY"), order("O2", "2024-06-03T10:00", "phone", currency="JPY")]
    rates = {"JPY": [(day("2024-06-02"), Decimal("0.5"))]}
    found = adoption(book(rows, rates=rates), YEAR)
    assert (found.order.value, found.order.whole) == (Decimal("0.5"), 2)
    assert (found.revenue.part, found.revenue.whole, found.unconverted_orders) == (0, 5, 1)
    assert found.revenue.excluded["no exchange rate"] == 1


def test_a_channel_of_which_no_order_has_a_rate_is_there_with_zero() -> None:
    rows = [order("O1", "2024-06-01T10:00"), order("O2", "2024-06-03T10:00", "phone", currency="JPY")]
    papers = [
        invoice("I1", "2024-06-03", "100", order_id="O1"),
        invoice("I2", "2024-06-03", "99", order_id="O2", currency="JPY"),
    ]
    found = book(rows, invoices=papers)
    assert (revenue(found, YEAR).by_channel, revenue(found, YEAR).share("phone")) == ({"phone": 0, "web_self": 10}, 0)
    money = finance(found, YEAR)
    assert (money.by_channel["phone"].net, money.sales.net, money.unconverted_invoices) == (0, 100, 1)
    assert (money.demand, money.unconverted_orders, money.invoices) == (10, 1, ("I1",))


def test_a_rate_is_looked_up_backwards_never_forwards() -> None:
    rates = {"JPY": [(day("2024-06-10"), Decimal(3)), (day("2024-06-01"), Decimal(2))]}
    found = book(rates=rates)
    looked_up = [found.rate("JPY", day(text)) for text in ("2024-05-31", "2024-06-01", "2024-06-09", "2024-06-10")]
    assert looked_up == [None, 2, 2, 3]


def test_tests_count_nowhere() -> None:
    rows = [order("O1", "2024-06-02T10:00", is_test=True), order("O2", "2024-06-02T10:00", account_id="T")]
    papers = [invoice("I1", "2024-06-03", "100", order_id="O1"), invoice("I2", "2024-06-03", "9", account_id="T")]
    found = book(rows, invoices=papers, accounts=[account(), account("T", is_test=True)])
    assert (found.orders, finance(found, YEAR).sales.gross) == ((), 0)
    assert adoption(found, YEAR).penetration.excluded == {"test account": 1}


def test_missing_cost_hides_the_margin_and_is_never_zero() -> None:
    papers = [invoice("I1", "2024-06-03", "100"), invoice("I2", "2024-06-03", "50", unit_cost=None)]
    found = finance(book(invoices=papers), YEAR).sales
    assert (found.net, found.cogs, found.gm, found.gm_pct, found.uncosted_lines) == (150, None, None, None, 1)
    table = in_cents(pnl(book(invoices=papers), YEAR))
    assert (table["total"]["gm"], table["total"]["net"]) == (None, Decimal("150.00"))


def test_tracking_ends_90_times_24_hours_after_the_order() -> None:
    row = order("O1", "2024-06-01T10:00", shop_ref="W1")
    last = event("E1", "2024-08-30T09:59:59", "order_tracked", object_id="W1")
    late = event("E1", "2024-08-30T10:00:00", "order_tracked", object_id="W1")
    other = event("E1", "2024-06-02T10:00", "order_tracked", object_id="W1", account_id="A2")
    tracked = [tracking(book([row], events=[one]), YEAR).overall.part for one in (last, late, other)]
    assert tracked == [1, 0, 0]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"entry": "shop", "submitter_role": "buyer", "is_impersonated": True}, ("web_assisted", 1)),
        ({"entry": "shop", "via": "punchout", "submitter_role": "buyer"}, ("punchout", 2)),
        ({"entry": "shop", "submitter_role": "buyer"}, ("web_self", 3)),
        ({"entry": "shop", "submitter_role": "rep"}, ("web_assisted", 4)),
        ({"entry": "erp", "erp_source": "counter"}, ("counter", 5)),
        ({"entry": "erp", "erp_source": "fax"}, ("erp_other", 6)),
        ({"entry": "erp"}, ("erp_other", 6)),
    ],
)
def test_the_first_rule_that_matches_decides_the_channel(given: dict[str, object], wanted: tuple[str, int]) -> None:
    blank = {"erp_source": "", "via": "", "submitter_role": "", "is_impersonated": False}
    assert channel.decide(**{**blank, **given}) == wanted  # type: ignore[arg-type]  # the table above is the type


def test_a_period_in_the_future_has_no_shares_and_one_that_ends_before_it_begins_is_refused() -> None:
    found = adoption(book([order("O1", "2024-06-02T10:00")]), days("2030-01-01", "2030-12-31"))
    assert (found.customer.value, found.order.value, found.penetration.value) == (None, None, 0)
    with pytest.raises(ValueError, match="ends before it begins"):
        days("2024-02-01", "2024-01-31")


def test_the_shops_own_discount_is_a_discount_and_no_negative_sale() -> None:
    """An offer is a line of the order and of its invoice (C11, M20); taken back with the goods it is no money back."""
    less = line(1, "-3.75", kind="discount")
    bought = order("O1", "2024-03-04T10:00", "web_self", line(3, 20), less)
    goods, offer = (
        InvoiceLine("goods", Decimal(3), Decimal(20), Decimal(20), Decimal(12), order_id="O1", line_no="1"),
        InvoiceLine("discount", Decimal(1), Decimal("-3.75"), Decimal(0), None, order_id="O1", line_no="2"),
    )
    billed = replace(invoice("F1", "2024-03-05", "0", order_id="O1"), lines=(goods, offer))
    back = replace(billed, invoice_id="F2", kind="credit", invoiced_on=day("2024-04-02"))
    found = book([bought], invoices=[billed, back])
    assert [one.value for one in found.orders] == [Decimal("56.25")]
    march = finance(found, days("2024-03-01", "2024-03-31"))
    assert march.demand == Decimal("56.25")
    assert (march.sales.gross, march.sales.discounts, march.sales.net) == (60, Decimal("3.75"), Decimal("56.25"))
    assert (march.sales.gm, march.sales.uncosted_lines) == (Decimal("20.25"), 0)
    assert march.by_channel["web_self"].discounts == Decimal("3.75")
    assert finance(found, YEAR).sales.net == 0


def test_an_invoice_of_today_or_later_is_not_paid_yet_though_its_money_came() -> None:
    """C2 ignores invoices that are not dated before today, for every metric."""
    paid = at("2024-06-10T09:00+02:00")
    invoices = [invoice(f"I{on}", f"2024-06-{on}", "10", paid_at=paid) for on in ("09", "10", "11")]
    for as_of, count in (("2024-06-10T12:00+02:00", 1), ("2024-06-11T12:00+02:00", 2), ("2024-06-12T00:00+02:00", 3)):
        assert invoices_paid_online(book(as_of=as_of, invoices=invoices), YEAR).count.whole == count
