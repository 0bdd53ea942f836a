"""Shapes of what is written to the ERP after an order: returns, payments, changes. Re-exported by `records`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp_sync.quote_records import NewQuote, QuoteAnswer, QuoteDecline


@dataclass(frozen=True, slots=True)
class NewReturn:
    """Goods of one order line that the buyer wants to give back; `quantity` in the line's unit."""

    reference: str
    customer_erp_id: str
    order_erp_id: str
    order_line_erp_id: str
    item_erp_id: str
    quantity: Decimal
    unit: str
    reason: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """How much of a payment goes to an invoice; negative uses up a credit note (`Capabilities.settles_credit_notes`).

    `discount` is what the ERP grants on top for early payment.
    """

    invoice_erp_id: str
    amount: Decimal
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money that was captured; `amount` is the sum of what its allocations pay. `reference` is looked up first."""

    reference: str
    customer_erp_id: str
    currency: str
    amount: Decimal
    paid_on: dt.date
    via: str = "web"
    provider: str = ""
    provider_reference: str = ""
    allocations: tuple[Allocation, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentReversal:
    """Money given back, or that never came. Of the payment `payment_reference` only `kept` counts after it."""

    reference: str
    payment_reference: str
    customer_erp_id: str
    currency: str
    amount: Decimal
    reversed_on: dt.date
    reason: str = ""
    kept: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order to be let go; without `order_erp_id` it is found by `order_reference`."""

    reference: str
    order_erp_id: str
    order_reference: str
    customer_erp_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What an order shall become; None leaves a field as it is, `cancel_lines` are ids of its lines."""

    reference: str
    order_erp_id: str
    order_reference: str
    customer_erp_id: str
    requested_on: dt.date | None = None
    ship_to_erp_id: str | None = None
    customer_reference: str | None = None
    cancel_lines: tuple[str, ...] = ()

    @property
    def wishes(self) -> frozenset[str]:
        """What is to be changed, in the words of `OrderRecord.allowed`."""
        wanted = {
            "requested_on": self.requested_on is not None,
            "ship_to": bool(self.ship_to_erp_id),
            "customer_reference": self.customer_reference is not None,
            "lines": bool(self.cancel_lines),
        }
        return frozenset(name for name, is_wanted in wanted.items() if is_wanted)


Write = NewQuote | QuoteAnswer | QuoteDecline | NewReturn | NewPayment | PaymentReversal | Cancellation | OrderChange


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """What the ERP holds after a write that makes no order, or as a look-up finds it.

    Attributes:
        kind: quote, return, payment, payment_reversal or order.
        reference: That of the write.
        state: The document's own, in our words: of a quote draft, quoted, accepted, declined; of a return as in
            `ReturnRecord`, of a payment succeeded or reversed, of an order as in `OrderRecord.status`; "partial"
            when only a part of the write is there.
    """

    kind: str
    erp_id: str
    number: str
    reference: str
    state: str
    total: Decimal | None = None
