"""Carrying due writes to the ERP: claim, send, record; look up whatever is unclear."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Iterator
from typing import Any

import structlog
from django.db import connection

from erp_sync import adapters
from erp_sync.conf import limits
from erp_sync.errors import (
    ErpBroken,
    ErpError,
    ErpMisconfigured,
    ErpRejected,
    ErpUnavailable,
)
from erp_sync.mirror import sync
from erp_sync.outbox import claims, history, kinds, recheck
from erp_sync.outbox.claims import Claim, Rest
from erp_sync.outbox.history import Action, Outcome
from erp_sync.outbox.kinds import Kind, Written
from erp_sync.outbox.models import OutboxState
from erp_sync.ports import Erp
from erp_sync.records import HANDED, NewOrder, WrittenOrder

log = structlog.get_logger("outbox")

# PostgreSQL's advisory lock of "one write at a time"; any number, the same in every process.
ONE_AT_A_TIME = 0x4552_5020
# So many times in a row nothing could be sent: the ERP is away, the next sweep tries again.
REFUSED_LIMIT = 3
# What became of an order that was handed over is looked for at least this often.
HANDED_WAIT_S = 600.0
REJECTED = "rejected"


class Clock:
    """The time: what the caller says it is, plus what passed since."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._started = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the caller's `now`."""
        return time.monotonic() - self._started

    def now(self) -> dt.datetime:
        """Return the current time."""
        return self._now + dt.timedelta(seconds=self.elapsed_s)


def export_due(*, now: dt.datetime, limit: int = 1000, for_s: float | None = None) -> int:
    """Work on due rows until none is left; return how many were worked on.

    Where the ERP takes one write at a time and another worker is at it, that worker will do the
    rows.

    Args:
        now: The current time.
        limit: At most so many rows.
        for_s: No row is begun after so many seconds (default: `Limits.sweep_s`).
    """
    try:
        erp = adapters.load()
    except ErpMisconfigured as error:
        log.error("export_impossible", error=str(error))  # noqa: TRY400 (the sentence says it all)
        return 0
    clock = Clock(now)
    until_s = limits().sweep_s if for_s is None else for_s
    with _turn(is_serial=erp.capabilities.serial_writes) as is_ours:
        return _export(erp, clock, limit=limit, for_s=until_s) if is_ours else 0


def _export(erp: Erp, clock: Clock, *, limit: int, for_s: float) -> int:
    done = refused = 0
    while done < limit and refused < REFUSED_LIMIT and clock.elapsed_s < for_s:
        claim = claims.next_due(erp.capabilities, clock.now())
        if claim is None:
            break
        done += 1
        refused = refused + 1 if _work_on(claim, erp, clock) is Outcome.NOT_SENT else 0
    return done


@contextlib.contextmanager
def _turn(*, is_serial: bool) -> Iterator[bool]:
    """Hold the right to write, where that is one at a time; False when another worker has it.

    The lock belongs to the database session: it is free the moment a worker dies.
    """
    if not is_serial:
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def _work_on(claim: Claim, erp: Erp, clock: Clock) -> Outcome | None:
    """Do what the claim says; if it breaks, the row is looked up later and the others go on."""
    call_id = uuid.uuid4().hex
    with structlog.contextvars.bound_contextvars(erp_call=call_id, reference=claim.reference):
        try:
            outcome = _look_up(claim, erp, clock) if claim.action is Action.LOOK_UP else _send(claim, erp, clock)
        except Exception:
            log.exception("outbox_row_broke", action=claim.action)
            return None
        log.info("outbox_row_tried", action=claim.action, outcome=outcome)
        return outcome


# --- sending ---


def _send(claim: Claim, erp: Erp, clock: Clock) -> Outcome:
    try:
        kind = kinds.of(claim.kind)
        document = kind.read(claim.payload)
    except kinds.UNREADABLE as error:
        return _review(claim, f"the stored {claim.kind} cannot be read: {error!r}", clock)
    said = str(claim.payload.get("decision", ""))
    if claim.payload.get("recheck"):
        try:
            decision = _rechecked(claim, document, erp, clock)
        except ErpError as error:
            return _not_sent(claim, f"prices could not be checked: {error}", clock)
        if decision.needs_review:
            return _review(claim, decision.message, clock)
        document, said = decision.order, decision.message
    deadline_s = limits().write_deadline_s
    if clock.now() + dt.timedelta(seconds=deadline_s) > claim.lease_until:
        return _not_sent(claim, "too late to send within the time this worker had", clock)
    return _write(claim, kind, document, erp, clock, said=said)


def _rechecked(claim: Claim, order: NewOrder, erp: Erp, clock: Clock) -> recheck.Decision:
    """Return the order at the prices that hold now; kept, so that a repetition sends the same."""
    until = claim.payload.get("prices_valid_until")
    decision = recheck.decide(
        order,
        valid_until=dt.datetime.fromisoformat(until) if until else None,
        now=clock.now(),
        erp=erp,
        deadline_s=limits().read_deadline_s,
    )
    if not decision.needs_review:
        decided = {
            **kinds.of(claim.kind).payload(decision.order),
            "recheck": False,
            "decision": decision.message,
        }
        claims.keep_payload(claim, claim.payload | decided)
    return decision


