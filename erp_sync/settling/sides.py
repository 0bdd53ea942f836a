"""Gathering both sides: our writes from the outbox, the ERP's documents by a pull of what changed since."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import structlog
from django.db.models import Min

from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.mirror import limits, pages
from erp_sync.outbox import kinds
from erp_sync.outbox.claims import MOVING
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.ports import Erp
from erp_sync.records import Cursor, OrderRecord, Page, PaymentRecord, ReturnRecord
from erp_sync.settling.comparing import Line, Ours, Theirs
from erp_sync.settling.models import Subject

log = structlog.get_logger("settling")

# What our references begin with; another prefix is not ours.
PREFIXES = {Subject.ORDER: "WEB-", Subject.PAYMENT: "PAY-", Subject.RETURN: "RET-"}
OURS = {
    Subject.ORDER: (kinds.ORDER, "quote_accept"),
    Subject.PAYMENT: ("payment",),
    Subject.RETURN: ("return",),
}
# What else the shop may have done to them, and where that names its target.
EXCUSES = {"cancel": "order_reference", "order_change": "order_reference", "payment_reversal": "payment_reference"}
PULLED = {Subject.ORDER: "orders", Subject.PAYMENT: "payments", Subject.RETURN: "returns"}
# A write is settled here a little after the ERP wrote it, by another clock.
MARGIN = dt.timedelta(hours=1)
# So young a document may still be on its way back to us.
SETTLING = dt.timedelta(minutes=2)
MOST_PAGES = 5_000
# Nobody waits for it; to look for what changed in 90 days takes an ERP longer than a pull may.
PAGE_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is compared; an ERP that does not answer has `pauses_s` and is asked on from there."""

    since: dt.datetime
    until: dt.datetime
    pauses_s: Iterator[float] = field(default_factory=lambda: iter(()))


def ours(subject: Subject, window: Window) -> Iterator[Ours]:
    """Yield what came to rest in the window."""
    excused = _excused()
    rows = OutboxRow.objects.filter(
        kind__in=OURS[subject], settled_at__gte=window.since, settled_at__lte=window.until - SETTLING
    )
    for row in rows.order_by("pk").iterator(chunk_size=1000):
        if row.state in MOVING:
            continue
        try:
            document = kinds.of(row.kind).read(row.payload)
        except kinds.UNREADABLE as error:
            log.warning("write_not_compared", reference=row.reference, error=str(error))
            continue
        yield Ours(
            reference=row.reference,
            customer_erp_id=document.customer_erp_id,
            is_done=row.state == OutboxState.DONE,
            total=_total(row, document),
            lines=_lines(document),
            number=row.erp_number,
            is_excused=row.reference in excused,
        )


def began_at() -> dt.datetime | None:
    """Return when the shop wrote for the first time, None when it never did."""
    at: dt.datetime | None = OutboxRow.objects.aggregate(at=Min("created_at"))["at"]
    return at


def known(references: Sequence[str]) -> set[str]:
    """Return which of these references the outbox has, in whatever state."""
    found: set[str] = set()
    for start in range(0, len(references), 5_000):
        chunk = references[start : start + 5_000]
        found |= set(OutboxRow.objects.filter(reference__in=chunk).values_list("reference", flat=True))
    return found


def theirs(subject: Subject, erp: Erp, window: Window) -> Mapping[str, list[Theirs]]:
    """Return the ERP's documents with a reference of ours that changed since the window began, by reference.

    Raises:
        ErpError: it could not be read to the end.
    """
    found: dict[str, list[Theirs]] = {}
    read = _READ[subject]
    for record in _pulled(erp, PULLED[subject], window):
        one = read(record)
        if one.reference.startswith(PREFIXES[subject]):
            found.setdefault(one.reference, []).append(one)
    return _together(found) if subject is Subject.PAYMENT else found


