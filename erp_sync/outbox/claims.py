"""Taking a due row for a while, and recording what became of it only while it is still ours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import structlog
from django.db import transaction

from erp_sync.conf import limits
from erp_sync.outbox import history, kinds
from erp_sync.outbox.history import Action, Outcome
from erp_sync.outbox.kinds import Written
from erp_sync.outbox.models import OutboxAttempt, OutboxRow, OutboxState
from erp_sync.outbox.signals import WriteSettled, write_settled
from erp_sync.ports import Capabilities
from erp_sync.records import HANDED, WrittenOrder
from erp_sync.statements import columns, fetch, from_row, insert, update

log = structlog.get_logger("outbox")

MOVING = (OutboxState.READY, OutboxState.SENDING, OutboxState.CHECK)
ALARMING = (OutboxState.NEEDS_CHECK, OutboxState.DEAD)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours until `lease_until`; `token` is its `attempts`, new with every claim."""

    row_id: int
    token: int
    state: OutboxState
    action: Action
    kind: str
    reference: str
    payload: dict[str, Any]
    lease_until: dt.datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Where a write comes to rest, and what is told about it."""

    state: OutboxState
    outcome: Outcome
    message: str = ""
    written: Written | None = None


def next_due(capabilities: Capabilities, now: dt.datetime) -> Claim | None:
    """Claim the row that has been due longest, in its own transaction; None when none is due.

    A row whose worker never came back is moved on the way: its outcome is unclear.
    """
    while True:
        with transaction.atomic():
            found = fetch(_next_statement(), [now])
            if not found:
                return None
            row = from_row(OutboxRow, found[0])
            if row.state != OutboxState.SENDING:
                return _claim(row, now)
            _reclaim(row, capabilities, now)


@cache
def _next_statement() -> str:
    """Return the statement that locks the row due longest; its states are those of the index on what is due."""
    return f"""
SELECT {columns(OutboxRow, "o")} FROM erp_sync_outboxrow o
WHERE o.state IN ('ready', 'sending', 'check') AND o.due_at <= %s
ORDER BY o.due_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (names of our own table)


def _claim(row: OutboxRow, now: dt.datetime) -> Claim:
    limit = limits()
    is_send = row.state == OutboxState.READY
    deadline_s = limit.write_deadline_s if is_send else limit.read_deadline_s
    action = Action.SEND if is_send else Action.LOOK_UP
    if row.attempts:
        _close_lost(row, now)
    row.state = OutboxState.SENDING if is_send else OutboxState.CHECK
    row.attempts += 1
    row.lease_until = row.due_at = now + timedelta(seconds=deadline_s + limit.lease_margin_s)
    update(row, ["state", "attempts", "lease_until", "due_at"])
    insert(OutboxAttempt(row=row, number=row.attempts, action=action, started_at=now))
    return Claim(
        row_id=row.pk,
        token=row.attempts,
        state=row.state,
        action=action,
        kind=row.kind,
        reference=row.reference,
        payload=row.payload,
        lease_until=row.lease_until,
    )


def _close_lost(row: OutboxRow, now: dt.datetime) -> None:
    row.history.filter(ended_at=None).update(ended_at=now, outcome=Outcome.LOST, message="the worker did not come back")


def _reclaim(row: OutboxRow, capabilities: Capabilities, now: dt.datetime) -> None:
    """Move a row whose lease is over: what it sent, it sent at least a margin ago."""
    _close_lost(row, now)
    sent_by = (row.lease_until or now) - timedelta(seconds=limits().lease_margin_s)
    unclear(row, capabilities, since=sent_by, now=now, message="the worker did not come back")


def unclear(
    row: OutboxRow,
    capabilities: Capabilities,
    *,
    since: dt.datetime,
    now: dt.datetime,
    message: str,
) -> None:
    """Move a locked row of unclear outcome: look it up, send it again, or ask a person.

    Args:
        row: Locked by the caller.
        capabilities: What the ERP can do decides.
        since: When the last byte may have been sent.
        now: The current time.
        message: What happened.
    """
    row.lease_until = None
    row.last_message = message[:500]
    is_harmless = row.kind in kinds.KINDS and kinds.of(row.kind).is_harmless_twice(capabilities)
    if capabilities.can_query_reference:
        wait_s = 0.0 if is_harmless else capabilities.max_processing_s
        row.state, row.due_at = OutboxState.CHECK, max(now, since + timedelta(seconds=wait_s))
    elif is_harmless:
        wait_s = history.wait_s(history.tries(row.pk, Action.SEND))
        row.state, row.due_at = OutboxState.READY, now + timedelta(seconds=wait_s)
    else:
        row.state, row.settled_at = OutboxState.NEEDS_CHECK, now
        row.last_message = f"{message}: it may be in the ERP or not, a person must look"[:500]
        tell(row, None)
    row.save()


