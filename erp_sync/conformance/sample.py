"""What an ERP must offer so that the questions can be put to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from erp_sync import records as r
from erp_sync.faults import BrokenLine, LineFault
from erp_sync.ports import Erp

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise, StrPromise


Put = TypeVar("Put", bound=Callable[..., str | None])
# What each question promises, by its function's name.
PROMISES: dict[str, StrPromise] = {}


class ContractBroken(Exception):
    """An adapter does not do what `ports.Erp` promises; the text says what."""


class CannotAsk(Exception):
    """This question has no answer here: the ERP lacks the part, or the sample has no such record; the text says why."""


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """A price that the ERP is known to ask: of whom, for what, how much."""

    context: r.PriceContext
    ask: r.Ask
    net_price: Decimal


class Sample(Protocol):
    """An ERP under test. A method that has nothing to give raises `CannotAsk` with the reason.

    Attributes:
        erp: The adapter.
        context: A customer with a ladder in his price list and enough credit.
        asks: Items that are sold, at least three, in quantities that may be ordered.
        items: The items of the asks (or more) by SKU, as they were pulled.
        customers: Active customers, at least one of each price list that matters.
        unlimited_deadline_s: Longer than any call takes.
    """

    erp: Erp
    context: r.PriceContext
    asks: Sequence[r.Ask]
    customers: Sequence[r.CustomerRecord]
    unlimited_deadline_s: float

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return the items by SKU."""
        ...

    @property
    def invoice_erp_id(self) -> str:
        """Return an invoice that can be printed, "" when there is none."""
        ...

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices of each kind of agreement, known from the ERP itself or confirmed by its staff."""
        ...

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order of the asks at their prices, quantities times `factor`."""
        ...

    def over_limit(self) -> r.NewOrder:
        """Return an order that the customer's credit does not cover."""
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

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break the `step`-th request of the block: `erp_sync.faults.broken_line` for every adapter over HTTP."""
        ...


def promises(text: StrPromise) -> Callable[[Put], Put]:
    """Say what a question asks for, in a sentence for whoever reads a report; it stands for the docstring."""

    def mark(put: Put) -> Put:
        PROMISES[put.__name__] = text
        return put

    return mark


def must(condition: object, message: StrOrPromise) -> None:
    """Raise when a promise is not kept.

    Raises:
        ContractBroken: with the message.
    """
    if not condition:
        raise ContractBroken(message)
