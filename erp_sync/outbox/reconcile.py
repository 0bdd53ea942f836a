"""Comparing what the outbox believes with what the ERP holds, for orders of the last day (A4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import structlog

from erp_sync import adapters
from erp_sync.conf import limits
from erp_sync.errors import ErpError
from erp_sync.outbox import payload
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.ports import Erp
from erp_sync.records import WrittenOrder

log = structlog.get_logger("outbox")

# After so many look-ups in a row without an answer the ERP is away: the next hour asks again.
SILENT_LIMIT = 3


class Difference(StrEnum):
    """In what the two sides differ."""

    MISSING = "missing"  # done here, not there
    DOUBLE = "double"  # there more than once
    GHOST = "ghost"  # refused or given up here, and there
    LINE_DIFFERS = "line_differs"
    CANCELLED = "cancelled"  # done here, cancelled there


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One order that differs."""

    reference: str
    difference: Difference
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared; `unanswered` orders could not be asked for."""

    compared: int
    unanswered: int
    mismatches: tuple[Mismatch, ...]


def reconcile(*, now: dt.datetime, over: dt.timedelta = dt.timedelta(hours=24)) -> Report:
    """Look every order that came to rest within `over` up in the ERP; each mismatch is an alarm.

    Nothing is changed: a person decides, on the outbox's page. Without look-up by reference there
    is nothing to compare.
    """
    erp = adapters.load()
    if not erp.capabilities.can_query_reference:
        return Report(0, 0, ())
    rows = OutboxRow.objects.filter(settled_at__gte=now - over, settled_at__lte=now).order_by("pk")
    compared = unanswered = silent = 0
    found: list[Mismatch] = []
    for row in rows.iterator(chunk_size=500):
        orders = _orders(erp, row.reference) if silent < SILENT_LIMIT else None
        if orders is None:
            unanswered, silent = unanswered + 1, silent + 1
            continue
        compared, silent = compared + 1, 0
        found += _differences(row, orders)
    for mismatch in found:
        log.error(
            "outbox_mismatch",
            reference=mismatch.reference,
            difference=mismatch.difference,
            detail=mismatch.detail,
        )
    return Report(compared, unanswered, tuple(found))


def _orders(erp: Erp, reference: str) -> list[WrittenOrder] | None:
    try:
        return erp.find_order(reference, deadline_s=limits().read_deadline_s)
    except ErpError as error:
        log.warning("outbox_not_compared", reference=reference, error=str(error))
        return None


def _differences(row: OutboxRow, orders: list[WrittenOrder]) -> Iterator[Mismatch]:
    if len(orders) > 1:
        numbers = ", ".join(order.number or order.erp_id for order in orders)
        yield Mismatch(row.reference, Difference.DOUBLE, numbers)
    elif row.state != OutboxState.DONE:
        if orders and orders[0].state == "confirmed":
            yield Mismatch(row.reference, Difference.GHOST, orders[0].number)
    elif not orders:
        yield Mismatch(row.reference, Difference.MISSING, row.erp_number)
    elif orders[0].state == "cancelled":
        yield Mismatch(row.reference, Difference.CANCELLED, orders[0].number)
    else:
        yield from _lines(row, orders[0])


def _lines(row: OutboxRow, order: WrittenOrder) -> Iterator[Mismatch]:
    """Compare the lines we sent; what the ERP adds itself (freight, a gift) is no difference."""
    there = {number: (quantity, price) for number, quantity, price in order.lines}
    for line in payload.from_json(row.payload["order"]).lines:
        quantity, price = there.get(line.line_no, (None, None))
        if (quantity, price) != (line.quantity, line.net_price):
            detail = f"line {line.line_no}: {line.quantity} x {line.net_price}, there {quantity} x {price}"
            yield Mismatch(row.reference, Difference.LINE_DIFFERS, detail)
