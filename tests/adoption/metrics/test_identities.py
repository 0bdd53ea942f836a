"""What must hold whatever the facts are: parts add up, levels agree, order and repetition do not matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from adoption.metrics.adoption import adoption
from adoption.metrics.book import Book
from adoption.metrics.conversion import revenue
from adoption.metrics.daily import figures
from adoption.metrics.facts import Calendar, Cost, Invoice, InvoiceLine, OrderLine, OrderRow, Period
from adoption.metrics.finance import finance
from adoption.metrics.hours import off_hours
from adoption.metrics.plan import iso_week, phased
from adoption.metrics.pnl import in_cents, pnl
from adoption.metrics.rounding import adding_up, apportioned, to_cents
from adoption.metrics.shapes import period_report
from tests.adoption.metrics.builders import account, book, day, days

YEAR = days("2024-01-01", "2024-12-31")
CHANNELS = ("web_self", "punchout", "web_assisted", "edi", "phone", "erp_other")
ZONES = ("Europe/Madrid", "America/Santiago", "Asia/Tokyo", "Pacific/Apia", "America/St_Johns", "Africa/Cairo")
CURRENCIES = ("EUR", "USD", "JPY")
RATES = {
    "USD": [
        (day("2024-02-01"), Decimal("0.91273")),
        (day("2024-08-01"), Decimal("0.88")),
    ]
}
ACCOUNTS = [account(), account("A2", since="2024-06-01"), account("A3", since=None), account("T", is_test=True)]

amounts = some.decimals(min_value=0, max_value=9999, places=4)
counts = some.decimals(min_value=0, max_value=99, places=1)
seconds = some.integers(min_value=1_703_894_400, max_value=1_735_862_400)  # 30 December 2023 to 3 January 2025
instants = seconds.map(lambda one: dt.datetime.fromtimestamp(one, dt.UTC))
dates = some.dates(min_value=YEAR.first, max_value=YEAR.last)
keys = some.sampled_from([one.account_id for one in ACCOUNTS])


@some.composite
def lines(draw: some.DrawFn) -> OrderLine:
    ordered = draw(counts)
    kind = draw(some.sampled_from(["goods", "goods", "service", "discount", "freight"]))
    cancelled = min(ordered, draw(counts))
    return OrderLine(kind, ordered, cancelled, draw(amounts), line_no="1")


@some.composite
def order_rows(draw: some.DrawFn) -> list[OrderRow]:
    made = draw(some.lists(some.tuples(instants, some.lists(lines(), min_size=1, max_size=3)), max_size=12))
    return [
        OrderRow(
            order_id=f"O{number}",
            shop_ref=draw(some.sampled_from(["", "", "W1", "W2"])),
            account_id=draw(keys),
            channel=draw(some.sampled_from(CHANNELS)),
            placed_at=at,
            status=draw(some.sampled_from(["open", "completed", "completed", "cancelled", "draft", "rejected"])),
            currency=draw(some.sampled_from(CURRENCIES)),
            lines=tuple(own),
            time_known=draw(some.booleans()),
            from_shop=draw(some.booleans()),
        )
        for number, (at, own) in enumerate(made)
    ]


@some.composite
def documents(draw: some.DrawFn) -> list[Invoice]:
    made = draw(some.lists(some.tuples(dates, amounts, amounts, counts), max_size=12))
    return [
        Invoice(
            f"I{number}",
            draw(keys),
            draw(some.sampled_from(["invoice", "invoice", "credit"])),
            draw(some.sampled_from(CURRENCIES)),
            invoiced_on=on,
            order_id=draw(some.sampled_from(["", "O0", "O1", "O2", "O3", "gone"])),
            lines=(InvoiceLine("goods", count, net, net + 1, cost, line_no="1"),),
        )
        for number, (on, net, cost, count) in enumerate(made)
    ]


costs = some.lists(
    some.builds(
        Cost,
        on=dates,
        channel=some.sampled_from(["shared", "shared", "web_self", "phone"]),
        kind=some.just("it"),
        amount=some.decimals(min_value=0, max_value=999, places=2),
        currency=some.sampled_from(CURRENCIES),
    ),
    max_size=6,
)


@some.composite
def books(draw: some.DrawFn) -> Book:
    return book(
        draw(order_rows()),
        zone=draw(some.sampled_from(ZONES)),
        accounts=ACCOUNTS,
        rates=RATES,
        invoices=draw(documents()),
        costs=draw(costs),
    )


@given(books())
@settings(max_examples=60, deadline=None)
def test_revenue_shares_add_up_to_one_and_sources_to_online(found: Book) -> None:
    one = revenue(found, YEAR)
    shares = [one.share(channel) for channel in one.by_channel]
    if one.total:
        assert abs(sum((share or Decimal(0) for share in shares), Decimal(0)) - 1) < Decimal("1e-20")
    else:
        assert all(share is None for share in shares)
    online = sum((value for channel, value in one.by_channel.items() if channel in found.settings.online), Decimal(0))
    assert sum(one.online_by_source.values(), Decimal(0)) == online


@given(books())
@settings(max_examples=60, deadline=None)
def test_every_line_of_the_statement_adds_up_to_the_cent(found: Book) -> None:
    statement = pnl(found, YEAR)
    table = in_cents(statement)
    total = table.pop("total")
    for name, amount in total.items():
        assert sum((own[name] or Decimal(0) for own in table.values()), Decimal(0)) == amount
        assert amount is not None
        assert amount == to_cents(amount)
    exact = statement.total
    assert total["net"] == to_cents(exact.sales.net)
    assert total["contribution"] == to_cents(exact.contribution or Decimal(0))


@given(books())
@settings(max_examples=60, deadline=None)
def test_the_channels_of_finance_add_up_to_its_total(found: Book) -> None:
    money = finance(found, YEAR)
    assert sum((one.net for one in money.by_channel.values()), Decimal(0)) == money.sales.net
    months = [Period(dt.date(2024, m, 1), dt.date(2024, m, 28)) for m in range(1, 13)]
    rest = [Period(dt.date(2024, m, 29), _end(m)) for m in range(1, 13)]
    parts = sum((finance(found, one).sales.net for one in (*months, *rest)), Decimal(0))
    assert parts == money.sales.net


def _end(month: int) -> dt.date:
    first = dt.date(2024 + month // 12, month % 12 + 1, 1)
    return first - dt.timedelta(days=1)


@given(books())
@settings(max_examples=60, deadline=None)
def test_leaving_nobody_out_counts_no_less_and_shares_stay_shares(found: Book) -> None:
    some_left, everybody = adoption(found, YEAR), adoption(found, YEAR, with_excluded=True)
    for name in ("customer", "order", "revenue", "penetration"):
        less, more = getattr(some_left, name), getattr(everybody, name)
        assert less.whole <= more.whole
        assert less.part <= more.part
        assert set(less.part_rows) <= set(less.whole_rows) <= set(more.whole_rows)
        assert less.value is None or 0 <= less.value <= 1
    assert some_left.order.part <= some_left.order_with_assisted.part <= some_left.order.whole
    left_out = sum(some_left.penetration.excluded.values())
    assert some_left.penetration.whole + left_out == len(ACCOUNTS)


@given(books(), some.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_and_rows_told_twice_change_nothing(found: Book, mixed: object) -> None:
    rows = [*found.rows, *found.rows]
    papers = [*found.invoices, *found.invoices]
    mixed.shuffle(rows)  # type: ignore[attr-defined]  # a random.Random, which has no public type here
    mixed.shuffle(papers)  # type: ignore[attr-defined]  # the same
    assert period_report(replace(found, rows=rows, invoices=papers), YEAR) == period_report(found, YEAR)


@given(books())
@settings(max_examples=30, deadline=None)
def test_the_days_of_a_period_add_up_to_it(found: Book) -> None:
    june = days("2024-06-01", "2024-06-30")
    one_by_one = [figures(found, Period(on, on)) for on in june]
    whole = figures(found, june)
    assert sum(one.transactions for one in one_by_one) == whole.transactions
    assert sum((one.demand for one in one_by_one), Decimal(0)) == whole.demand
    assert sum((one.net for one in one_by_one), Decimal(0)) == whole.net


@given(books())
@settings(max_examples=30, deadline=None)
def test_every_online_order_with_a_time_has_one_class_of_hours(found: Book) -> None:
    hours = off_hours(found, YEAR)
    online = [one for one in found.orders_in(YEAR) if found.is_online(one)]
    assert sum(map(len, hours.classes.values())) + hours.time_unknown == len(online)


@given(
    some.decimals(min_value=-99999, max_value=99_999_999, places=2),
    some.integers(min_value=1990, max_value=2040),
    some.sets(some.integers(min_value=1, max_value=7), min_size=1),
    some.sets(some.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2040, 12, 31)), max_size=30),
    some.none() | some.lists(amounts, min_size=12, max_size=12),
)
@settings(max_examples=80, deadline=None)
def test_every_level_of_a_plan_adds_up_to_the_year(
    amount: Decimal, year: int, weekdays: set[int], closed: set[dt.date], seasons: list[Decimal] | None
) -> None:
    calendar = Calendar({one: ((dt.time(9), dt.time(18)),) for one in weekdays}, frozenset(closed))
    by_month = None if seasons is None else dict(enumerate(seasons, start=1))
    found = phased(amount, year, calendar, by_month)
    assert found.amount == amount
    for level in (found.months().values(), found.quarters(), found.weeks().values(), found.days.values()):
        assert sum(level, Decimal(0)) == amount
    assert len(found.quarters()) == 4
    assert all(not own for on, own in found.days.items() if not calendar.is_business_day(on))
    assert set(found.weeks()) == {iso_week(on) for on in Period(dt.date(year, 1, 1), dt.date(year, 12, 31))}


@given(some.decimals(min_value=-9999, max_value=9999, places=3), some.lists(amounts, min_size=1, max_size=20))
@settings(max_examples=80, deadline=None)
def test_a_split_amount_is_within_a_cent_of_its_exact_part(total: Decimal, weights: list[Decimal]) -> None:
    parts = apportioned(total, weights)
    whole = sum(weights, Decimal(0))
    if not whole:
        assert parts is None
        return
    assert parts is not None
    assert sum(parts, Decimal(0)) == to_cents(total)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - to_cents(total) * weight / whole) <= Decimal("0.01")


@given(some.dictionaries(some.text(max_size=3), some.decimals(min_value=-999, max_value=999, places=5), max_size=9))
@settings(max_examples=80, deadline=None)
def test_a_column_in_cents_adds_up_and_moves_no_cell_by_more_than_a_cent(values: dict[str, Decimal]) -> None:
    cells, total = adding_up(values)
    assert sum(cells.values(), Decimal(0)) == total == to_cents(sum(values.values(), Decimal(0)))
    assert all(abs(cells[name] - value) <= Decimal("0.01") for name, value in values.items())
