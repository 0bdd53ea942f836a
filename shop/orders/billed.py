"""Price proof: what was billed, beside the receipt of what was ordered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from erp_sync.mirror.models import InvoiceLine
from shop.orders.models import OrderLine

CENT = Decimal("0.01")


class Billing(StrEnum):
    """What the invoices say about a line."""

    NOT_YET = "not_yet"
    AS_ORDERED = "as_ordered"
    CHEAPER = "cheaper"
    DEARER = "dearer"


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A receipt and the invoice lines that belong to it.

    Attributes:
        billed_price: The last billed net price; None before the first invoice.
        billed_quantity: Over all invoices, in the order's unit.
        difference: Billed less ordered money, over what was billed; positive = too much was billed.
    """

    receipt: OrderLine
    billing: Billing
    billed_price: Decimal | None
    billed_quantity: Decimal
    difference: Decimal


def billed_lines(receipts: Iterable[OrderLine], invoiced: Iterable[InvoiceLine]) -> tuple[BilledLine, ...]:
    """Hold each receipt against the invoice lines of its item; credit notes are not among them."""
    by_sku: dict[str, list[InvoiceLine]] = {}
    for line in invoiced:
        by_sku.setdefault(line.sku, []).append(line)
    return tuple(_billed(receipt, by_sku.get(receipt.sku, [])) for receipt in receipts)


def _billed(receipt: OrderLine, lines: list[InvoiceLine]) -> BilledLine:
    difference = sum(((line.net_price - receipt.net_price) * line.quantity for line in lines), Decimal(0)).quantize(
        CENT, rounding=ROUND_HALF_UP
    )
    return BilledLine(
        receipt=receipt,
        billing=_billing(receipt, lines),
        billed_price=lines[-1].net_price if lines else None,
        billed_quantity=sum((line.quantity for line in lines), Decimal(0)),
        difference=difference,
    )


def _billing(receipt: OrderLine, lines: list[InvoiceLine]) -> Billing:
    if not lines:
        return Billing.NOT_YET
    if any(line.net_price > receipt.net_price for line in lines):
        return Billing.DEARER
    if any(line.net_price < receipt.net_price for line in lines):
        return Billing.CHEAPER
    return Billing.AS_ORDERED
