"""Shop and ERP with the same orders, payments and returns; and the faults that are planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zlib import crc32

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.outbox import kinds
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.settling.models import Kind

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PRICE = Decimal("2.0000")


def both_have(erp: FakeErp, count: int, *, over: dt.timedelta = dt.timedelta(days=80)) -> list[str]:
    """Give both sides the same orders, spread over the days before NOW; return their references."""
    rows = []
    for number in range(count):
        at = NOW - dt.timedelta(minutes=10) - over * (number / max(count, 1))
        order = _order(number)
        total = sum((one.quantity * one.net_price for one in order.lines), Decimal(0)) * Decimal("1.21")
        erp_id = f"{number + 1}"
        erp.book.records["orders"][erp_id] = _record(order, erp_id, at, total.quantize(Decimal("0.01")))
        rows.append(_row(kinds.ORDER, order, at, erp_id, total.quantize(Decimal("0.01"))))
    OutboxRow.objects.bulk_create(rows, batch_size=2000)
    return [row.reference for row in rows]


def _order(number: int) -> r.NewOrder:
    lines = tuple(
        r.NewOrderLine(no, sku, f"item-{sku}", Decimal(1 + (number + no) % 9), PRICE)
        for no, sku in enumerate(("BOLT", "NUT", "WASHER"), 1)
    )
    return r.NewOrder(f"WEB-{number:06}", f"c{number % 40}", "", "EUR", lines)


def _row(kind: str, document: Any, at: dt.datetime, erp_id: str, total: Decimal | None) -> OutboxRow:
    return OutboxRow(
        kind=kind,
        reference=document.reference,
        payload=kinds.of(kind).payload(document),
        state=OutboxState.DONE,
        created_at=at,
        due_at=at,
        settled_at=at,
        erp_id=erp_id,
        erp_number=f"SO{erp_id}",
        erp_total=total,
    )


def _record(order: r.NewOrder, erp_id: str, at: dt.datetime, total: Decimal) -> r.OrderRecord:
    lines = tuple(
        r.OrderLineRecord(one.line_no, f"{erp_id}-{one.line_no}", one.sku, "", one.quantity, "u", one.net_price)
        for one in order.lines
    )
    freight = r.OrderLineRecord(9, f"{erp_id}-9", "FREIGHT", "", Decimal(1), "u", Decimal(0), item_type="freight")
    return r.OrderRecord(
        erp_id=erp_id,
        version=at,
        number=f"SO{erp_id}",
        customer_erp_id=order.customer_erp_id,
        status="completed",
        placed_at=at,
        currency="EUR",
        web_reference=order.reference,
        total=total,
        lines=(*lines, freight),
    )


def payment(erp: FakeErp, number: int, amount: str = "100.00") -> None:
    """Give both sides a payment of two parts."""
    document = r.NewPayment(f"PAY-{number}", "c1", "EUR", Decimal(amount), NOW.date())
    for part in (1, 2):
        record = r.PaymentRecord(
            erp_id=f"p{number}-{part}",
            version=NOW,
            customer_erp_id="c1",
            paid_on=NOW.date(),
            amount=Decimal(amount) / 2,
            currency="EUR",
            via="web",
            reference=document.reference,
        )
        erp.book.records["payments"][record.erp_id] = record
    _row("payment", document, NOW - dt.timedelta(minutes=9), f"p{number}", None).save()


def return_(erp: FakeErp, number: int) -> None:
    """Give both sides a return."""
    document = r.NewReturn(f"RET-{number}", "c1", "1", "1-1", "", Decimal(2), "u", "damaged")
    record = r.ReturnRecord(
        erp_id=f"r{number}",
        version=NOW,
        number=f"R{number}",
        customer_erp_id="c1",
        state="requested",
        quantity=Decimal(2),
        reference=document.reference,
    )
    erp.book.records["returns"][record.erp_id] = record
    _row("return", document, NOW - dt.timedelta(minutes=9), f"r{number}", None).save()


# --- faults ---


def _missing(erp: FakeErp, reference: str) -> None:
    del erp.book.records["orders"][_there(erp, reference).erp_id]


def _double(erp: FakeErp, reference: str) -> None:
    again = replace(_there(erp, reference), erp_id=f"9{_there(erp, reference).erp_id}9", number="SO-again")
    erp.book.records["orders"][again.erp_id] = again


def _ghost(erp: FakeErp, reference: str) -> None:
    """Half of them were refused here, half are not known at all."""
    row = OutboxRow.objects.get(reference=reference)
    if crc32(reference.encode()) % 2:
        row.delete()
    else:
        OutboxRow.objects.filter(pk=row.pk).update(state=OutboxState.DEAD)


def _total(erp: FakeErp, reference: str) -> None:
    _change(erp, reference, total=(_there(erp, reference).total or Decimal(0)) + Decimal("0.01"))


def _line(erp: FakeErp, reference: str) -> None:
    first, *others = _there(erp, reference).lines
    _change(erp, reference, lines=(replace(first, quantity=first.quantity + 1), *others))


def _cancelled(erp: FakeErp, reference: str) -> None:
    _change(erp, reference, status="cancelled")


def _change(erp: FakeErp, reference: str, **changes: Any) -> None:
    record = _there(erp, reference)
    erp.book.records["orders"][record.erp_id] = replace(record, **changes)


def _there(erp: FakeErp, reference: str) -> r.OrderRecord:
    found: r.OrderRecord = erp.book.records["orders"][f"{int(reference.removeprefix('WEB-')) + 1}"]
    return found


PLANT: dict[Kind, Callable[[FakeErp, str], None]] = {
    Kind.MISSING: _missing,
    Kind.DOUBLE: _double,
    Kind.GHOST: _ghost,
    Kind.TOTAL: _total,
    Kind.LINE: _line,
    Kind.CANCELLED: _cancelled,
}
