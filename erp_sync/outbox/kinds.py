"""The kinds of writes: how each is read from its row, sent, looked up, and when it counts as written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync import wire
from erp_sync.ports import Capabilities, Erp

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What reading a payload may raise when somebody changed it by hand.
UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)
Written = r.WrittenOrder | r.WrittenDocument
ORDER = "order"
EVERY_QUOTE = frozenset({"draft", "quoted", "accepted", "declined"})
ANSWERED = frozenset({"quoted", "accepted"})
REVERSED = frozenset({"reversed"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of write.

    Attributes:
        name: Of the outbox row; part of the key that makes it happen once.
        label: For people.
        record: What `OutboxRow.payload` holds under `field`.
        done: States of the document with which the write is done.
        lost: States with which a person must decide: it was done, and undone in the ERP.
        is_once: Sending it twice does no harm, as the ERP refuses the second or finds it done (for kinds with a key:
            only where `Capabilities.enforces_reference` says so).
        pulls: What the mirror pulls afterwards.
        send, find: The adapter's calls.
    """

    name: str
    label: StrOrPromise
    record: type
    done: frozenset[str]
    pulls: tuple[str, ...]
    lost: frozenset[str] = frozenset()
    field: str = "document"
    is_once: bool = False
    has_erp_key: bool = False
    send: Callable[[Erp, Any, float], Written] = lambda erp, one, deadline_s: erp.write(one, deadline_s=deadline_s)
    find: Callable[[Erp, Any, float], Sequence[Written]] = lambda erp, one, deadline_s: erp.find_written(
        one, deadline_s=deadline_s
    )

    def read(self, payload: dict[str, Any]) -> Any:
        """Return the record of a row.

        Raises:
            KeyError, TypeError, ValueError, ArithmeticError, AttributeError: it is not one (see UNREADABLE).
        """
        return wire.from_json(self.record, payload[self.field])

    def payload(self, document: Any) -> dict[str, Any]:
        """Return what a row keeps of the record."""
        return {self.field: wire.to_json(document)}

    def is_harmless_twice(self, capabilities: Capabilities) -> bool:
        """Say whether it may be sent again, or looked up, at once after an unclear try."""
        return self.is_once or (self.has_erp_key and capabilities.enforces_reference)


def _find_order(erp: Erp, one: r.NewOrder | r.QuoteAcceptance, deadline_s: float) -> Sequence[Written]:
    return erp.find_order(one.reference, deadline_s=deadline_s)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            ORDER,
            _("Order"),
            r.NewOrder,
            frozenset({"confirmed"}),
            ("orders",),
            lost=frozenset({"cancelled"}),
            field="order",
            has_erp_key=True,
            send=lambda erp, order, deadline_s: erp.create_order(order, deadline_s=deadline_s),
            find=_find_order,
        ),
        Kind("quote", _("Quote request"), r.NewQuote, EVERY_QUOTE, ("quotes",), has_erp_key=True),
        Kind(
            "quote_answer",
            _("Quote answer"),
            r.QuoteAnswer,
            ANSWERED,
            ("quotes",),
            is_once=True,
        ),
        Kind(
            "quote_accept",
            _("Quote acceptance"),
            r.QuoteAcceptance,
            frozenset({"confirmed"}),
            ("orders", "quotes"),
            lost=frozenset({"cancelled"}),
            has_erp_key=True,
            send=lambda erp, one, deadline_s: erp.accept_quote(one, deadline_s=deadline_s),
            find=_find_order,
        ),
        Kind("quote_decline", _("Quote declined"), r.QuoteDecline, frozenset({"declined"}), ("quotes",), is_once=True),
        Kind(
            "return",
            _("Return"),
            r.NewReturn,
            frozenset({"requested", "approved", "rejected", "done"}),
            ("returns",),
        ),
        Kind(
            "payment",
            _("Payment"),
            r.NewPayment,
            frozenset({"succeeded"}),
            ("payments", "invoices"),
            lost=REVERSED,
        ),
        Kind(
            "payment_reversal",
            _("Payment reversal"),
            r.PaymentReversal,
            frozenset({"reversed"}),
            ("payments", "invoices"),
        ),
        Kind("cancel", _("Cancellation"), r.Cancellation, frozenset({"cancelled"}), ("orders",), is_once=True),
        Kind(
            "order_change",
            _("Order change"),
            r.OrderChange,
            frozenset({"draft", "quotation", "open", "completed"}),
            ("orders",),
            lost=frozenset({"cancelled"}),
            is_once=True,
        ),
    )
}


def of(name: str) -> Kind:
    """Return the kind of a row.

    Raises:
        KeyError: there is none of that name (a row written by a newer version).
    """
    return KINDS[name]


def label(name: str) -> str:
    """Return a kind in words; its bare name when it is unknown."""
    return str(KINDS[name].label) if name in KINDS else name
