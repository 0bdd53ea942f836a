"""Writes a page of records into the mirror: few statements, one transaction, rows locked in the order of their ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import Model, QuerySet

from erp_sync import records as r
from erp_sync.mirror import bulk, index
from erp_sync.mirror.fitting import Unfit, Values, checked
from erp_sync.mirror.models import Category, Item, Order, Quote
from erp_sync.mirror.rows import TABLES, Part, Table, fingerprint
from erp_sync.statements import fetch

RAW_LIMIT = 4000


@dataclass(slots=True)
class Written:
    """What became of a page: ids of rows that were written, and the records that could not be.

    `newest` is the highest version on the page.
    """

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[r.Broken] = field(default_factory=list)
    newest: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A record that passed all checks: the row to write and its parts, one list for each `Table.parts`."""

    record: Any
    row: Values
    parts: list[list[Values]]
    is_new: bool


def write(kind: str, records: Sequence[object], *, now: dt.datetime) -> Written:
    """Write the records that are new or changed, inside the caller's transaction.

    What the ERP says now counts, also when its version is older than the row's: clocks go back (a restored ERP, the
    end of summer time), and there is one run at a time, so nothing stale comes late. A record that the database
    refuses does not take the others with it.
    """
    table = TABLES[kind]
    written = Written()
    newest = _newest(table, records, written)
    written.newest = max((record.version for record in newest.values()), default=None)
    known = _known(table, list(newest))
    ready = []
    for erp_id, record in newest.items():
        own = {"fingerprint": fingerprint(record), "synced_at": now}
        if known.get(erp_id) == own["fingerprint"]:
            written.unchanged.append(erp_id)
        elif one := _ready(table, record, own, written, is_new=erp_id not in known):
            ready.append(one)
    if ready:
        _keep_forgotten(table, ready)
        _save_all(table, ready, written)
    if written.changed:
        _follow_up(table, [one.record for one in ready], written.changed)
    return written


def _newest(table: Table, records: Sequence[object], written: Written) -> dict[str, Any]:
    """Return the records by id, of two with one id the newer."""
    newest: dict[str, Any] = {}
    for one in records:
        record: Any = one
        if not isinstance(one, table.record):
            name = table.record.__name__
            written.refused.append(r.Broken("", f"not a {name}", repr(one)[:RAW_LIMIT]))
        elif record.erp_id not in newest or newest[record.erp_id].version <= record.version:
            newest[record.erp_id] = record
    return newest


def _known(table: Table, erp_ids: list[str]) -> dict[str, str]:
    """Lock the rows that exist, in the order of their ids; return their fingerprints, "" for those that were gone."""
    name = table.model._meta.db_table
    sql = f"SELECT erp_id, fingerprint, gone_at FROM {name} WHERE erp_id = ANY(%s) ORDER BY id FOR UPDATE"  # noqa: S608
    return {erp_id: known if gone_at is None else "" for erp_id, known, gone_at in fetch(sql, [erp_ids])}


def _ready(table: Table, record: Any, own: Values, written: Written, *, is_new: bool) -> _Ready | None:
    """Check a record, and return what to write of it; None when it does not fit."""
    values = {"erp_id": record.erp_id, "version": record.version}
    try:
        row = checked(table.model, values | table.values(record)) | own
        parts = [[checked(part.model, one) for one in part.values(record)] for part in table.parts]
    except Unfit as error:
        written.refused.append(r.Broken(record.erp_id, str(error)[:500], repr(record)[:RAW_LIMIT]))
        return None
    return _Ready(record, row, parts, is_new)


def _keep_forgotten(table: Table, ready: list[_Ready]) -> None:
    """Leave in rows that are there what the ERP told of them before and does not know any more."""
    vague = {one.record.erp_id: one for one in ready if not one.is_new and getattr(one.record, "forgotten", None)}
    for known in table.model._default_manager.filter(erp_id__in=vague):
        one = vague[known.erp_id]
        one.row.update({name: getattr(known, name) for name in one.record.forgotten})


