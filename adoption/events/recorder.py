"""Writes facts down: one row each, in the sender's transaction, inside its own savepoint."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import DatabaseError, transaction

from accounts.signals import Fact
from adoption.events.models import Event
from erp_sync.statements import insert

log = logging.getLogger(__name__)
BATCH = 5_000


def record(fact: Fact) -> bool:
    """Write the fact down once; announcing it again changes nothing. Return whether a row was written.

    A failure here is logged and never reaches the sender: its sale is worth more than our count, and the backfill
    (`manage.py events_backfill`) finds what is missing.
    """
    try:
        with transaction.atomic():
            return write(fact)
    except DatabaseError as error:
        log.error("event %s (%s) was not recorded: %s", fact.event_id, fact.kind, error)  # noqa: TRY400 one line
        return False


def write(fact: Fact) -> bool:
    """Write the fact down once, in the caller's savepoint; return whether a row was written.

    Raises:
        DatabaseError: it could not be written; the caller's savepoint is over.
    """
    return insert(Event(event_id=fact.event_id[:120], **_columns(fact)), once_by="event_id")


def record_all(facts: Iterable[Fact]) -> int:
    """Write many facts of the past down at once, those that are known left alone; return how many are new."""
    rows = [Event(event_id=fact.event_id[:120], **_columns(fact)) for fact in facts]
    before = Event.objects.count()
    Event.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    return Event.objects.count() - before


def _columns(fact: Fact) -> dict[str, object]:
    who = fact.who
    return {
        "occurred_at": fact.occurred_at,
        "kind": fact.kind,
        "session_id": who.session_id[:64],
        "account_id": who.account_id,
        "user_id": who.user_id,
        "actor": who.actor,
        "impersonator_id": who.impersonator_id,
        "object_type": fact.object_type,
        "object_id": fact.object_id[:64],
        "props": dict(fact.props),
        "is_test": who.is_test,
    }
