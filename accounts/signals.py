"""Facts that accounts announce, and how any app announces one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction
from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class Who:
    """The actor of a fact, as plain ids (see adoption.events).

    Attributes:
        account_id: ERP id of the sold-to; "" when there is none.
        user_id: The person key as text; "" for nobody.
        actor: buyer, rep, staff, system or bot.
        impersonator_id: The rep's person key in an assisted session, else "".
        session_id: Opaque key of the browsing session.
        is_test: A test person or company.
    """

    account_id: str
    user_id: str
    actor: str
    impersonator_id: str = ""
    session_id: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, at an aware UTC instant.

    `kind` is one of metrics.md section 3 (session_start, login, order_submitted …). `event_id` is
    unique and derived
    from the object and the action, so that announcing twice counts once.
    """

    event_id: str
    kind: str
    occurred_at: dt.datetime
    who: Who
    object_type: str = ""
    object_id: str = ""
    props: dict[str, str] = field(default_factory=dict)


account_fact = Signal()
"""Sent with `event=Fact(...)`: session_start, login, login_failed, logout, impersonation_*."""

facts_wanted = Signal()
"""Sent with `since` by whoever keeps facts; accounts answer by announcing again those that can be told from their rows:
impersonation_start and impersonation_end."""

personal_data_wanted = Signal()
"""Sent with `person`, a User, when somebody asks what we hold of him; each receiver answers {part: rows}."""

desk_wanted = Signal()
"""Sent with `companies` (SoldTo), `rep` and `now` for a rep's desk; each receiver answers with an
`accounts.needs.DeskAnswer`."""

person_erased = Signal()
"""Sent with `event=PersonErased(...)` in the transaction that forgets a person; whoever holds more forgets it."""


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Who is forgotten, as he was until now; `name` is what others were told he is called."""

    person_id: int
    person_key: str
    email: str
    name: str


def announce(signal: Signal, event: object) -> None:
    """Send `event` to whoever listens, in a savepoint; no listener can undo the sender's work."""
    if not connection.in_atomic_block:  # there is no work of the sender to undo, so two statements fewer
        signal.send_robust(sender=type(event), event=event)
        return
    with transaction.atomic():
        answers = signal.send_robust(sender=type(event), event=event)
        if any(isinstance(answer, DatabaseError) for _listener, answer in answers):
            transaction.set_rollback(True)  # what PostgreSQL refused ends the savepoint, and nothing more
