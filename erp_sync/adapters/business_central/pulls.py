"""Pulls for the mirror: pages of records changed since a time (>=), in the order of their change.

A place in a pull is the time and id of the last row seen, so that a run can go on after days and in another process.
Rows of that same instant are read again and passed over. While the process lives, the ERP's own next link saves that:
what the ERP took over from before it kept times of change (year 1) are thousands of one instant.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

CHANGED = "lastModifiedDateTime"
KEYS_PER_PAGE = 5000
LINKS_KEPT = 40
Row = Mapping[str, Any]
Builder = Callable[[Row], Any]
_START = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Table:
    """What is read of an entity set.

    Attributes:
        place: Name of the entity set.
        select: The fields that are read; `id` and the time of change are among them.
        expand: The part that is read with each row, "" = none.
        most: Largest page that the ERP answers in a second or two.
        where: Which rows are of the kind, as a filter; "" = all.
        key_fields, key_expand: What `keys` needs.
    """

    place: str
    select: Sequence[str]
    expand: str = ""
    most: int = 1000
    where: str = ""
    key_fields: Sequence[str] = ("id",)
    key_expand: str = ""


class Source(Protocol):
    """One entity set that gives records of a kind."""

    @property
    def table(self) -> Table:
        """Return what is read."""
        ...

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> list[str]:
        """Return the erp_ids of the records that these rows (of `key_fields`) are, without those that are none."""
        ...

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Builder:
        """Read what else a page needs and return what makes a record of a row, None where the row is none."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the sources of a kind: which one, and the last row seen there (None, "" = none yet)."""

    source: int
    changed_at: dt.datetime | None = None
    row_id: str = ""

    def __str__(self) -> str:
        """Return it as a cursor keeps it, in at most 60 signs."""
        if self.changed_at is None:
            return f"{self.source}::"
        return f"{self.source}:{(self.changed_at - _START) // _TICK}:{self.row_id}"


class Pulls:
    """Pages through the sources of each kind."""

    def __init__(self, client: BcClient, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._client = client
        self._sources = sources
        self._links: dict[tuple[str, r.Cursor, int], str] = {}

    def page(self, kind: str, cursor: r.Cursor, limit: int, deadline: Deadline) -> r.Page[Any]:
        """Return the next records after the cursor; the last source ends the pull."""
        sources = self._sources[kind]
        if not sources:
            return r.Page(records=(), next=None)
        position = _position(cursor.last_id, sources)
        source = sources[position.source]
        size = min(limit, source.table.most)
        rows, link = self._rows(kind, source, cursor, position, size, deadline)
        records, broken = _built(rows, source.builder(rows, deadline)) if rows else ([], [])
        following = _next(cursor, sources, position, rows, is_last=not link)
        if following is not None and link:
            self._keep((kind, following, size), link)
        return r.Page(records=tuple(records), next=following, broken=tuple(broken))

    def keys(self, kind: str, deadline: Deadline) -> Iterator[str]:
        """Yield the erp_id of every record of a kind, each once."""
        seen: set[str] = set()
        for source in self._sources[kind]:
            table = source.table
            query = Query(table.key_fields, table.where, table.key_expand)
            path = self._client.path(table.place, deadline, query)
            while path:
                rows, path = self._client.page(path, size=KEYS_PER_PAGE, deadline=deadline)
                fresh = [one for one in dict.fromkeys(source.keys(rows, deadline)) if one not in seen]
                seen.update(fresh)
                yield from fresh

    def tables(self) -> Iterator[Table]:
        """Yield what is read of each source."""
        for source in (one for of_kind in self._sources.values() for one in of_kind):
            yield source.table

    def _rows(
        self, kind: str, source: Source, cursor: r.Cursor, position: Position, size: int, deadline: Deadline
    ) -> tuple[list[Row], str]:
        """Return the rows after a position, and the link to more."""
        known = self._links.pop((kind, cursor, size), "")
        if known:
            rows, link = self._client.page(known, size=size, deadline=deadline)
            return list(rows), link
        since = position.changed_at or cursor.changed_at
        changed = f"{CHANGED} ge {odata.instant(since)}" if since else ""
        table = source.table
        query = Query(table.select, odata.all_of(table.where, changed), table.expand, CHANGED)
        path = self._client.path(table.place, deadline, query)
        again: list[Row] = []
        while path:
            # One more than wanted: the row that the cursor stands at comes again.
            rows, path = self._client.page(path, size=size + (1 if position.row_id else 0), deadline=deadline)
            again += rows
            place = next((n for n, row in enumerate(again) if _stands_at(row, position)), None)
            if place is not None and place + 1 < len(again):
                return again[place + 1 :], path
            if place is None and (not again or not position.row_id or _instant(again[-1]) != position.changed_at):
                return again, path  # the row moved on: what is of its instant comes once more
        return [], ""

    def _keep(self, key: tuple[str, r.Cursor, int], link: str) -> None:
        while len(self._links) >= LINKS_KEPT:
            self._links.pop(next(iter(self._links)), None)
        self._links[key] = link


def _position(last_id: str, sources: Sequence[Source]) -> Position:
    if not last_id:
        return Position(0)
    number, _, rest = last_id.partition(":")
    ticks, _, row_id = rest.partition(":")
    if not number.isdigit() or int(number) >= len(sources) or (ticks and not ticks.isdigit()):
        raise ErpBroken(f"not a place in a pull: {last_id[:60]!r}")
    return Position(int(number), _START + int(ticks) * _TICK if ticks else None, row_id)


def _next(
    cursor: r.Cursor, sources: Sequence[Source], position: Position, rows: Sequence[Row], *, is_last: bool
) -> r.Cursor | None:
    if not is_last and rows:
        place = Position(position.source, _instant(rows[-1]), str(rows[-1]["id"]))
        return r.Cursor(cursor.changed_at, str(place))
    if position.source + 1 < len(sources):
        return r.Cursor(cursor.changed_at, str(Position(position.source + 1)))
    return None


def _instant(row: Row) -> dt.datetime:
    """Return a row's time of change as the ERP tells it, the year 1 too."""
    told = str(row[CHANGED])
    if to.instant(told) == to.EPOCH:
        return _START
    return dt.datetime.fromisoformat(told)


def _stands_at(row: Row, position: Position) -> bool:
    return bool(position.row_id) and str(row["id"]) == position.row_id and _instant(row) == position.changed_at


def _built(rows: Sequence[Row], build: Builder) -> tuple[list[Any], list[r.Broken]]:
    """Make records; a row that cannot be read is set aside and the others go on."""
    records, broken = [], []
    for row in rows:
        try:
            record = build(row)
        except (ErpBroken, KeyError, TypeError, ValueError, ArithmeticError) as error:
            raw = json.dumps(row, default=str)[:4000]
            broken.append(r.Broken(str(row.get("number") or row.get("id"))[:64], f"{error!r}"[:500], raw))
        else:
            if record is not None:
                records.append(record)
    return records, broken


def erp_ids(rows: Sequence[Row], field: str = "id") -> list[str]:
    """Return the ids of rows."""
    return [to.line(row[field], 64) for row in rows]