def _save_all(table: Table, ready: list[_Ready], written: Written) -> None:
    """Save all at once; when the database refuses, one by one, so that only the bad ones stay out."""
    try:
        with transaction.atomic():
            _save(table, ready)
    except (DataError, IntegrityError):
        _save_one_by_one(table, ready, written)
    else:
        written.changed += [one.record.erp_id for one in ready]


def _save_one_by_one(table: Table, ready: list[_Ready], written: Written) -> None:
    """Save each in a savepoint, the refused ones once more: two items may have swapped their numbers."""
    left = ready
    reasons: dict[str, str] = {}
    for _round in range(2):
        failed = []
        for one in left:
            try:
                with transaction.atomic():
                    _save(table, [one])
            except (DataError, IntegrityError) as error:
                failed.append(one)
                reasons[one.record.erp_id] = _reason(one, error)
            else:
                written.changed.append(one.record.erp_id)
        left = failed
    written.refused += [
        r.Broken(one.record.erp_id, reasons[one.record.erp_id], repr(one.record)[:RAW_LIMIT]) for one in left
    ]


def _reason(one: _Ready, error: Exception) -> str:
    """Return the sentence for a person: what clashes, and where to cure it."""
    text = " ".join(str(error).split())
    if "item_sku_on_sale_once" in text:
        return f"Another item on sale has the number {one.record.sku}. Change one of the two in the ERP."[:500]
    return text[:500]


def _save(table: Table, ready: list[_Ready]) -> None:
    filled = index.ITEMS if table.model is Item else bulk.NOTHING
    kept = index.PLACED if table.model is Category else bulk.NO_COLUMNS
    rows = bulk.upsert(table.model, [one.row for one in ready], key="erp_id", kept=kept, filled=filled)
    ids = {erp_id: row_id for row_id, erp_id in rows}
    were_there = [ids[one.record.erp_id] for one in ready if not one.is_new]
    for position, part in enumerate(table.parts):
        column = f"{part.owner}_id"
        children = [child | {column: ids[one.record.erp_id]} for one in ready for child in one.parts[position]]
        _save_part(part, were_there, children)


def _save_part(part: Part, were_there: list[int], children: list[Values]) -> None:
    """Replace the parts of all owners with two statements; those with a key of their own keep their identity."""
    old = part.model._default_manager.filter(**{f"{part.owner}__in": were_there})
    if part.first:
        _keep_first(part, old, children)
    if part.key:
        old = old.exclude(pk__in=_upsert_parts(part, children))
    if were_there:
        old.delete()
    if not part.key:
        bulk.add(part.model, children)


def _upsert_parts(part: Part, children: list[Values]) -> list[int]:
    """Write parts over those of the same owner and key; return their ids."""
    key = (f"{part.owner}_id", part.key)
    once = {tuple(child[name] for name in key): child for child in children}
    return [row[0] for row in bulk.upsert(part.model, list(once.values()), key=", ".join(key))]


def _keep_first(part: Part, old: QuerySet[Model], children: list[Values]) -> None:
    """Give each part the first value that its predecessor had."""
    owner = f"{part.owner}_id"
    values = old.exclude(**{part.first: None}).values_list(owner, "erp_id", part.first)
    known = {(owner_id, erp_id): value for owner_id, erp_id, value in values}
    for child in children:
        child[part.first] = known.get((child[owner], child["erp_id"])) or child[part.first]


def _follow_up(table: Table, records: list[Any], changed: list[str]) -> None:
    """Fill what follows from the rows: the tree's paths, the words of items, quotes answered."""
    if table.model is Category:
        index.place_categories()
    if table.model is Item:
        index.learn_words(changed)
    if table.model is Order and any(record.quote_erp_id for record in records):
        _close_quotes(changed)


def _close_quotes(order_erp_ids: list[str]) -> None:
    """Mark the quotes that became an order, or went with one: the ERP may not list them as quotes any more."""
    came = Order.objects.filter(erp_id__in=order_erp_ids).exclude(quote_erp_id="")
    waiting = Quote.objects.filter(state__in=("draft", "quoted"))
    became = came.filter(status__in=("open", "completed")).values("quote_erp_id")
    waiting.filter(erp_id__in=became).update(state="accepted")
    went = came.filter(status="cancelled").values("quote_erp_id")
    waiting.filter(erp_id__in=went).update(state="declined")
