"""M23 delivery on time and in full, M24 missing goods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from adoption.metrics.book import Book, by_day, in_period
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rows import OrderLine
from adoption.metrics.shares import Share, share_of

ZERO = Decimal(0)
Arrivals = tuple[tuple[dt.date, Decimal], ...]


class Promise(NamedTuple):
    """A line of goods that was promised for a day. `row`: order id and line number."""

    row: str
    promised_on: dt.date
    is_on_time: bool


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """M23. `otd`: lines (rows: order id/line); `otif`: logical orders whose last promise lies in the period."""

    otd: Share
    otif: Share


def delivery(book: Book, period: Period) -> DeliveryReport:
    """Return M23 for promises in the period that are due before today; what never arrived is late."""
    until = period.until(book.today)
    promises = in_period(book.indexed(_promises_by_day), until) if until else []
    orders = in_period(book.indexed(_orders_by_last_promise), until) if until else []
    return DeliveryReport(
        otd=share_of([one.row for one in promises if one.is_on_time], [one.row for one in promises]),
        otif=share_of([key for key, in_full in orders if in_full], [key for key, _in_full in orders]),
    )


def _promises(book: Book, order: Order) -> list[Promise]:
    tolerance = dt.timedelta(days=book.settings.delivery_tolerance_days)
    arrived = book.indexed(arrivals)
    found = []
    for row, line in order.goods:
        if line.promised_on is not None:
            done_on = _done_on(line, arrived.get((row.order_id, line.line_no), ()))
            on_time = done_on is not None and done_on <= line.promised_on + tolerance
            found.append(Promise(f"{row.order_id}/{line.line_no}", line.promised_on, on_time))
    return found


def _promises_by_order(book: Book) -> Mapping[str, list[Promise]]:
    """Index: promised lines by the order's key; an order without any is not there."""
    found = ((order.key, _promises(book, order)) for order in book.orders)
    return {key: promises for key, promises in found if promises}


def _done_on(line: OrderLine, arrived: Arrivals) -> dt.date | None:
    """Return the first day on which the quantity that is due was there."""
    total = ZERO
    for day, quantity in arrived:
        total += quantity
        if total >= line.due:
            return day
    return None


def _promises_by_day(book: Book) -> Mapping[dt.date, list[Promise]]:
    """Index: promised lines by the day promised."""
    return by_day((one.promised_on, one) for own in book.indexed(_promises_by_order).values() for one in own)


def _orders_by_last_promise(book: Book) -> Mapping[dt.date, list[tuple[str, bool]]]:
    """Index: (key, every line is on time) by the last day promised."""
    return by_day(
        (max(one.promised_on for one in own), (key, all(one.is_on_time for one in own)))
        for key, own in book.indexed(_promises_by_order).items()
    )


def arrivals(book: Book) -> Mapping[tuple[str, str], Arrivals]:
    """Index: what arrived before today, (order id, line number) -> [(day, quantity)], earliest first, each once."""
    found: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = {}
    for one in {delivery.delivery_id: delivery for delivery in book.deliveries}.values():
        day = one.done_on
        if day is not None and day < book.today:
            found.setdefault((one.order_id, one.line_no), []).append((day, one.quantity))
    return {key: tuple(sorted(parts)) for key, parts in found.items()}


@dataclass(frozen=True, slots=True)
class Pieces:
    """M24 of an account or of all: pieces. A surplus on one line never fills another."""

    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    missing: Decimal = ZERO
    over_delivered: Decimal = ZERO
    overdue: Decimal = ZERO

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(
            self.ordered + other.ordered,
            self.delivered + other.delivered,
            self.missing + other.missing,
            self.over_delivered + other.over_delivered,
            self.overdue + other.overdue,
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """M24. `rows`: order id/line of the lines with missing pieces."""

    per_account: dict[str, Pieces]
    total: Pieces
    rows: tuple[str, ...]

    @property
    def accounts_with_missing(self) -> int:
        """How many accounts wait for something."""
        return sum(one.missing > 0 for one in self.per_account.values())


def missing(book: Book, period: Period) -> Missing:
    """Return M24 for the orders placed in the period, per account."""
    per_account: dict[str, Pieces] = {}
    total, rows = Pieces(), []
    pieces = book.indexed(_pieces_by_order)
    for order in book.orders_in(period):
        own, lacking = pieces[order.key]
        rows += lacking
        total += own
        if order.account_id:
            per_account[order.account_id] = per_account.get(order.account_id, Pieces()) + own
    return Missing(dict(sorted(per_account.items())), total, tuple(sorted(rows)))


def _pieces_by_order(book: Book) -> Mapping[str, tuple[Pieces, list[str]]]:
    """Index: an order's pieces, and which of its lines (order id/line) lack some."""
    arrived = book.indexed(arrivals)
    return {order.key: _pieces(order, arrived, book.today) for order in book.orders}


def _pieces(order: Order, arrived: Mapping[tuple[str, str], Arrivals], today: dt.date) -> tuple[Pieces, list[str]]:
    ordered = delivered = missing = over = overdue = ZERO
    rows = []
    for row, line in order.goods:
        parts = arrived.get((row.order_id, line.line_no))
        came = sum((quantity for _day, quantity in parts), ZERO) if parts else ZERO
        due = line.due
        ordered += due
        delivered += came
        if came >= due:
            over += came - due
            continue
        rows.append(f"{row.order_id}/{line.line_no}")
        missing += due - came
        if line.promised_on is not None and line.promised_on < today:
            overdue += due - came
    return Pieces(ordered, delivered, missing, over, overdue), rows
