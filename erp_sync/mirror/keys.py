"""The nightly comparison of ids: what the ERP no longer has is marked as gone, what came back returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from erp_sync import adapters
from erp_sync.errors import ErpError, ErpMisconfigured, ErpUnavailable
from erp_sync.mirror import index, limits, sync
from erp_sync.mirror.locks import alone
from erp_sync.mirror.models import Quarantine, SyncRun, SyncState
from erp_sync.mirror.rows import TABLES
from erp_sync.ports import MIRRORED, Erp

# Kinds that are pulled whole each night: an address or contact that was deleted, or that went to another customer,
# leaves no trace at the customer who had it.
WHOLE = frozenset({"customers"})
_BATCH = 5000
_FEW = 20  # so many rows may always vanish
_WAIT_S = 60.0
_DEADLINE_S = 120.0


@dataclass(slots=True)
class Comparison:
    """What came out of it for one kind.

    Attributes:
        gone, back: Rows marked as gone, rows that returned.
        unknown: Records of the ERP that the mirror lacks; then the next pull is a full one.
        doubt: Why nothing was marked: the ERP lists so few that it looks like an error.
    """

    kind: str
    gone: int = 0
    back: int = 0
    unknown: int = 0
    doubt: str = ""
    is_busy: bool = False
    error: ErpError | None = None


def compare_all(
    *,
    kinds: Iterable[str] = MIRRORED,
    now: dt.datetime,
    accept_loss: bool = False,
    erp: Erp | None = None,
) -> list[Comparison]:
    """Compare all kinds, then recount the words of items and forget old runs."""
    wanted = set(kinds)
    results = []
    for kind in MIRRORED:
        if kind in wanted:
            results.append(compare(kind=kind, now=now, accept_loss=accept_loss, erp=erp))
            if isinstance(results[-1].error, ErpUnavailable | ErpMisconfigured):
                break
    if "items" in wanted:
        index.recount_words()
    SyncRun.objects.filter(started_at__lt=now - limits.RUNS_KEPT).delete()
    return results


def compare(*, kind: str, now: dt.datetime, accept_loss: bool = False, erp: Erp | None = None) -> Comparison:
    """Compare the ids that the ERP has now with the mirror's, while no pull of this kind runs.

    Rows are never deleted. When more than MIRROR_LOSS_ALLOWED of them would vanish at once (a right
    taken from our user in the ERP looks like that) nothing is marked, unless `accept_loss` says
    that it is true.
    """
    result = Comparison(kind)
    with alone(kind, wait_s=_WAIT_S) as is_ours:
        if not is_ours:
            result.is_busy = True
            return result
        try:
            _collect((erp or adapters.load()).keys(kind, deadline_s=_DEADLINE_S))
        except ErpError as error:
            result.error = error
            _note(kind, now, str(error))
            return result
        # What was made meanwhile comes in now (the lock is ours already), so that it does not count
        # as unknown.
        result.error = sync.pull(kind=kind, now=now, full=kind in WHOLE, erp=erp).error
        if result.error:
            return result
        with transaction.atomic():
            _mark(result, now, accept_loss=accept_loss)
        return result


def _collect(keys: Iterator[str]) -> None:
    """Put the ERP's ids into a table of this session, so that millions need no memory here."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS erp_key (erp_id text PRIMARY KEY)")
        cursor.execute("TRUNCATE erp_key")
        while batch := list(islice(keys, _BATCH)):
            cursor.execute("INSERT INTO erp_key SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [batch])
        cursor.execute("ANALYZE erp_key")


def _mark(result: Comparison, now: dt.datetime, *, accept_loss: bool) -> None:
    table, over = TABLES[result.kind].model._meta.db_table, list(TABLES[result.kind].over)
    missing = "gone_at IS NULL AND synced_at < %s AND NOT EXISTS (SELECT 1 FROM erp_key k WHERE k.erp_id = m.erp_id)"
    kept: list[Any] = [over] if over else []
    if over:
        missing += " AND state <> ALL(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE {missing}), count(*) FILTER (WHERE gone_at IS NULL) FROM {table} m",  # noqa: S608
            [now, *kept],
        )
        going, alive = cursor.fetchone() or (0, 0)
        if not accept_loss and going > _FEW and going > alive * limits.loss_allowed():
            result.doubt = f"The ERP lists {alive - going} of {alive} known {result.kind}; nothing was marked as gone."
            _note(result.kind, now, result.doubt)
            return
        cursor.execute(f"UPDATE {table} m SET gone_at = %s WHERE {missing}", [now, now, *kept])  # noqa: S608
        result.gone = cursor.rowcount
        cursor.execute(
            f"SELECT erp_id FROM {table} m WHERE gone_at IS NOT NULL "  # noqa: S608
            "AND EXISTS (SELECT 1 FROM erp_key k WHERE k.erp_id = m.erp_id)"
        )
        back = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"SELECT count(*) FROM erp_key k WHERE NOT EXISTS (SELECT 1 FROM {table} m WHERE m.erp_id = k.erp_id) "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM {Quarantine._meta.db_table} q "
            "WHERE q.kind = %s AND q.erp_id = k.erp_id AND q.settled_at IS NULL)",
            [result.kind],
        )
        result.unknown = (cursor.fetchone() or (0,))[0]
    _bring_back(result, back)
    _save(result, now)


def _bring_back(result: Comparison, erp_ids: list[str]) -> None:
    """Let rows return; where one clashes with a row that took its number, a full pull decides record by record."""
    rows = TABLES[result.kind].model._default_manager.filter(erp_id__in=erp_ids)
    try:
        with transaction.atomic():
            result.back = rows.update(gone_at=None)
    except IntegrityError:
        result.unknown += len(erp_ids)


def _save(result: Comparison, now: dt.datetime) -> None:
    """Note the comparison; records that we lack are fetched by a full pull, the next of this kind."""
    state, _created = SyncState.objects.get_or_create(kind=result.kind)
    state.keys_compared_at = now
    if result.unknown:
        state.changed_at, state.page_id, state.horizon_at = None, "", None
    state.save()


def _note(kind: str, now: dt.datetime, text: str) -> None:
    SyncState.objects.update_or_create(kind=kind, defaults={"last_error": text[:500], "last_error_at": now})
