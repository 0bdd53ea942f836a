"""Puts together what the adoption pages show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from adoption.facts import book as read_book
from adoption.metrics.baskets import Basket, basket
from adoption.metrics.facts import Book, Invoice, Order, Settings
from adoption.metrics.hours import local_time
from adoption.metrics.logins import Logins, strategic_logins
from adoption.metrics.service import tracking
from adoption.metrics.shares import Share
from adoption.reports import charts, periods
from adoption.reports.figures import FIGURES, INVOICE, ORDER, Figure, Reading

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A figure for the chosen period beside the one before. `change` is in points for shares, relative for others."""

    figure: Figure
    now: Reading
    before: Reading

    @property
    def change(self) -> Decimal | None:
        """Difference of shares, or relative change; None when it can't be told."""
        if self.now.value is None or self.before.value is None:
            return None
        if self.figure.unit == "share":
            return self.now.value - self.before.value
        return self.now.value / self.before.value - 1 if self.before.value else None


@dataclass(frozen=True, slots=True)
class Strategic:
    """A strategic account with its log-ins and tracking."""

    account_id: str
    name: str
    logins: Logins
    tracking: Share | None


@dataclass(frozen=True, slots=True)
class Report:
    """The adoption page."""

    chosen: periods.Chosen
    as_of: dt.datetime
    lines: tuple[Line, ...]
    months: tuple[charts.Month, ...]
    baskets: tuple[tuple[str, Basket], ...]
    rep_vs_online: Decimal | None
    strategic: tuple[Strategic, ...]
    heat: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    currency: str
    settings: Settings
    accounts: int
    orders: int

    @property
    def headline(self) -> tuple[Line, ...]:
        """The three adoption rates."""
        return self.lines[:3]


def report(*, chosen_key: str, first: str, last: str, now: dt.datetime) -> Report:
    """Return the adoption page of a period, computed from the facts as of now."""
    book = read_book(as_of=now)
    chosen = periods.chosen(key=chosen_key, first=first, last=last, today=book.today)
    lines = tuple(
        Line(figure, figure.read(book, chosen.period), figure.read(book, chosen.previous))
        for figure in FIGURES
        if figure.rows != INVOICE or book.payments
    )
    baskets = basket(book, chosen.period)
    return Report(
        chosen=chosen,
        as_of=now,
        lines=lines,
        months=charts.orders_by_month(book, periods.last_months(12, book.today)),
        baskets=(("online", baskets.online), *baskets.channels.items()),
        rep_vs_online=baskets.rep_vs_online_aov,
        strategic=_strategic(book, chosen),
        heat=_heat(book, chosen),
        currency=book.currency,
        settings=book.settings,
        accounts=len(book.accounts),
        orders=len(book.orders_in(chosen.period)),
    )


def _strategic(book: Book, chosen: periods.Chosen) -> tuple[Strategic, ...]:
    tracked = tracking(book, chosen.period).strategic
    return tuple(
        Strategic(account, book.accounts[account].name or account, logins, tracked.get(account))
        for account, logins in strategic_logins(book, chosen.period).items()
    )


def _heat(book: Book, chosen: periods.Chosen) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """Return self-service orders by weekday (1 = Monday) and hour of the customer's clock: (count, heat 0 to 4)."""
    counts: dict[tuple[int, int], int] = {}
    for order in book.orders_in(chosen.period):
        if book.is_online(order) and order.time_known:
            local = local_time(book, order, book.accounts.get(order.account_id))
            place = local.isoweekday(), local.hour
            counts[place] = counts.get(place, 0) + 1
    most = max(counts.values(), default=0)
    if not most:
        return ()
    return tuple(
        (weekday, tuple(_cell(counts.get((weekday, hour), 0), most) for hour in range(24))) for weekday in range(1, 8)
    )


def _cell(count: int, most: int) -> tuple[int, int]:
    return count, -(-4 * count // most)


@dataclass(frozen=True, slots=True)
class Row:
    """A row behind a figure, for people. `counts`: it is in the numerator too."""

    key: str
    label: str
    detail: str
    on: dt.date | None
    channel: str
    amount: Decimal | None
    counts: bool
    extra: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A figure opened: definition, numbers, rows, and twelve months of it."""

    line: Line
    chosen: periods.Chosen
    as_of: dt.datetime
    rows: tuple[Row, ...]
    row_count: int
    trend: tuple[charts.Point, ...]
    currency: str


def detail(*, figure: Figure, chosen_key: str, first: str, last: str, now: dt.datetime) -> Detail:
    """Return one figure with everything behind it."""
    book = read_book(as_of=now)
    chosen = periods.chosen(key=chosen_key, first=first, last=last, today=book.today)
    line = Line(figure, figure.read(book, chosen.period), figure.read(book, chosen.previous))
    return Detail(
        line=line,
        chosen=chosen,
        as_of=now,
        rows=_rows(book, figure, line.now)[:MOST_ROWS],
        row_count=len(line.now.whole_rows),
        trend=charts.trend(book, figure, periods.last_months(12, book.today)),
        currency=book.currency,
    )


def _rows(book: Book, figure: Figure, reading: Reading) -> tuple[Row, ...]:
    counted = set(reading.part_rows)
    orders = {order.key: order for order in book.orders} if figure.rows == ORDER else {}
    invoices = {one.invoice_id: one for one in book.invoices} if figure.rows == INVOICE else {}
    return tuple(
        _row(book, key, orders.get(key), invoices.get(key), counts=key in counted, extra=reading.per_row.get(key, ""))
        for key in reading.whole_rows
    )


def _row(book: Book, key: str, order: Order | None, invoice: Invoice | None, *, counts: bool, extra: str) -> Row:
    if order is not None:
        name = _name(book, order.account_id)
        return Row(key, order.label, name, order.placed_on, order.channel, order.value, counts, extra)
    if invoice is not None:
        return Row(key, invoice.label or key, _name(book, invoice.account_id), None, "", None, counts, extra)
    return Row(key, _name(book, key), key, None, "", None, counts, extra)


def _name(book: Book, account_id: str) -> str:
    account = book.accounts.get(account_id)
    return account.name if account and account.name else account_id
