"""One round of comparison: both sides read, differences kept, alarms given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from erp_sync import adapters
from erp_sync.errors import ErpError
from erp_sync.ports import Erp
from erp_sync.settling import sides
from erp_sync.settling.comparing import Found, compare, ghosts
from erp_sync.settling.models import Comparison, Difference, Round, Subject
from erp_sync.settling.sides import Window

log = structlog.get_logger("settling")

REACH = {Round.HOURLY: dt.timedelta(hours=24), Round.NIGHTLY: dt.timedelta(days=90)}
DOCUMENTS = (Subject.ORDER, Subject.PAYMENT, Subject.RETURN)
ROUNDS_KEPT = dt.timedelta(days=120)


def compare_documents(*, round: Round, now: dt.datetime, pauses_s: Sequence[float] = ()) -> Comparison:
    """Compare orders, payments and returns in both directions; each new difference is an alarm.

    Nothing is changed on either side: a person decides, with both shown. An ERP that does not answer has each of the
    pauses once in a round, and is asked on from where it stopped.
    """
    window = Window(now - REACH[round], now, iter(pauses_s))

    def work(erp: Erp, comparison: Comparison) -> None:
        for subject in _subjects(erp):
            _compare(subject, erp, window, comparison, now)

    return run(round=round, now=now, work=work)


def _subjects(erp: Erp) -> Sequence[Subject]:
    has = {
        Subject.ORDER: True,
        Subject.PAYMENT: erp.capabilities.has_payments,
        Subject.RETURN: erp.capabilities.has_returns,
    }
    return [subject for subject in DOCUMENTS if has[subject]]


def run(*, round: Round, now: dt.datetime, work: Callable[[Erp, Comparison], None]) -> Comparison:
    """Do a round and keep how it went, also when the ERP ends it early."""
    comparison = Comparison.objects.create(round=round, started_at=now)
    try:
        work(adapters.load(), comparison)
    except ErpError as error:
        comparison.error = str(error)[:500]
        log.warning("comparison_ended_early", round=round, error=comparison.error)
    comparison.ended_at = max(timezone.now(), now)
    comparison.save()
    Comparison.objects.filter(started_at__lt=now - ROUNDS_KEPT).delete()
    return comparison


def _compare(subject: Subject, erp: Erp, window: Window, comparison: Comparison, now: dt.datetime) -> None:
    mine = list(sides.ours(subject, window))  # before the pull: what we hold as done is there by then
    there = sides.theirs(subject, erp, window)
    found = [*compare(mine, there), *ghosts(there, sides.known(list(there)), since=sides.began_at())]
    looked_at = {one.reference for one in mine} | set(there)
    comparison.compared += len(looked_at)
    comparison.different += len(found)
    keep(subject, found, looked_at=looked_at, now=now)


def keep(subject: Subject, found: Sequence[Found], *, looked_at: Iterable[str], now: dt.datetime) -> None:
    """Keep the differences: new ones are alarms, those that are no more are closed, settled ones stay settled.

    One that a person settled is open again when either side changed since.
    """
    with transaction.atomic():
        known = {
            (row.kind, row.reference): row for row in Difference.objects.filter(subject=subject).select_for_update()
        }
        for one in found:
            _keep(subject, one, known.get((one.kind, one.reference)), now)
        gone = set(looked_at) - {one.reference for one in found}
        still = {(one.kind.value, one.reference) for one in found}
        ids = [
            row.pk
            for key, row in known.items()
            if row.gone_at is None and key not in still and (row.reference in gone or _moved(row, still))
        ]
        Difference.objects.filter(pk__in=ids).update(gone_at=now)


def _moved(row: Difference, still: set[tuple[str, str]]) -> bool:
    """Say whether the same reference differs in another way now."""
    return any(reference == row.reference for _kind, reference in still)


def _keep(subject: Subject, found: Found, row: Difference | None, now: dt.datetime) -> None:
    if row is None:
        row = Difference(subject=subject, kind=found.kind, reference=found.reference, first_seen_at=now)
    is_same = (_said(row.ours), _said(row.theirs)) == (_said(found.ours), _said(found.theirs))
    is_news = row._state.adding or row.gone_at is not None or (row.settled_at is not None and not is_same)
    if is_news:
        row.settled_at, row.settled_by, row.note = None, "", ""
        if row.gone_at is not None:
            row.first_seen_at = now
        log.error("difference_to_the_erp", subject=subject, kind=found.kind, reference=found.reference)
    row.customer_erp_id, row.ours, row.theirs = found.customer_erp_id, found.ours, found.theirs
    row.last_seen_at, row.gone_at = now, None
    row.save()


def _said(side: dict[str, Any]) -> dict[str, Any]:
    """Return a side without the instant at which it was said."""
    return {name: value for name, value in side.items() if name != "as_of"}
