"""Pulls what changed in the ERP into the mirror: by cursor, in pages, resumable, one run at a time for each kind."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError

from erp_sync import adapters
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpUnavailable
from erp_sync.mirror import limits, pages, writing
from erp_sync.mirror.locks import alone
from erp_sync.mirror.models import Quarantine, SyncRun, SyncState
from erp_sync.mirror.progress import Progress
from erp_sync.ports import MIRRORED, Erp
from erp_sync.records import Broken, Cursor, Page
from erp_sync.statements import fetch

Report = Callable[[Progress], None]
log = structlog.get_logger("mirror")

SOON_S = 2.0
BROKER_PAUSE_S = 10.0
_soon: dict[str, float] = {}  # kind -> until when a pull that was asked for is still to come (per process)


def pull_all(
    *,
    kinds: Iterable[str] = MIRRORED,
    now: dt.datetime,
    full: bool = False,
    asked_by: str = "",
    report: Report | None = None,
    erp: Erp | None = None,
) -> list[Progress]:
    """Pull several kinds, one after the other, in the order in which they depend on each other.

    An ERP that cannot be reached ends the round; a kind whose answers make no sense does not stop
    the others.
    """
    wanted = set(kinds)
    rounds = []
    started = time.monotonic()
    for kind in MIRRORED:
        if kind not in wanted:
            continue
        since = dt.timedelta(seconds=time.monotonic() - started)
        progress = pull(kind=kind, now=now + since, full=full, asked_by=asked_by, report=report, erp=erp)
        rounds.append(progress)
        if isinstance(progress.error, ErpUnavailable | ErpMisconfigured):
            break
    return rounds


def pull(
    *,
    kind: str,
    now: dt.datetime,
    full: bool = False,
    asked_by: str = "",
    report: Report | None = None,
    erp: Erp | None = None,
) -> Progress:
    """Pull what changed of one kind since the last run, or go on with a run that was cut.

    With `full` everything is pulled again. Each page is one transaction. A bad record goes to the quarantine, the
    rest goes on. An error of the ERP ends the run and stands in the result.
    """
    with alone(kind) as is_ours:
        if not is_ours:
            return Progress(kind, is_busy=True)
        state, _created = SyncState.objects.get_or_create(kind=kind)
        _close_dead_runs(kind, now)
        run = _Run(
            state,
            Progress(kind),
            SyncRun(kind=kind, started_at=now, is_full=full, asked_by=asked_by),
            now,
            limits.page_size(kind),
        )
        try:
            _carry_on(run, erp or adapters.load(), full=full, report=report)
        except ErpError as error:
            _note_error(run, error)
        run.progress.ended = time.monotonic()
        return run.progress


def pull_now(kind: str) -> None:
    """Ask a worker to pull `kind` soon after the current transaction; if nobody listens, the next round does it.

    The pull waits `SOON_S`, and what asks for the same meanwhile is served by it: a hundred orders make a few pulls.
    """
    transaction.on_commit(lambda: _send_soon(kind), robust=True)


def ask_for_pull(*, kinds: Sequence[str], full: bool, asked_by: str) -> bool:
    """Ask a worker to pull now, for a person in the admin; False when no broker took the wish."""
    return _send_pull(list(kinds), full=full, asked_by=asked_by)


def ask_for_comparison() -> bool:
    """Ask a worker to compare the ids of all records now; False when no broker took the wish."""
    return _send("erp_sync.mirror.tasks.reconcile_keys", {})


def refresh(kinds: Iterable[str], *, erp_id: str) -> None:
    """Bring what was just written to the ERP into the mirror soon."""
    log.info("erp_written", kinds=list(kinds), erp_id=erp_id)
    for kind in kinds:
        pull_now(kind)


# --- one run ---


@dataclass(slots=True)
class _Run:
    state: SyncState
    progress: Progress
    row: SyncRun
    now: dt.datetime
    limit: int


def _carry_on(run: _Run, erp: Erp, *, full: bool, report: Report | None) -> None:
    cursor = _first_cursor(run, erp, full=full, deadline_s=limits.pull_deadline_s())
    while True:
        kind, deadline_s = run.state.kind, limits.pull_deadline_s()
        page, run.limit = pages.ask(erp, kind, cursor, limit=run.limit, deadline_s=deadline_s)
        if page.next == cursor:
            raise ErpBroken(f"The page after {cursor.last_id!r} of {run.state.kind} leads back to itself.")
        with transaction.atomic():
            _take(run, page)
        if report:
            report(run.progress)
        if page.next is None:
            return
        cursor = page.next


def _first_cursor(run: _Run, erp: Erp, *, full: bool, deadline_s: float) -> Cursor:
    """Return where to begin; a new run notes the ERP's clock first, which is where the next one will begin."""
    state = run.state
    if state.page_id and not full:
        return Cursor(state.changed_at, state.page_id)
    state.horizon_at, state.begun_at = erp.now(deadline_s=deadline_s), run.now
    if full or state.changed_at is None:
        return Cursor()
    return Cursor(state.changed_at - limits.overlap())


