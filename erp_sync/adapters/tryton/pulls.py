"""Pulls for the mirror: pages of changed records by id, whatever the kind."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from erp_sync import records as r
from erp_sync.adapters.tryton.catalogue import Categories, Items
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.customers import Customers
from erp_sync.adapters.tryton.deliveries import Deliveries, Returns
from erp_sync.adapters.tryton.invoices import Invoices
from erp_sync.adapters.tryton.orders_read import Orders
from erp_sync.adapters.tryton.payments import BookedPayments, ShopPayments
from erp_sync.adapters.tryton.quotes_read import QuotesRead
from erp_sync.adapters.tryton.return_sales import ReturnSales
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.adapters.values import server_time
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

KEYS_PER_PAGE = 5000
Row = Mapping[str, Any]


class Source(Protocol):
    """One Tryton model that gives records of a kind.

    Attributes:
        tag: Put before the ids, where a kind has more than one source.
        model: Name in Tryton.
        most: Largest page that Tryton answers in a second or two.
    """

    tag: str
    model: str
    most: int

    def fields(self) -> list[str]:
        """Return the fields to read, dotted."""
        ...

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which rows are of this kind, withdrawn ones too."""
        ...

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for rows changed at or after `since`."""
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

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._sources: Mapping[str, tuple[Source, ...]] = {
            "categories": (Categories(client, setup),),
            "items": (Items(client, setup),),
            "customers": (Customers(client, setup),),
            "orders": (Orders(client, setup),),
            "deliveries": (Deliveries(client),),
            "invoices": (Invoices(client),),
            "payments": (ShopPayments(client, setup), BookedPayments(client, setup)),
            "returns": (Returns(client), ReturnSales(client)),
            "quotes": (QuotesRead(client, setup),),
        }

    def page(self, kind: str, cursor: r.Cursor, limit: int, deadline: Deadline) -> r.Page[Any]:
        """Return up to `limit` records after the cursor; the last source ends the pull."""
        sources = self._sources[kind]
        position = _position(cursor.last_id, sources)
        source = sources[position.source]
        limit = min(limit, source.most)
        wanted = self._wanted(source, cursor, deadline)
        rows: list[dict[str, Any]] = self._client.call(
            f"model.{source.model}.search_read",
            [*wanted, ["id", ">", position.last_id]],
            0,
            limit,
            [["id", "ASC"]],
            source.fields(),
            deadline=deadline,
        )
        # Most rounds find nothing new, and each question costs the ERP some hundredths of a second.
        records, broken = _built(source, rows, source.builder(rows, deadline)) if rows else ([], [])
        is_whole = len(rows) < limit
        total = None
        if not cursor.last_id:
            uncounted = sources[1:] if is_whole else sources
            total = (len(rows) if is_whole else 0) + self._count(uncounted, cursor, deadline)
        return r.Page(
            records=tuple(records),
            next=_next(cursor, sources, position, rows, limit),
            broken=tuple(broken),
            total=total,
        )

    def fields(self) -> Mapping[str, list[str]]:
        """Return the fields that the pulls read, dotted, by model."""
        sources = [source for of_kind in self._sources.values() for source in of_kind]
        return {
            model: [name for source in sources if source.model == model for name in source.fields()]
            for model in {source.model for source in sources}
        }

    def keys(self, kind: str, deadline: Deadline) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        for source in self._sources[kind]:
            last_id = 0
            domain = source.domain(deadline)
            while True:
                ids: list[int] = self._client.call(
                    f"model.{source.model}.search",
                    [*domain, ["id", ">", last_id]],
                    0,
                    KEYS_PER_PAGE,
                    [["id", "ASC"]],
                    deadline=deadline,
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
        return server_time(self._client.server_date(deadline))

    def _wanted(self, source: Source, cursor: r.Cursor, deadline: Deadline) -> list[Any]:
        domain = source.domain(deadline)
        if cursor.changed_at is not None:
            domain = [*domain, source.changed(cursor.changed_at, deadline)]
        return domain

    def _count(self, sources: Sequence[Source], cursor: r.Cursor, deadline: Deadline) -> int:
        return sum(
            int(
                self._client.call(
                    f"model.{source.model}.search_count",
                    self._wanted(source, cursor, deadline),
                    deadline=deadline,
                )
            )
            for source in sources
        )


def _position(last_id: str, sources: Sequence[Source]) -> Position:
    if not last_id:
        return Position(0, 0)
    for index, source in enumerate(sources):
        rest = last_id.removeprefix(source.tag)
        if last_id.startswith(source.tag) and rest.isdigit():
            return Position(index, int(rest))
    raise ErpBroken(f"not a place in a pull: {last_id[:40]!r}")


def _next(
    cursor: r.Cursor,
    sources: Sequence[Source],
    position: Position,
    rows: Sequence[Row],
    limit: int,
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
