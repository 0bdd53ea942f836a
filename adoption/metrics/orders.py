"""Logical orders: what the ERP may split is one order (C9), and whether it counts (C10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.rows import GOODS, VALUE_TYPES, OrderLine, OrderRow

OPEN_STATES = frozenset({"open", "completed"})
NO_DEMAND = frozenset({"draft", "rejected"})

Convert = Callable[[Decimal, str, dt.date], Decimal | None]
DayOf = Callable[[dt.datetime], dt.date]


@dataclass(frozen=True, slots=True)
class Order:
    """A logical order (C9).

    Attributes:
        key: The shop's reference, else the ERP's id.
        placed_on: The company's date of `placed_at`.
        value: C11 in the company's currency; None = no rate for its currency (C6).
        units: Pieces of goods, less cancelled ones.
        ids: Its key and every id the ERP gave it.
        is_counted: C10. Only those are in `Book.orders`.
        rows: What the ERP holds of it.
    """

    key: str
    account_id: str
    channel: str
    placed_at: dt.datetime
    placed_on: dt.date
    time_known: bool
    value: Decimal | None
    units: Decimal
    ids: frozenset[str]
    session_id: str = ""
    label: str = ""
    is_counted: bool = True
    rows: tuple[OrderRow, ...] = ()

    @property
    def goods(self) -> list[tuple[OrderRow, OrderLine]]:
        """Lines of goods that are to be delivered: open or completed, not fully cancelled."""
        return [
            (row, line)
            for row in self.rows
            if row.status in OPEN_STATES
            for line in row.lines
            if line.item_type == GOODS and line.ordered > line.cancelled
        ]


def logical_orders(rows: Iterable[OrderRow], *, day_of: DayOf, convert: Convert) -> list[Order]:
    """Return one order for all rows with the same key, oldest first."""
    groups: dict[str, list[OrderRow]] = {}
    for row in rows:
        groups.setdefault(row.key, []).append(row)
    found = [_logical(key, own, day_of, convert) for key, own in groups.items()]
    return sorted(found, key=lambda order: (order.placed_at, order.key))


def _logical(key: str, rows: list[OrderRow], day_of: DayOf, convert: Convert) -> Order:
    if len(rows) > 1:
        rows.sort(key=lambda row: (row.placed_at, row.order_id))
    first = rows[0]
    placed_on = day_of(first.placed_at)
    counted = [row for row in rows if row.status in OPEN_STATES]
    goods = [line.due for row in counted for line in row.lines if line.item_type == GOODS]
    from_shop = [row for row in rows if row.from_shop] or [first]
    placed = _with_time(rows, placed_on, day_of) if len(rows) > 1 else first
    return Order(
        key=key,
        account_id=first.account_id,
        channel=from_shop[0].channel,
        placed_at=placed.placed_at,
        placed_on=placed_on,
        time_known=placed.time_known,
        value=_value(counted, placed_on, convert),
        units=sum(goods, Decimal(0)),
        ids=frozenset((key, *(row.order_id for row in rows))),
        session_id=next((row.session_id for row in from_shop if row.session_id), ""),
        label=first.label or first.order_id,
        is_counted=any(due > 0 for due in goods),
        rows=tuple(rows),
    )


def _with_time(rows: Sequence[OrderRow], placed_on: dt.date, day_of: DayOf) -> OrderRow:
    """Return the earliest row; one with a time rather than the ERP's bare date of the same day (C3)."""
    return next((row for row in rows if row.time_known and day_of(row.placed_at) == placed_on), rows[0])


def _value(rows: Iterable[OrderRow], day: dt.date, convert: Convert) -> Decimal | None:
    """Add up what counts (C11); None as soon as one row has no rate (C6)."""
    total = Decimal(0)
    for row in rows:
        amount = sum((line.due * line.net_price for line in row.lines if line.item_type in VALUE_TYPES), Decimal(0))
        converted = convert(amount, row.currency, day)
        if converted is None:
            return None
        total += converted
    return total


def demand_of(order: Order, convert: Convert) -> Decimal | None:
    """Return what the customer wanted (M20): cancelled orders and quantities included; None = no rate (C6).

    Drafts and refused orders were never wanted: they add 0.
    """
    total = Decimal(0)
    for row in order.rows:
        if row.status in NO_DEMAND:
            continue
        lines = (line for line in row.lines if line.item_type in VALUE_TYPES)
        amount = sum((line.ordered * line.net_price for line in lines), Decimal(0))
        converted = convert(amount, row.currency, order.placed_on)
        if converted is None:
            return None
        total += converted
    return total
