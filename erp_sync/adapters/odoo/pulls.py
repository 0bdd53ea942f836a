"""Pulls for the mirror: pages of records changed since a time (>=), by id, whatever the kind.

A page never drifts: the time is fixed for a whole run, and ids only grow. What changes behind the page is found by the
next run, which begins before the clock that this one began at.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from erp_sync import records as r
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.values import server_time
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

KEYS_PER_PAGE = 5000
Row = Mapping[str, Any]


class Source(Protocol):
    """One Odoo model that gives records of a kind.

    Attributes:
        tag: Put before the ids, where a kind has more than one source.
        model: Name in Odoo.
        most: Largest page that Odoo answers in a second or two.
    """

    tag: str
    model: str
    most: int

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields to read."""
        ...

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which rows are of this kind, withdrawn ones too."""
        ...

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the domain of rows changed at or after `since`; it stands beside the kind's own."""
        ...

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], Any]:
        """Read what else a page needs and return the function that makes a record of a row."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the sources of a kind: which source, and after which id."""

    source: int
    last_id: int


class Pulls:
    """Pages through the sources of each kind."""

    def __init__(self, client: OdooClient, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._client = client
        self._sources = sources

    def page(self, kind: str, cursor: r.Cursor, limit: int, deadline: Deadline) -> r.Page[Any]:
        """Return up to `limit` records after the cursor; the last source ends the pull."""
        sources = self._sources[kind]
        position = _position(cursor.last_id, sources)
        source = sources[position.source]
        limit = min(limit, source.most)
        wanted = [*self._wanted(source, cursor, deadline), ["id", ">", position.last_id]]
        rows = self._client.rows(source.model, wanted, source.fields(deadline), deadline=deadline, limit=limit)
        records, broken = _built(source, rows, source.builder(rows, deadline)) if rows else ([], [])
        return r.Page(
            records=tuple(records),
            next=_next(cursor, sources, position, rows, limit),
            broken=tuple(broken),
            total=self._total(sources, cursor, deadline) if not cursor.last_id else None,
        )

    def fields(self, deadline: Deadline) -> Mapping[str, list[str]]:
        """Return the fields that the pulls read, by model."""
        found: dict[str, list[str]] = {}
        for source in (source for of_kind in self._sources.values() for source in of_kind):
            found.setdefault(source.model, []).extend(source.fields(deadline))
        return found

    def keys(self, kind: str, deadline: Deadline) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        for source in self._sources[kind]:
            last_id = 0
            domain = source.domain(deadline)
            while True:
                page = [*domain, ["id", ">", last_id]]
                ids: list[int] = self._client.call(
                    source.model, "search", domain=page, limit=KEYS_PER_PAGE, order="id", deadline=deadline
                )
                yield from (f"{source.tag}{one}" for one in ids)
                if len(ids) < KEYS_PER_PAGE:
                    break
                last_id = ids[-1]

    def now(self, deadline: Deadline) -> dt.datetime:
        """Return the clock of the ERP's server, to the second.

        Raises:
            ErpBroken: the server tells no time.
        """
        return server_time(self._client.greet(deadline)[1])

    def _wanted(self, source: Source, cursor: r.Cursor, deadline: Deadline) -> list[Any]:
        domain = source.domain(deadline)
        if cursor.changed_at is not None:
            domain = [*domain, *source.changed(cursor.changed_at, deadline)]
        return domain

    def _total(self, sources: Sequence[Source], cursor: r.Cursor, deadline: Deadline) -> int:
        counts = (
            self._client.call(
                source.model, "search_count", domain=self._wanted(source, cursor, deadline), deadline=deadline
            )
            for source in sources
        )
        return sum(int(count) for count in counts)


def _position(last_id: str, sources: Sequence[Source]) -> Position:
    if not last_id:
        return Position(0, 0)
    for index, source in enumerate(sources):
        rest = last_id.removeprefix(source.tag)
        if last_id.startswith(source.tag) and rest.isdigit():
            return Position(index, int(rest))
    raise ErpBroken(f"not a place in a pull: {last_id[:40]!r}")


def _next(
    cursor: r.Cursor, sources: Sequence[Source], position: Position, rows: Sequence[Row], limit: int
) -> r.Cursor | None:
    if len(rows) == limit:
        return r.Cursor(cursor.changed_at, f"{sources[position.source].tag}{rows[-1]['id']}")
    if position.source + 1 < len(sources):
        return r.Cursor(cursor.changed_at, f"{sources[position.source + 1].tag}0")
    return None


def _built(source: Source, rows: Sequence[Row], build: Callable[[Row], Any]) -> tuple[list[Any], list[r.Broken]]:
    """Make records; a row that cannot be read is set aside and the others go on."""
    records, broken = [], []
    for row in rows:
        try:
            records.append(build(row))
        except (ErpBroken, KeyError, TypeError, ValueError, ArithmeticError) as error:
            raw = json.dumps(row, default=str)[:4000]
            broken.append(r.Broken(f"{source.tag}{row['id']}", f"{error!r}"[:500], raw))
    return records, broken