def postpone(
    claim: Claim,
    *,
    state: OutboxState,
    outcome: Outcome,
    message: str,
    wait_s: float,
    now: dt.datetime,
) -> bool:
    """Record a try that did not decide, and when the next one is due; or give up."""
    with transaction.atomic():
        row = _still_ours(claim, outcome, message, now)
        if row is None:
            return False
        row.lease_until = None
        row.last_message = message[:500]
        if history.is_over(row, now):
            row.state, row.settled_at = OutboxState.DEAD, now
            tell(row, None)
        else:
            row.state, row.due_at = state, now + timedelta(seconds=wait_s)
        row.save()
    return True


def hand_over(claim: Claim, written: Written, *, message: str, wait_s: float, now: dt.datetime) -> bool:
    """Record that the ERP can take the write and did not answer yet; whoever asked for it is told the first time."""
    with transaction.atomic():
        row = _still_ours(claim, Outcome.HANDED, message, now)
        if row is None:
            return False
        row.lease_until = None
        row.last_message = message[:500]
        is_news = not row.erp_id
        if history.is_unanswered(row, now):
            row.last_message = f"{message}; it said nothing for too long"
            row.state, row.settled_at = OutboxState.DEAD, now
            tell(row, None)
        else:
            row.state, row.due_at, row.erp_id = OutboxState.CHECK, now + timedelta(seconds=wait_s), written.erp_id
            if is_news:
                write_settled.send(sender=WriteSettled, event=_event(row, HANDED, written))
        row.save()
    return True


def postpone_unclear(claim: Claim, capabilities: Capabilities, *, message: str, now: dt.datetime) -> bool:
    """Record a send whose outcome nobody knows."""
    with transaction.atomic():
        row = _still_ours(claim, Outcome.UNCLEAR, message, now)
        if row is None:
            return False
        unclear(row, capabilities, since=now, now=now, message=message)
    return True


def settle(claim: Claim, rest: Rest, now: dt.datetime) -> bool:
    """Record where the write came to rest and tell whoever asked for it, all in one transaction."""
    with transaction.atomic():
        row = _still_ours(claim, rest.outcome, rest.message, now)
        if row is None:
            return False
        row.state, row.settled_at, row.lease_until = rest.state, now, None
        row.last_message = rest.message[:500]
        if rest.written:
            row.erp_id, row.erp_number = rest.written.erp_id, rest.written.number
            row.erp_total = _total(rest.written)
        update(row, _SETTLED)
        tell(row, rest.written)
    return True


_SETTLED = ("state", "settled_at", "lease_until", "last_message", "erp_id", "erp_number", "erp_total")


def _total(written: Written) -> Decimal | None:
    """Return what the ERP says that it comes to, None when it says nothing."""
    return written.totals.total if isinstance(written, WrittenOrder) else written.total


def keep_payload(claim: Claim, payload: dict[str, Any]) -> bool:
    """Keep what was decided about the order's prices before it is sent."""
    ours = OutboxRow.objects.filter(pk=claim.row_id, attempts=claim.token, state=claim.state)
    return bool(ours.update(payload=payload))


def tell(row: OutboxRow, written: Written | None) -> None:
    """Tell the listeners, in the caller's transaction; log an alarm when a person is needed."""
    if row.state in ALARMING or (row.state == OutboxState.NEEDS_REVIEW and written is None):
        log.error(
            "outbox_needs_a_person",
            reference=row.reference,
            state=row.state,
            message=row.last_message,
        )
    write_settled.send(sender=WriteSettled, event=_event(row, row.state, written))


def _event(row: OutboxRow, state: str, written: Written | None) -> WriteSettled:
    return WriteSettled(
        kind=row.kind,
        reference=row.reference,
        state=state,
        written=written,
        message=row.last_message,
    )


def _still_ours(claim: Claim, outcome: Outcome, message: str, now: dt.datetime) -> OutboxRow | None:
    """Lock the row and note how the attempt ended; None when the row moved on without us."""
    row = from_row(OutboxRow, fetch(_lock_statement(), [claim.row_id])[0])
    is_ours = row.attempts == claim.token and row.state == claim.state
    ended = [now, outcome if is_ours else Outcome.LATE, message[:500], row.pk, claim.token]
    fetch(_END_ATTEMPT, ended)
    return row if is_ours else None


@cache
def _lock_statement() -> str:
    return f"SELECT {columns(OutboxRow, 'o')} FROM erp_sync_outboxrow o WHERE o.id = %s FOR UPDATE"  # noqa: S608


_END_ATTEMPT = """
UPDATE erp_sync_outboxattempt SET ended_at = %s, outcome = %s, message = %s WHERE row_id = %s AND number = %s
RETURNING id
"""
