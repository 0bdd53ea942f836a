"""Pulls for the mirror: pages of records changed since a time (>=), by (time of change, name).

A place in a pull is kept in the ERP's own words, for its times cannot be told apart in the autumn night. What changes
while the pages are read comes again at their end; nothing is left out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from erp_sync import records as r
from erp_sync.adapters.erpnext.client import ErpNextClient, Listing
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

KEYS_PER_PAGE = 5000
ORDER = "modified asc, name asc"
When = Callable[[Any], dt.datetime]
Built = Iterable[Any]


class Source(Protocol):
    """A document type that gives records of a kind.

    Attributes:
        doctype: Name in ERPNext.
        fields: What to read; `name` and `modified` are among it.
        most: Largest page that the ERP answers in a second or two.
        is_whole: Its rows are the records (or hold them); False: it only tells of which records something changed.
    """

    doctype: str
    fields: tuple[str, ...]
    most: int
    is_whole: bool

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which rows are of this kind."""
        ...

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read what else a page needs and return the function that makes the records of a row."""
        ...

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the ids of the records that these rows (name only) give."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the sources of a kind: which source, and after which time and name of it."""

    source: int = 0
    modified: str = ""
    name: str = ""

    def __str__(self) -> str:
        return json.dumps([self.source, self.modified, self.name])

    @classmethod
    def of(cls, told: str, sources: int) -> Position:
        """Return the place that a cursor names.

        Raises:
            ErpBroken: it is none.
        """
        if not told:
            return cls()
        try:
            source, modified, name = json.loads(told)
            if 0 <= source < sources:
                return cls(source, str(modified), str(name))
        except (ValueError, TypeError):
            pass
        raise ErpBroken(f"not a place in a pull: {told[:60]!r}")


class Pulls:
    """Pages through the sources of each kind."""

    def __init__(self, client: ErpNextClient, setup: SetupSource, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._client = client
        self._setup = setup
        self._sources = sources

    def page(self, kind: str, cursor: r.Cursor, limit: int, deadline: Deadline) -> r.Page[Any]:
        """Return records after the cursor: those of up to `limit` rows."""
        sources = self._sources[kind]
        position = Position.of(cursor.last_id, len(sources))
        source = sources[position.source]
        limit = min(limit, source.most)
        listing = self.listing(source, cursor.changed_at, position, limit, deadline)
        records, broken = self._built(source, listing, deadline) if listing.rows else ([], [])
        return r.Page(
            records=tuple(records), next=_next(cursor, sources, position, listing.rows, limit), broken=tuple(broken)
        )

    def listing(
        self, source: Source, since: dt.datetime | None, position: Position, limit: int, deadline: Deadline
    ) -> Listing:
        """Return a page of rows, as the ERP tells them."""
        filters = source.filters(deadline)
        either: list[Any] = []
        if position.modified:
            filters = [["modified", ">=", position.modified], *filters]
            either = [["modified", ">", position.modified], ["name", ">", position.name]]
        elif since is not None:
            filters = [["modified", ">=", self._setup.get(deadline).zone.since(since)], *filters]
        return self._client.page(
            source.doctype, source.fields, filters, deadline, order=ORDER, limit=limit, either=either
        )

    def sources(self) -> Iterator[Source]:
        """Yield every source."""
        for of_kind in self._sources.values():
            yield from of_kind

    def keys(self, kind: str, deadline: Deadline) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        for source in self._sources[kind]:
            last = ""
            while source.is_whole:
                filters = [*source.filters(deadline), *([["name", ">", last]] if last else [])]
                listing = self._client.page(
                    source.doctype, ["name"], filters, deadline, order="name asc", limit=KEYS_PER_PAGE
                )
                yield from source.keys(listing.rows, deadline)
                if len(listing.rows) < KEYS_PER_PAGE:
                    break
                last = str(listing.rows[-1]["name"])

    def _built(self, source: Source, listing: Listing, deadline: Deadline) -> tuple[list[Any], list[r.Broken]]:
        """Make records; a row that cannot be read is set aside and the others go on."""
        zone = self._setup.get(deadline).zone
        build = source.builder(listing.rows, lambda told: zone.utc(told, listing.seen_at), deadline)
        records: dict[str, Any] = {}
        broken = []
        for row in listing.rows:
            try:
                records |= {one.erp_id: one for one in build(row)}
            except (ErpBroken, LookupError, TypeError, ValueError, ArithmeticError) as error:
                raw = json.dumps(row, default=str)[:4000]
                broken.append(r.Broken(str(row.get("name")), f"{error!r}"[:500], raw))
        return list(records.values()), broken


def _next(
    cursor: r.Cursor, sources: Sequence[Source], position: Position, rows: Sequence[Row], limit: int
) -> r.Cursor | None:
    if len(rows) >= limit:
        after = Position(position.source, str(rows[-1]["modified"]), str(rows[-1]["name"]))
        return r.Cursor(cursor.changed_at, str(after))
    for index in range(position.source + 1, len(sources)):
        # What only tells of changes has nothing to add when everything is read.
        if sources[index].is_whole or cursor.changed_at is not None:
            return r.Cursor(cursor.changed_at, str(Position(index)))
    return None


def own_names(rows: Sequence[Row]) -> list[str]:
    """Return the ids of rows that are the records themselves."""
    return [str(row["name"]) for row in rows]
