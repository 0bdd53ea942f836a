"""Writes a page of records into the mirror: few statements, one transaction, rows locked in the order of their ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, models, transaction

from erp_sync import records as r
from erp_sync.mirror import index
from erp_sync.mirror.models import Category, Item, MirrorRow, Order, Quote
from erp_sync.mirror.rows import TABLES, Part, Table, Unfit, checked, fingerprint

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
    row: MirrorRow
    parts: list[list[models.Model]]


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
    fresh = _changed(table, newest, written)
    ready = [one for record in fresh if (one := _ready(table, record, now, written)) is not None]
    if ready:
        _save_all(table, ready, written)
    if written.changed:
        _follow_up(table, written.changed)
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


def _changed(table: Table, newest: dict[str, Any], written: Written) -> list[Any]:
    """Lock the rows that exist, in the order of their ids, and return the records that differ from them."""
    locked = (
        table.model._default_manager.select_for_update(of=("self",))
        .filter(erp_id__in=list(newest))
        .order_by("pk")
        .values_list("erp_id", "fingerprint", "gone_at")
    )
    for erp_id, known, gone_at in locked:
        if gone_at is None and known == fingerprint(newest[erp_id]):
            written.unchanged.append(erp_id)
            del newest[erp_id]
    return list(newest.values())


def _ready(table: Table, record: Any, now: dt.datetime, written: Written) -> _Ready | None:
    try:
        own = {"erp_id": record.erp_id, "version": record.version, "synced_at": now}
        row = table.model(**checked(table.model, own | table.values(record)), fingerprint=fingerprint(record))
        parts = [[part.model(**checked(part.model, values)) for values in part.values(record)] for part in table.parts]
    except Unfit as error:
        written.refused.append(r.Broken(record.erp_id, str(error)[:500], repr(record)[:RAW_LIMIT]))
        return None
    return _Ready(record, row, parts)


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
    columns = [f.name for f in table.model._meta.concrete_fields if f.name not in {"id", "erp_id", *index.FILLED}]
    rows = [_reset(one.row) for one in ready]
    table.model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=["erp_id"], update_fields=columns
    )
    for position, part in enumerate(table.parts):
        _save_part(part, [(one.row, one.parts[position]) for one in ready])


def _reset(row: MirrorRow) -> MirrorRow:
    """Forget the key of an attempt that was rolled back."""
    row.pk = None
    row._state.adding = True
    return row


def _save_part(part: Part, owned: list[tuple[MirrorRow, list[models.Model]]]) -> None:
    """Replace the parts of all owners with two statements; those with a key of their own keep their identity."""
    children: list[models.Model] = []
    for owner, own in owned:
        for child in own:
            child.pk = None
            setattr(child, part.owner, owner)
            children.append(child)
    manager = part.model._default_manager
    old = manager.filter(**{f"{part.owner}__in": [owner.pk for owner, _own in owned]})
    if part.first:
        _keep_first(part, old, children)
    if not part.key:
        old.delete()
        manager.bulk_create(children)
        return
    old.exclude(**{f"{part.key}__in": [getattr(child, part.key) for child in children]}).delete()
    columns = [f.name for f in part.model._meta.concrete_fields if f.name not in {"id", part.key}]
    once = {getattr(child, part.key): child for child in children}
    manager.bulk_create(once.values(), update_conflicts=True, unique_fields=[part.key], update_fields=columns)


def _keep_first(part: Part, old: models.QuerySet[models.Model], children: list[models.Model]) -> None:
    """Give each part the first value that its predecessor had."""
    values = old.exclude(**{part.first: None}).values_list(f"{part.owner}_id", "erp_id", part.first)
    known = {(owner, erp_id): value for owner, erp_id, value in values}
    for child in children:
        key = (getattr(child, f"{part.owner}_id"), getattr(child, "erp_id", ""))
        setattr(child, part.first, known.get(key) or getattr(child, part.first))


def _follow_up(table: Table, changed: list[str]) -> None:
    """Fill what follows from the rows: the tree's paths, the items' places in it and their words, quotes answered."""
    if table.model is Category:
        index.place_categories()
    if table.model is Item:
        index.fill_items(changed)
    if table.model is Order:
        _close_quotes(changed)


def _close_quotes(order_erp_ids: list[str]) -> None:
    """Mark the quotes that became an order, or went with one: the ERP may not list them as quotes any more."""
    came = Order.objects.filter(erp_id__in=order_erp_ids).exclude(quote_erp_id="")
    waiting = Quote.objects.filter(state__in=("draft", "quoted"))
    became = came.filter(status__in=("open", "completed")).values("quote_erp_id")
    waiting.filter(erp_id__in=became).update(state="accepted")
    went = came.filter(status="cancelled").values("quote_erp_id")
    waiting.filter(erp_id__in=went).update(state="declined")
