"""Writes facts down: one row each, in the sender's transaction, inside its own savepoint."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable

from django.db import DatabaseError, connection, transaction

from accounts.signals import Fact
from adoption.events.models import Event
from erp_sync.statements import insert

log = logging.getLogger(__name__)
# What is told once and lasts nowhere else; a crash of the server may take the last of them.
LOOKS = frozenset({"product_view", "search", "session_start"})


def record(fact: Fact) -> bool:
    """Write the fact down once; announcing it again changes nothing. Return whether a row was written.

    A failure here is logged and never reaches the sender: its sale is worth more than our count, and the backfill
    (`manage.py events_backfill`) finds what is missing.

    Outside of any transaction it is one statement. A look at a page does not wait for the disk then: when the database
    server itself crashes, the last looks of half a second may be gone. All other facts are as durable as what they tell
    of.
    """
    try:
        if not connection.in_atomic_block:
            return insert(_event(fact), once_by="event_id", is_relaxed=fact.kind in LOOKS)
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
    return insert(_event(fact), once_by="event_id")


def _event(fact: Fact) -> Event:
    return Event(event_id=fact.event_id[:120], **_columns(fact))


def record_all(facts: Iterable[Fact]) -> int:
    """Write many facts of the past down at once, those that are known left alone; return how many are new."""
    rows = [{"event_id": fact.event_id[:120], **_columns(fact)} for fact in facts]
    if not rows:
        return 0
    names = list(rows[0])
    copied = f"COPY new_events ({', '.join(names)}) FROM STDIN"
    taken = ", ".join(names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE new_events (LIKE adoption_event) ON COMMIT DROP")
        cursor.execute("ALTER TABLE new_events ALTER id DROP NOT NULL")
        with cursor.copy(copied) as copy:
            for row in rows:
                copy.write_row([json.dumps(value) if name == "props" else value for name, value in row.items()])
        cursor.execute(
            f"INSERT INTO adoption_event ({taken}) SELECT {taken} FROM new_events ON CONFLICT (event_id) DO NOTHING"  # noqa: S608 own names
        )
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE new_events")
        return count


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