def _pulled(erp: Erp, kind: str, window: Window) -> Iterator[Any]:
    """Yield what changed since; a record that comes twice (it changed meanwhile) counts as it came last."""
    latest: dict[str, Any] = {}
    cursor: Cursor | None = Cursor(changed_at=window.since - MARGIN)
    limit = limits.page_size(kind)
    for _page in range(MOST_PAGES):
        if cursor is None:
            break
        page, limit = _asked(erp, kind, cursor, limit, window)
        if page.next == cursor:
            raise ErpBroken(f"the page after {cursor.last_id!r} of {kind} leads back to itself")
        latest.update((str(getattr(one, "erp_id", "")), one) for one in page.records)
        cursor = page.next
    yield from latest.values()


def _asked(erp: Erp, kind: str, cursor: Cursor, limit: int, window: Window) -> tuple[Page[object], int]:
    """Return the next page; what came before is kept while a busy ERP has its pause."""
    while True:
        try:
            return pages.ask(erp, kind, cursor, limit=limit, deadline_s=PAGE_DEADLINE_S)
        except ErpUnavailable as error:
            pause_s = next(window.pauses_s, None)
            if pause_s is None:
                raise
            log.warning("comparison_waits", kind=kind, seconds=pause_s, error=str(error))
            time.sleep(pause_s)


def _order(record: OrderRecord) -> Theirs:
    return Theirs(
        reference=record.web_reference,
        customer_erp_id=record.customer_erp_id,
        number=record.number,
        is_live=record.status in {"open", "completed"},
        made_at=record.placed_at,
        total=record.total,
        lines=tuple(Line(one.sku, one.quantity - one.quantity_cancelled, one.net_price) for one in record.lines),
        state=record.status,
    )


def _payment(record: PaymentRecord) -> Theirs:
    return Theirs(
        reference=record.reference,
        customer_erp_id=record.customer_erp_id,
        number=record.erp_id,
        is_live=record.state == "succeeded",
        made_at=_midnight(record.paid_on),
        total=record.amount,
        state=record.state,
    )


def _return(record: ReturnRecord) -> Theirs:
    return Theirs(
        reference=record.reference,
        customer_erp_id=record.customer_erp_id,
        number=record.number,
        is_live=True,
        made_at=_midnight(record.requested_on),
        total=record.quantity,
        state=record.state,
    )


_READ: dict[Subject, Callable[[Any], Theirs]] = {
    Subject.ORDER: _order,
    Subject.PAYMENT: _payment,
    Subject.RETURN: _return,
}


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time.min, dt.UTC) if day else None


def _together(found: Mapping[str, list[Theirs]]) -> dict[str, list[Theirs]]:
    """Return the parts of a payment (one for each invoice) as one, of the live ones."""
    whole = {}
    for reference, parts in found.items():
        live = [one for one in parts if one.is_live] or parts
        total = sum((one.total or Decimal(0) for one in live), Decimal(0))
        whole[reference] = [replace(live[0], number=", ".join(one.number for one in live), total=total)]
    return whole


def _total(row: OutboxRow, document: Any) -> Decimal | None:
    """Return what it must come to there: an order's by the ERP's own word, a payment's amount, a return's quantity."""
    if row.kind == "payment":
        amount: Decimal = document.amount
        return amount
    if row.kind == "return":
        quantity: Decimal = document.quantity
        return quantity
    return row.erp_total


def _lines(document: Any) -> tuple[Line, ...]:
    lines = getattr(document, "lines", ())
    return tuple(Line(one.sku, one.quantity, one.net_price) for one in lines if one.item_erp_id)


def _excused() -> set[str]:
    """Return the references of what the shop itself changed, cancelled or gave back."""
    rows = OutboxRow.objects.filter(kind__in=EXCUSES, state=OutboxState.DONE).values_list("kind", "payload")
    return {str(payload.get("document", {}).get(EXCUSES[kind], "")) for kind, payload in rows.iterator()}