def _take(run: _Run, page: Page[object]) -> None:
    """Write one page, its quarantine, and where the run stands now; all or nothing."""
    kind, progress = run.state.kind, run.progress
    written = writing.write(kind, page.records, now=run.now)
    broken = [*page.broken, *written.refused]
    _quarantine(kind, broken, run.now)
    _settle(kind, [*written.changed, *written.unchanged], run.now)
    if page.total is not None and progress.expected is None:
        progress.expected = page.total
    progress.seen += len(page.records) + len(page.broken)
    progress.changed += len(written.changed)
    progress.quarantined += len(broken)
    _save_state(run, page, written.newest)
    _save_row(run, is_over=page.next is None)


def _save_state(run: _Run, page: Page[object], newest: dt.datetime | None) -> None:
    state = run.state
    state.highest_version = max(filter(None, [newest, state.highest_version]), default=None)
    if page.next is not None:
        state.changed_at, state.page_id = page.next.changed_at, page.next.last_id
    else:
        state.changed_at, state.page_id, state.horizon_at = state.horizon_at, "", None
        state.last_success_at, state.begun_at = state.begun_at, None
        run.progress.is_done = True
    state.save()


def _save_row(run: _Run, *, is_over: bool) -> None:
    """Keep the run for people, unless it was one of the many that found nothing new."""
    row, progress = run.row, run.progress
    is_worth_it = progress.changed or progress.quarantined or row.error or row.asked_by or row.is_full
    if is_over and not is_worth_it and row._state.adding:
        return
    row.expected, row.seen = progress.expected, progress.seen
    row.changed, row.quarantined = progress.changed, progress.quarantined
    if is_over:
        row.ended_at = max(timezone.now(), row.started_at)
    row.save()


def _note_error(run: _Run, error: ErpError) -> None:
    """Write down what ended the run; what was pulled is kept, the cursor stands after the last whole page."""
    run.progress.error = error
    text = str(error)[:500]
    SyncState.objects.filter(pk=run.state.pk).update(last_error=text, last_error_at=run.now)
    if not run.row._state.adding or run.row.asked_by:
        run.row.error = text
        _save_row(run, is_over=True)
    log.warning("pull_ended_early", kind=run.state.kind, error=text)


def _close_dead_runs(kind: str, now: dt.datetime) -> None:
    """End the rows of runs whose process died: we hold the lock, so none of them is alive."""
    SyncRun.objects.filter(kind=kind, ended_at=None).update(ended_at=now, error="The process was ended; resumed later.")


# --- the quarantine ---


def _quarantine(kind: str, broken: Sequence[Broken], now: dt.datetime) -> None:
    rows = {row.erp_id: row for row in (_quarantined(kind, one, now) for one in broken)}
    Quarantine.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["kind", "erp_id"],
        update_fields=["reason", "raw", "last_seen_at", "settled_at"],
    )


def _quarantined(kind: str, broken: Broken, now: dt.datetime) -> Quarantine:
    raw = broken.raw.replace("\x00", "�")[: writing.RAW_LIMIT]
    erp_id = broken.erp_id.replace("\x00", "�")[:64]
    return Quarantine(
        kind=kind,
        erp_id=erp_id or "?" + hashlib.blake2b(raw.encode(), digest_size=8).hexdigest(),
        reason=broken.reason.replace("\x00", "�")[:500],
        raw=raw,
        first_seen_at=now,
        last_seen_at=now,
    )


def _settle(kind: str, erp_ids: Sequence[str], now: dt.datetime) -> None:
    """Close the quarantine of records that came again and fit now."""
    fetch(_SETTLE, [now, kind, list(erp_ids)])


_SETTLE = """
UPDATE erp_sync_quarantine SET settled_at = %s WHERE kind = %s AND settled_at IS NULL AND erp_id = ANY(%s) RETURNING id
"""


def _send_soon(kind: str) -> None:
    now = time.monotonic()
    if now < _soon.get(kind, 0.0):
        return
    is_sent = _send("erp_sync.mirror.tasks.pull", {"kinds": [kind]}, countdown=SOON_S)
    _soon[kind] = now + (SOON_S if is_sent else BROKER_PAUSE_S)


def _send_pull(kinds: list[str], *, full: bool = False, asked_by: str = "") -> bool:
    return _send("erp_sync.mirror.tasks.pull", {"kinds": kinds, "full": full, "asked_by": asked_by})


def _send(task: str, arguments: dict[str, object], *, countdown: float = 0.0) -> bool:
    try:
        current_app.send_task(task, kwargs=arguments, countdown=countdown, retry=False)
    except (KombuError, OSError) as error:
        log.warning("task_not_queued", task=task, error=str(error))
        return False
    return True
