"""Writes facts down: one row each, in the sender's transaction, inside its own savepoint."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from itertools import islice

from django.db import DatabaseError, connection, transaction

from accounts.signals import Fact
from adoption.events.models import Event
from erp_sync.statements import fetch

log = logging.getLogger(__name__)
# What is told once and lasts nowhere else; a crash of the server may take the last of them.
LOOKS = frozenset({"product_view", "search", "session_start"})
COLUMNS = (
    "event_id", "occurred_at", "kind", "session_id", "account_id", "user_id", "actor", "impersonator_id", "object_type",
    "object_id", "props", "is_test",
)  # fmt: skip
_LISTED = ", ".join(COLUMNS)
AT_ONCE = 5_000
# Every page may write one, so it is one statement that is planned once, and no row of the ORM.
_INSERT = f"""INSERT INTO {Event._meta.db_table} ({_LISTED}) VALUES ({", ".join("%s" for _column in COLUMNS)})
    ON CONFLICT (event_id) DO NOTHING RETURNING """  # noqa: S608 own names
_DURABLE = f"{_INSERT} id"
# The commit that ends this one statement does not wait for the disk.
_RELAXED = f"{_INSERT} set_config('synchronous_commit', 'off', true)"


def record(fact: Fact) -> bool:
    """Write the fact down once; announcing it again changes nothing. Return whether a row was written.

    A failure here is logged and never reaches the sender: its sale is worth more than our count, and the backfill
    (`manage.py events_backfill`) finds what is missing.
    """
    try:
        if not connection.in_atomic_block:
            return write(fact)
        with transaction.atomic():
            return write(fact)
    except DatabaseError as error:
        log.error("event %s (%s) was not recorded: %s", fact.event_id, fact.kind, error)  # noqa: TRY400 one line
        return False


def write(fact: Fact) -> bool:
    """Write the fact down once, in the caller's savepoint; return whether a row was written.

    A look at a page outside of any transaction does not wait for the disk: when the database server itself crashes, the
    last looks of half a second may be gone. All other facts are as durable as what they tell of.

    Raises:
        DatabaseError: it could not be written; the caller's savepoint is over.
    """
    is_relaxed = fact.kind in LOOKS and not connection.in_atomic_block
    return bool(fetch(_RELAXED if is_relaxed else _DURABLE, _values(fact)))


def record_all(facts: Iterable[Fact]) -> int:
    """Write many facts of the past down at once, those that are known left alone; return how many are new."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE new_events (LIKE adoption_event) ON COMMIT DROP")
        cursor.execute("ALTER TABLE new_events ALTER id DROP NOT NULL")
        # The facts may be read over this very connection: not while it copies.
        rest = map(_values, facts)
        while rows := list(islice(rest, AT_ONCE)):
            with cursor.copy(f"COPY new_events ({_LISTED}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute(
            f"INSERT INTO adoption_event ({_LISTED}) SELECT {_LISTED} FROM new_events ON CONFLICT (event_id) DO NOTHING"  # noqa: S608 own names
        )
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE new_events")
        return count


def _values(fact: Fact) -> tuple[object, ...]:
    """Return what the columns hold."""
    who = fact.who
    return (
        fact.event_id[:120], fact.occurred_at, fact.kind, who.session_id[:64], who.account_id, who.user_id, who.actor,
        who.impersonator_id, fact.object_type, fact.object_id[:64], json.dumps(fact.props), who.is_test,
    )  # fmt: skip
