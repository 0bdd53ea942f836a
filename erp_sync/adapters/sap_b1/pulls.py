"""Pulls for the mirror: pages of rows changed since a day, by their key, whatever the kind.

The ERP keeps a day and a time of change without a zone, for new rows the day of their making only, and some changes of
what hangs on a document do not move either. So a pull asks for whole days, by the key, and takes what the causes point
to besides (a delivery: its order). What is read again is the same again: the mirror writes nothing then.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from erp_sync import records as r
from erp_sync.adapters.odata import literal, query
from erp_sync.adapters.sap_b1.client import B1Client, Batch
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.setup import SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

KEYS_PER_PAGE = 500
# Around midnight the day before is asked for too: clocks differ, and one hour comes twice when they are put back.
DOUBT = dt.timedelta(minutes=62)
MARK = "|"
Build = Callable[[Row], list[Any]]


class Source(Protocol):
    """One entity that gives records of a kind.

    Attributes:
        entity, key: Name of the entity, and of its key.
        is_text: Whether the key is a text.
        most: Largest page that the ERP answers in a second or two.
        ids_from: Fields from which `ids` tells the records of a row.
    """

    entity: str
    key: str
    is_text: bool
    most: int
    ids_from: tuple[str, ...]

    def select(self) -> list[str]:
        """Return the fields to read."""
        ...

    def where(self) -> str:
        """Return the clause of the rows that are of this kind."""
        ...

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of rows that may have changed since, "" where none tells."""
        ...

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return keys of rows that changed without telling so."""
        ...

    def ids(self, row: Row) -> list[str]:
        """Return the ids of a row's records."""
        ...

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Read what else a page needs and return the function that makes the records of a row."""
        ...


class Pulls:
    """Pages through the sources of each kind."""

    def __init__(self, client: B1Client, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._client = client
        self._sources = sources
        self._touched: dict[str, tuple[dt.datetime, set[Any]]] = {}

    def page(self, kind: str, cursor: r.Cursor, limit: int, deadline: Deadline) -> r.Page[Any]:
        """Return the records of up to `limit` rows after the cursor; the last source ends the pull."""
        sources = self._sources[kind]
        index, after = _position(cursor.last_id, sources)
        source = sources[index]
        rows, has_more = self._rows(source, cursor, after, min(limit, source.most), deadline)
        records, broken = _built(source, rows, source.builder(rows, deadline)) if rows else ([], [])
        return r.Page(
            records=tuple(records),
            next=_next(cursor, index, len(sources), rows[-1][source.key] if has_more else None),
            broken=tuple(broken),
            total=self._total(sources, cursor, deadline) if not cursor.last_id else None,
        )

    def fields(self) -> Mapping[str, list[str]]:
        """Return the fields that the pulls read, by entity."""
        found: dict[str, list[str]] = {}
        for source in (source for of_kind in self._sources.values() for source in of_kind):
            found.setdefault(source.entity, []).extend(source.select())
        return found

    def keys(self, kind: str, deadline: Deadline) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        for source in self._sources[kind]:
            rows = self._client.rows(
                source.entity,
                source.key,
                select=[source.key, *source.ids_from],
                where=source.where(),
                size=source.most if source.ids_from else KEYS_PER_PAGE,
                deadline=deadline,
            )
            for row in rows:
                yield from source.ids(row)

    def _rows(
        self, source: Source, cursor: r.Cursor, after: Any, limit: int, deadline: Deadline
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return the next rows by their key: those that tell a change and those that were touched, and if more come."""
        where = self._wanted(source, cursor)
        found = self._client.page(
            source.entity, source.key, after=after, where=where, select=source.select(), size=limit, deadline=deadline
        )
        since = cursor.changed_at
        if since is None:
            return found.rows, found.has_more
        touched = self._touched_by(source, since, deadline, is_first=after is None)
        picked, has_more = found.rows, found.has_more
        if touched:
            picked, has_more = self._joined(source, found, touched, after, limit, deadline)
        return picked, has_more and bool(picked)

    def _touched_by(self, source: Source, since: dt.datetime, deadline: Deadline, *, is_first: bool) -> set[Any]:
        """Return what was touched, read at the first page of a run; what is touched behind it the next run finds."""
        known = self._touched.get(source.entity)
        if is_first or known is None or known[0] != since:
            known = self._touched[source.entity] = (since, source.touched(since, deadline))
        return known[1]

    def _joined(
        self, source: Source, found: Batch, touched: set[int], after: int | None, limit: int, deadline: Deadline
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return a page with those among its keys that were touched; only documents are, whose keys are numbers."""
        rows = {row[source.key]: row for row in found.rows}
        first, last = after or 0, found.rows[-1][source.key] if found.has_more else None
        others = {key for key in touched - set(rows) if key > first and (last is None or key <= last)}
        keys = sorted({*rows, *others})
        wanted = [key for key in keys[:limit] if key in others]
        read = self._client.by_keys(
            source.entity, source.key, wanted, select=source.select(), deadline=deadline, where=source.where()
        )
        rows |= {row[source.key]: row for row in read}
        return [rows[key] for key in keys[:limit] if key in rows], found.has_more or len(keys) > limit

    def _wanted(self, source: Source, cursor: r.Cursor) -> str:
        changed = source.changed(cursor.changed_at) if cursor.changed_at is not None else ""
        return " and ".join(f"({one})" for one in (source.where(), changed) if one)

    def _total(self, sources: Sequence[Source], cursor: r.Cursor, deadline: Deadline) -> int:
        total = 0
        for source in sources:
            asked = {"$select": source.key, "$top": "1", "$count": "true", "$filter": self._wanted(source, cursor)}
            count = self._client.get(source.entity + query(asked), deadline=deadline).get("@odata.count")
            total += count if isinstance(count, int) else 0
        return total


def changed_since(since: dt.datetime, setup: SetupSource, *, made_on: str = "CreationDate") -> str:
    """Return the clause of rows that changed on the day of `since` or later."""
    on = literal((since - DOUBT).astimezone(setup.zone).date().isoformat())
    return f"UpdateDate ge {on} or {made_on} ge {on}"


def bases(client: B1Client, entity: str, where: str, base_type: int, deadline: Deadline) -> set[int]:
    """Return the documents of a type that those of an entity were made from."""
    found: set[int] = set()
    for row in client.rows(
        entity, "DocEntry", select=["DocEntry", "DocumentLines"], where=where, size=50, deadline=deadline
    ):
        found |= {one["BaseEntry"] for one in row["DocumentLines"] if one.get("BaseType") == base_type}
    return found - {None}


def _position(last_id: str, sources: Sequence[Source]) -> tuple[int, Any]:
    if not last_id:
        return 0, None
    index, mark, key = last_id.partition(MARK)
    if not mark or not index.isdigit() or int(index) >= len(sources):
        raise ErpBroken(f"not a place in a pull: {last_id[:40]!r}")
    source = sources[int(index)]
    if not key:
        return int(index), None
    if source.is_text:
        return int(index), key
    if not key.isdigit():
        raise ErpBroken(f"not a place in a pull: {last_id[:40]!r}")
    return int(index), int(key)


def _next(cursor: r.Cursor, index: int, count: int, last: Any) -> r.Cursor | None:
    if last is not None:
        return r.Cursor(cursor.changed_at, f"{index}{MARK}{last}")
    return r.Cursor(cursor.changed_at, f"{index + 1}{MARK}") if index + 1 < count else None


def _built(source: Source, rows: Sequence[Row], build: Build) -> tuple[list[Any], list[r.Broken]]:
    """Make records; a row that cannot be read is set aside and the others go on."""
    records: list[Any] = []
    broken: list[r.Broken] = []
    for row in rows:
        try:
            records += build(row)
        except (ErpBroken, KeyError, TypeError, ValueError, ArithmeticError) as error:
            broken.append(r.Broken(str(row[source.key]), f"{error!r}"[:500], json.dumps(row, default=str)[:4000]))
    return records, broken
