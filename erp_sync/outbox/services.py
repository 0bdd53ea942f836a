"""Putting writes into the outbox, and what staff may do with a row."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from erp_sync import adapters
from erp_sync.outbox import claims, history
from erp_sync.outbox.errors import OutboxRefused
from erp_sync.outbox.history import Action
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.outbox.payload import to_json
from erp_sync.outbox.waking import wake_after_commit
from erp_sync.records import NewOrder

ORDER = "order"


def queue_order(*, order: NewOrder, recheck: bool, prices_valid_until: dt.datetime, now: dt.datetime) -> OutboxRow:
    """Queue an order for the ERP inside the caller's transaction; it is sent after the commit.

    Args:
        order: The order at the accepted prices; `order.reference` makes it happen once.
        recheck: Prices were not the ERP's of that moment: ask again before sending (A2).
        prices_valid_until: Until then an accepted price that is lower than the ERP's is honoured.
        now: The current time.

    Raises:
        IntegrityError: this reference was queued before.
    """
    row = OutboxRow.objects.create(
        kind=ORDER,
        reference=order.reference,
        payload={
            "order": to_json(order),
            "recheck": recheck,
            "prices_valid_until": prices_valid_until.isoformat(),
        },
        created_at=now,
        due_at=now,
    )
    wake_after_commit(order.reference)
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
