"""Putting writes into the outbox, and what staff may do with a row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp_sync import adapters
from erp_sync import records as r
from erp_sync.outbox import claims, history, kinds
from erp_sync.outbox.errors import OutboxRefused
from erp_sync.outbox.history import Action
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.outbox.waking import wake_after_commit
from erp_sync.statements import insert


def queue_order(*, order: r.NewOrder, recheck: bool, prices_valid_until: dt.datetime, now: dt.datetime) -> OutboxRow:
    """Queue an order for the ERP inside the caller's transaction; it is sent after the commit.

    Args:
        order: The order at the accepted prices; `order.reference` makes it happen once.
        recheck: Prices were not the ERP's of that moment: ask again before sending (A2).
        prices_valid_until: Until then an accepted price that is lower than the ERP's is honoured.
        now: The current time.

    Raises:
        IntegrityError: this reference was queued before.
    """
    prices = {"recheck": recheck, "prices_valid_until": prices_valid_until.isoformat()}
    return _queue(kinds.ORDER, order, now, **prices)


def queue_quote(*, quote: r.NewQuote, now: dt.datetime) -> OutboxRow:
    """Queue a request for a price, inside the caller's transaction like all of these.

    Raises (each of these):
        IntegrityError: this kind of write was queued before with this reference.
    """
    return _queue("quote", quote, now)


def queue_quote_answer(*, answer: r.QuoteAnswer, now: dt.datetime) -> OutboxRow:
    """Queue the rep's answer; the quote's lines in the ERP become exactly its lines."""
    return _queue("quote_answer", answer, now)


def queue_quote_acceptance(*, acceptance: r.QuoteAcceptance, now: dt.datetime) -> OutboxRow:
    """Queue the buyer's yes; settled, it tells the order as `queue_order` does."""
    return _queue("quote_accept", acceptance, now)


def queue_quote_decline(*, decline: r.QuoteDecline, now: dt.datetime) -> OutboxRow:
    """Queue the buyer's no."""
    return _queue("quote_decline", decline, now)


def queue_return(*, new: r.NewReturn, now: dt.datetime) -> OutboxRow:
    """Queue a return of one order line."""
    return _queue("return", new, now)


def queue_payment(*, payment: r.NewPayment, now: dt.datetime) -> OutboxRow:
    """Queue money that was captured."""
    return _queue("payment", payment, now)


def queue_payment_reversal(*, reversal: r.PaymentReversal, now: dt.datetime) -> OutboxRow:
    """Queue money that was given back."""
    return _queue("payment_reversal", reversal, now)


def queue_cancellation(*, cancellation: r.Cancellation, now: dt.datetime) -> OutboxRow:
    """Queue the wish to cancel an order; the ERP may refuse it."""
    return _queue("cancel", cancellation, now)


def queue_order_change(*, change: r.OrderChange, now: dt.datetime) -> OutboxRow:
    """Queue a change of an order; the ERP may refuse it."""
    return _queue("order_change", change, now)


def _queue(kind: str, document: Any, now: dt.datetime, **more: Any) -> OutboxRow:
    row = OutboxRow(
        kind=kind,
        reference=document.reference,
        payload=kinds.of(kind).payload(document) | more,
        created_at=now,
        due_at=now,
    )
    insert(row)
    wake_after_commit(document.reference)
    return row


# --- staff ---


def retry(*, row: OutboxRow, by: str, now: dt.datetime) -> OutboxRow:
    """Let a write that rests be sent again, at the prices the buyer accepted.

    What may have reached the ERP is looked up first where the ERP can be asked; where it cannot,
    the person who retries has looked.

    Raises:
        OutboxRefused: it is in the ERP already, or on its way.
    """
    with transaction.atomic():
        locked = _locked(row, refused=(OutboxState.DONE, OutboxState.SENDING))
        can_ask = adapters.load().capabilities.can_query_reference
        is_unclear = can_ask and history.was_unclear(locked.pk)
        locked.state = OutboxState.CHECK if is_unclear else OutboxState.READY
        if locked.kind == kinds.ORDER:
            locked.payload = locked.payload | {"recheck": False}
        return _moved(locked, Action.RETRY, by, now, _("will be sent again"))


def check_again(*, row: OutboxRow, by: str, now: dt.datetime) -> OutboxRow:
    """Let a write be looked up in the ERP: recorded when it is there, else it goes on as before.

    Raises:
        OutboxRefused: it is on its way, or this ERP cannot be asked by reference.
    """
    if not adapters.load().capabilities.can_query_reference:
        raise OutboxRefused(_("This ERP cannot be asked for our reference. Look there yourself, then retry."))
    with transaction.atomic():
        locked = _locked(row, refused=(OutboxState.DONE, OutboxState.SENDING))
        locked.state = OutboxState.CHECK
        return _moved(locked, Action.CHECK, by, now, _("will be looked up"))


def hand_over(*, row: OutboxRow, by: str, now: dt.datetime) -> OutboxRow:
    """Stop the automatic work on a write: from now on a person takes care of it.

    Raises:
        OutboxRefused: it is in the ERP already, or on its way.
    """
    with transaction.atomic():
        locked = _locked(row, refused=(OutboxState.DONE, OutboxState.SENDING))
        locked.state, locked.settled_at = OutboxState.NEEDS_REVIEW, now
        message = _("%(person)s takes care of it") % {"person": by}
        moved = _moved(locked, Action.HAND_OVER, by, now, message)
        claims.tell(moved, None)
        return moved


def doubt_all(*, now: dt.datetime) -> int:
    """Count every write under way as unclear: to be called after a database was restored (A3).

    Returns:
        How many rows will be looked up, or wait for a person where the ERP cannot be asked.
    """
    capabilities = adapters.load().capabilities
    with transaction.atomic():
        rows = list(OutboxRow.objects.select_for_update().filter(state__in=claims.MOVING).order_by("pk"))
        for row in rows:
            row.attempts += 1
            claims.unclear(row, capabilities, since=now, now=now, message="the database was restored")
    return len(rows)


def _locked(row: OutboxRow, *, refused: tuple[OutboxState, ...]) -> OutboxRow:
    locked = OutboxRow.objects.select_for_update().get(pk=row.pk)
    if locked.state in refused:
        raise OutboxRefused(
            _("Nothing was changed: the write is %(state)s. Reload to see where it stands.")
            % {"state": locked.get_state_display()}
        )
    return locked


def _moved(row: OutboxRow, action: Action, by: str, now: dt.datetime, message: str) -> OutboxRow:
    """Save a row that a person moved; whoever still works on it can no longer record anything."""
    row.attempts += 1
    row.due_at, row.lease_until = now, None
    if row.state in claims.MOVING:
        row.settled_at = None
    row.last_message = message[:500]
    row.save()
    row.history.create(
        number=row.attempts,
        action=action,
        started_at=now,
        ended_at=now,
        outcome=row.state,
        message=message[:500],
        by=by[:120],
    )
    wake_after_commit(row.reference)
    return row
