"""Comparing what the outbox believes with what the ERP holds, for orders and payments of the last day (A4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from erp_sync import adapters
from erp_sync.conf import limits
from erp_sync.errors import ErpError
from erp_sync.outbox import kinds
from erp_sync.outbox.kinds import Kind, Written
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.ports import Erp
from erp_sync.records import WrittenOrder

log = structlog.get_logger("outbox")

COMPARED = (kinds.ORDER, "quote_accept", "payment", "payment_reversal")
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
    """One write that differs."""

    reference: str
    difference: Difference
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared; `unanswered` writes could not be asked for."""

    compared: int
    unanswered: int
    mismatches: tuple[Mismatch, ...]


def reconcile(*, now: dt.datetime, over: dt.timedelta = dt.timedelta(hours=24)) -> Report:
    """Look every order and payment that came to rest within `over` up in the ERP; each mismatch is an alarm.

    Nothing is changed: a person decides, on the outbox's page. Without look-up by reference there
    is nothing to compare.
    """
    erp = adapters.load()
    if not erp.capabilities.can_query_reference:
        return Report(0, 0, ())
    rows = OutboxRow.objects.filter(kind__in=COMPARED, settled_at__gte=now - over, settled_at__lte=now).order_by("pk")
    compared = unanswered = silent = 0
    found: list[Mismatch] = []
    for row in rows.iterator(chunk_size=500):
        there = _there(erp, row) if silent < SILENT_LIMIT else None
        if there is None:
            unanswered, silent = unanswered + 1, silent + 1
            continue
        compared, silent = compared + 1, 0
        found += _differences(row, kinds.of(row.kind), there)
    for mismatch in found:
        log.error(
            "outbox_mismatch",
            reference=mismatch.reference,
            difference=mismatch.difference,
            detail=mismatch.detail,
        )
    return Report(compared, unanswered, tuple(found))


def _there(erp: Erp, row: OutboxRow) -> Sequence[Written] | None:
    """Return what the ERP has of a write, None when it cannot be asked."""
    kind = kinds.of(row.kind)
    try:
        return kind.find(erp, kind.read(row.payload), limits().read_deadline_s)
    except (ErpError, *kinds.UNREADABLE) as error:
        log.warning("outbox_not_compared", reference=row.reference, error=str(error))
        return None


def _differences(row: OutboxRow, kind: Kind, there: Sequence[Written]) -> Iterator[Mismatch]:
    if len(there) > 1:
        numbers = ", ".join(one.number or one.erp_id for one in there)
        yield Mismatch(row.reference, Difference.DOUBLE, numbers)
    elif row.state != OutboxState.DONE:
        if there and there[0].state in kind.done:
            yield Mismatch(row.reference, Difference.GHOST, there[0].number)
    elif not there:
        yield Mismatch(row.reference, Difference.MISSING, row.erp_number)
    elif there[0].state in kind.lost:
        if not _was_given_back(row):
            yield Mismatch(row.reference, Difference.CANCELLED, there[0].number)
    elif isinstance(there[0], WrittenOrder):
        yield from _lines(row, kind, there[0])


def _was_given_back(row: OutboxRow) -> bool:
    """Say whether a payment is reversed there because we asked for it."""
    wanted = OutboxRow.objects.filter(kind="payment_reversal", payload__document__payment_reference=row.reference)
    return row.kind == "payment" and wanted.exists()


def _lines(row: OutboxRow, kind: Kind, order: WrittenOrder) -> Iterator[Mismatch]:
    """Compare the lines we sent; what the ERP adds itself (freight, a gift) is no difference."""
    there = {number: (quantity, price) for number, quantity, price in order.lines}
    for line in kind.read(row.payload).lines:
        quantity, price = there.get(line.line_no, (None, None))
        if line.item_erp_id and (quantity, price) != (line.quantity, line.net_price):
            detail = f"line {line.line_no}: {line.quantity} x {line.net_price}, there {quantity} x {price}"
            yield Mismatch(row.reference, Difference.LINE_DIFFERS, detail)
