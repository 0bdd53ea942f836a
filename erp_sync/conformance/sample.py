"""What an ERP under test must offer so that the questions can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from erp_sync import records as r
from erp_sync.ports import Erp


class ContractBroken(Exception):
    """An adapter does not do what `ports.Erp` promises; the text says what."""


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """A price that the ERP is known to ask: of whom, for what, how much."""

    context: r.PriceContext
    ask: r.Ask
    net_price: Decimal


class Sample(Protocol):
    """An ERP under test.

    Attributes:
        erp: The adapter.
        context: A customer with a ladder in his price list and enough credit.
        asks: Items that are sold, at least three, in quantities that may be ordered.
        unlimited_deadline_s: Longer than any call takes.
    """

    erp: Erp
    context: r.PriceContext
    asks: Sequence[r.Ask]
    unlimited_deadline_s: float

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices of each kind of agreement, known from the ERP itself."""
        ...

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order of the asks at their prices, quantities times `factor`."""
        ...

    def over_limit(self) -> r.NewOrder:
        """Return an order that the customer's credit does not cover."""
        ...

    def leave_halfway(self, order: r.NewOrder) -> None:
        """Create the order in the ERP without confirming it."""
        ...

    def lose_answer(self) -> Erp:
        """Return an adapter that sends the order but never sees the answer to its creation."""
        ...

    def returnable(self) -> r.NewReturn:
        """Return a new return of one of an order line that was delivered."""
        ...

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two invoices of one customer with nothing paid yet."""
        ...

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return an invoice and a smaller credit note of its customer, both with nothing settled yet."""
        ...

    invoice_erp_id: str


Question = Callable[[Sample], None]


def must(condition: object, message: str) -> None:
    """Raise when a promise is not kept.

    Raises:
        ContractBroken: with the message.
    """
    if not condition:
        raise ContractBroken(message)