def _write(claim: Claim, kind: Kind, document: Any, erp: Erp, clock: Clock, *, said: str) -> Outcome:
    try:
        written = kind.send(erp, document, limits().write_deadline_s)
    except ErpUnavailable as error:
        if error.nothing_sent:
            return _not_sent(claim, str(error), clock)
        return _unclear(claim, str(error), erp, clock)
    except ErpRejected as error:
        return _rejected(claim, error.message, erp, clock)
    except (ErpBroken, ErpMisconfigured) as error:
        return _unclear(claim, str(error), erp, clock)
    if not _names_it(written) or written.reference not in {"", claim.reference}:
        return _unclear(claim, f"the answer does not name our {claim.kind}", erp, clock)
    if written.state == HANDED:
        return _handed(claim, written, clock)
    if written.state not in kind.done | kind.lost:
        return _unclear(claim, f"the ERP left the {claim.kind} in state {written.state}", erp, clock)
    return _arrived(claim, kind, written, Outcome.DONE, said, clock)


def _names_it(written: Written) -> bool:
    """Say whether the answer tells what was made; a document may be without a number for a while, an order not."""
    is_numbered = isinstance(written, WrittenOrder) and written.state != HANDED
    return bool(written.number if is_numbered else written.erp_id)


def _handed(claim: Claim, written: Written, clock: Clock) -> Outcome:
    """Record that the ERP can take it and has not said anything yet: it is looked for until it does."""
    wait_s = min(history.wait_s(history.tries(claim.row_id, Action.LOOK_UP)), HANDED_WAIT_S)
    claims.hand_over(
        claim, written, message="handed to the ERP: it waits for its number", wait_s=wait_s, now=clock.now()
    )
    return Outcome.HANDED


def _arrived(claim: Claim, kind: Kind, written: Written, outcome: Outcome, said: str, clock: Clock) -> Outcome:
    if written.state in kind.lost:
        return _review(claim, f"{claim.kind} {written.number or written.erp_id} is {written.state} in the ERP", clock)
    claims.settle(claim, Rest(OutboxState.DONE, outcome, said, written), clock.now())
    sync.refresh(kind.pulls, erp_id=written.erp_id)
    return outcome


def _rejected(claim: Claim, message: str, erp: Erp, clock: Clock) -> Outcome:
    """Record a refusal; after an unclear send it may mean "exists already": look it up first."""
    if erp.capabilities.can_query_reference and history.was_unclear(claim.row_id):
        claims.postpone(
            claim,
            state=OutboxState.CHECK,
            outcome=Outcome.REJECTED,
            message=message,
            wait_s=0,
            now=clock.now(),
        )
    else:
        claims.settle(claim, Rest(OutboxState.REJECTED, Outcome.REJECTED, message), clock.now())
    return Outcome.REJECTED


def _not_sent(claim: Claim, message: str, clock: Clock) -> Outcome:
    claims.postpone(
        claim,
        state=OutboxState.READY,
        outcome=Outcome.NOT_SENT,
        message=message,
        wait_s=history.wait_s(history.tries(claim.row_id, Action.SEND)),
        now=clock.now(),
    )
    return Outcome.NOT_SENT


def _unclear(claim: Claim, message: str, erp: Erp, clock: Clock) -> Outcome:
    claims.postpone_unclear(claim, erp.capabilities, message=message, now=clock.now())
    return Outcome.UNCLEAR


def _review(claim: Claim, message: str, clock: Clock, outcome: Outcome = Outcome.REVIEW) -> Outcome:
    claims.settle(claim, Rest(OutboxState.NEEDS_REVIEW, outcome, message), clock.now())
    return outcome


# --- looking up ---


def _look_up(claim: Claim, erp: Erp, clock: Clock) -> Outcome:
    try:
        kind = kinds.of(claim.kind)
        document = kind.read(claim.payload)
    except kinds.UNREADABLE as error:
        return _review(claim, f"the stored {claim.kind} cannot be read: {error!r}", clock)
    try:
        found = kind.find(erp, document, limits().read_deadline_s)
    except ErpError as error:
        return _again(claim, OutboxState.CHECK, Outcome.NO_ANSWER, str(error), clock)
    if len(found) > 1:
        numbers = ", ".join(one.number or one.erp_id for one in found)
        return _review(claim, f"found {len(found)} times in the ERP: {numbers}", clock, Outcome.FOUND_TWICE)
    if not found:
        return _missing(claim, clock)
    if found[0].state == HANDED:
        return _handed(claim, found[0], clock)
    if isinstance(found[0], WrittenOrder) and found[0].state == REJECTED:
        claims.settle(claim, Rest(OutboxState.REJECTED, Outcome.REJECTED, found[0].message), clock.now())
        return Outcome.REJECTED
    if found[0].state in kind.done | kind.lost:
        said = str(claim.payload.get("decision", ""))
        return _arrived(claim, kind, found[0], Outcome.FOUND, said, clock)
    message = f"found as {found[0].state}: it is carried on"
    return _again(claim, OutboxState.READY, Outcome.HALFWAY, message, clock)


def _missing(claim: Claim, clock: Clock) -> Outcome:
    """Send it again, unless the ERP's last word was no."""
    refusal = history.refusal(claim.row_id)
    if refusal is not None:
        claims.settle(claim, Rest(OutboxState.REJECTED, Outcome.NOT_FOUND, refusal), clock.now())
        return Outcome.NOT_FOUND
    return _again(claim, OutboxState.READY, Outcome.NOT_FOUND, "not in the ERP: it is sent again", clock)


def _again(claim: Claim, state: OutboxState, outcome: Outcome, message: str, clock: Clock) -> Outcome:
    """Postpone by the number of sends, or of look-ups that got no answer."""
    counted = Action.LOOK_UP if outcome is Outcome.NO_ANSWER else Action.SEND
    tried = history.tries(claim.row_id, counted)
    wait_s = 0.0 if outcome is Outcome.HALFWAY and tried <= 1 else history.wait_s(tried)
    claims.postpone(claim, state=state, outcome=outcome, message=message, wait_s=wait_s, now=clock.now())
    return outcome
