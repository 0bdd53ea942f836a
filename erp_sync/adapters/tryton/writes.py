"""Which part of the adapter does a write, and which looks it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton.orders_change import OrdersChange
from erp_sync.adapters.tryton.payments_write import PaymentsWrite
from erp_sync.adapters.tryton.quotes_write import QuotesWrite
from erp_sync.adapters.tryton.returns_write import ReturnsWrite
from erp_sync.http import Deadline

Do = Callable[[Any, Deadline], r.WrittenDocument]
Find = Callable[[Any, Deadline], list[r.WrittenDocument]]


class Writes:
    """The writes that make no order."""

    def __init__(
        self, quotes: QuotesWrite, returns: ReturnsWrite, payments: PaymentsWrite, changes: OrdersChange
    ) -> None:
        self._parts: dict[type, tuple[Do, Find]] = {
            r.NewQuote: (quotes.create, quotes.find),
            r.QuoteAnswer: (quotes.answer, quotes.find_answer),
            r.QuoteDecline: (quotes.decline, quotes.find_decline),
            r.NewReturn: (returns.create, returns.find),
            r.NewPayment: (payments.create, payments.find),
            r.PaymentReversal: (payments.reverse, payments.find_reversal),
            r.Cancellation: (changes.cancel, changes.find_cancel),
            r.OrderChange: (changes.change, changes.find_change),
        }

    def do(self, write: r.Write, deadline: Deadline) -> r.WrittenDocument:
        """Do it, unless it is done."""
        return self._parts[type(write)][0](write, deadline)

    def find(self, write: r.Write, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        return self._parts[type(write)][1](write, deadline)
