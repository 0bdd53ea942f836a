"""What the outbox's page shows: counts, the oldest row that waits, and each row's next step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Min
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from erp_sync.outbox import kinds
from erp_sync.outbox.claims import MOVING
from erp_sync.outbox.history import Action, Outcome
from erp_sync.outbox.models import OutboxAttempt, OutboxRow, OutboxState

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PEOPLE = (OutboxState.NEEDS_REVIEW, OutboxState.NEEDS_CHECK, OutboxState.DEAD)


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many rows are in a state."""

    state: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The outbox at a glance.

    Attributes:
        counts: Every state, also those without rows.
        waiting: Rows that are not in the ERP yet and are being worked on.
        oldest_waiting: Age of the oldest of them, or None.
        for_people: Rows that wait for a person.
    """

    counts: tuple[StateCount, ...]
    total: int
    waiting: int
    oldest_waiting: dt.timedelta | None
    for_people: int


def summary(*, now: dt.datetime) -> Summary:
    """Return the counts by state and the age of the oldest write that is under way."""
    rows = OutboxRow.objects.order_by().values("state").annotate(rows=Count("pk"), oldest=Min("created_at"))
    found = {row["state"]: row for row in rows}
    oldest = [found[state]["oldest"] for state in MOVING if state in found]
    counts = tuple(
        StateCount(state.value, str(state.label), found[state]["rows"] if state in found else 0)
        for state in OutboxState
    )
    return Summary(
        counts=counts,
        total=sum(count.rows for count in counts),
        waiting=sum(count.rows for count in counts if count.state in MOVING),
        oldest_waiting=now - min(oldest) if oldest else None,
        for_people=sum(count.rows for count in counts if count.state in PEOPLE),
    )


def next_step(row: OutboxRow, *, now: dt.datetime) -> str:
    """Return in words what happens next with a row, or what a person can do."""
    at = _at(row.due_at, now)
    if row.state == OutboxState.READY:
        return _("will be sent %(at)s") % {"at": at}
    if is_handed(row):
        return _("is with the ERP and waits for its number; looked for %(at)s") % {"at": at}
    if row.state == OutboxState.CHECK:
        return _("will be looked up %(at)s") % {"at": at}
    if row.state == OutboxState.SENDING:
        return _("is being sent; if nothing is heard, it is looked up %(at)s") % {"at": at}
    return str(_REST[OutboxState(row.state)])


def is_handed(row: OutboxRow) -> bool:
    """Say whether the ERP can take it and has not said anything yet."""
    return row.state == OutboxState.CHECK and bool(row.erp_id)


_REST = {
    OutboxState.DONE: gettext_lazy("nothing: it is in the ERP"),
    OutboxState.REJECTED: gettext_lazy("correct the cause in the ERP and retry, or agree with the buyer"),
    OutboxState.NEEDS_REVIEW: gettext_lazy("decide: retry it as it is, look it up, or enter it by hand"),
    OutboxState.NEEDS_CHECK: gettext_lazy("look for the reference in the ERP; retry only if it is not there"),
    OutboxState.DEAD: gettext_lazy("find out why it did not get through, then retry"),
}


def _at(due_at: dt.datetime, now: dt.datetime) -> str:
    """Return "now", a time of today, or a date with a time."""
    if due_at <= now:
        return _("in a few seconds")
    local = localtime(due_at)
    pattern = "TIME_FORMAT" if local.date() == localtime(now).date() else "SHORT_DATETIME_FORMAT"
    return _("at %(time)s") % {"time": date_format(local, pattern)}


# --- what is written ---

_WORDS: dict[str, StrOrPromise] = {
    "customer_erp_id": gettext_lazy("Customer (id in the ERP)"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "customer_reference": gettext_lazy("Customer's reference"),
    "payment_reference": gettext_lazy("Payment"),
    "quote_reference": gettext_lazy("Quote"),
    "order_reference": gettext_lazy("Order"),
    "order_erp_id": gettext_lazy("Order (id in the ERP)"),
    "quote_erp_id": gettext_lazy("Quote (id in the ERP)"),
    "paid_on": gettext_lazy("Paid"),
    "provider": gettext_lazy("Provider"),
    "provider_reference": gettext_lazy("Provider's reference"),
    "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"),
    "reason": gettext_lazy("Reason"),
    "description": gettext_lazy("Description"),
    "requested_on": gettext_lazy("Requested date"),
    "ship_to_erp_id": gettext_lazy("Ship-to (id in the ERP)"),
    "valid_until": gettext_lazy("Valid until"),
    "expected_total": gettext_lazy("Accepted total"),
    "placed_by": gettext_lazy("Placed by"),
    "note": gettext_lazy("Note"),
    "terms": gettext_lazy("Terms"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a write says, with its name in words."""

    label: str
    value: str


def facts(row: OutboxRow) -> list[Fact]:
    """Return what a write says besides its lines, for people; nothing when the payload cannot be read."""
    try:
        document = kinds.of(row.kind).read(row.payload)
    except kinds.UNREADABLE:
        return []
    values = [(label, getattr(document, name, None)) for name, label in _WORDS.items()]
    found = [Fact(str(label), str(value)) for label, value in values if value not in {None, ""}]
    paid = [
        Fact(_("Invoice (id in the ERP)"), f"{one.invoice_erp_id}: {one.amount}")
        for one in getattr(document, "allocations", ())
    ]
    return found + paid


# --- attempts ---


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt with its action and outcome in words."""

    attempt: OutboxAttempt
    action: str
    outcome: str


def attempts_of(row: OutboxRow) -> list[AttemptLine]:
    """Return what was tried for a row, latest first."""
    return [
        AttemptLine(
            attempt,
            str(_ACTIONS.get(attempt.action, attempt.action)),
            str(_OUTCOMES.get(attempt.outcome, attempt.outcome)),
        )
        for attempt in row.history.order_by("-number", "-pk")
    ]


_ACTIONS: dict[str, StrOrPromise] = {
    Action.SEND: pgettext_lazy("attempt", "sent"),
    Action.LOOK_UP: gettext_lazy("looked up"),
    Action.RETRY: gettext_lazy("send again, asked by a person"),
    Action.CHECK: gettext_lazy("look up, asked by a person"),
    Action.HAND_OVER: gettext_lazy("taken over by a person"),
}

_OUTCOMES: dict[str, StrOrPromise] = {
    "": gettext_lazy("under way"),
    **dict(OutboxState.choices),
    Outcome.DONE: gettext_lazy("in the ERP"),
    Outcome.REJECTED: gettext_lazy("refused by the ERP"),
    Outcome.NOT_SENT: gettext_lazy("nothing reached the ERP"),
    Outcome.UNCLEAR: gettext_lazy("unclear: it may have arrived"),
    Outcome.LOST: gettext_lazy("the worker did not come back"),
    Outcome.FOUND: gettext_lazy("found in the ERP"),
    Outcome.HALFWAY: gettext_lazy("found, not confirmed yet"),
    Outcome.HANDED: gettext_lazy("with the ERP, waits for its number"),
    Outcome.NOT_FOUND: gettext_lazy("not in the ERP"),
    Outcome.FOUND_TWICE: gettext_lazy("found more than once"),
    Outcome.NO_ANSWER: gettext_lazy("no answer"),
    Outcome.REVIEW: gettext_lazy("a person must decide"),
    Outcome.LATE: gettext_lazy("too late: the row had moved on"),
}
