"""Pulls for the mirror: records by the time at which the shop learned of them, and the rows that they are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.files import catalogue, customers, documents
from erp_sync.adapters.files.canon import main_of
from erp_sync.adapters.files.setup import Options
from erp_sync.adapters.files.store import Store, Values
from erp_sync.errors import ErpBroken

Build = Callable[[str, dt.datetime], Any]
SENSELESS = (ErpBroken, LookupError, ValueError, ArithmeticError)


class Pulls:
    """Pages through the records of a kind."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options
        self._zone = options.zone_info()
        self._builders: Mapping[str, Callable[[list[str]], Build]] = {
            "categories": self._categories,
            "items": self._items,
            "customers": self._customers,
            "orders": self._orders,
            "deliveries": self._deliveries,
            "invoices": self._invoices,
            "payments": self._payments,
            "returns": self._returns,
            "quotes": self._quotes,
        }

    def page(self, kind: str, cursor: r.Cursor, limit: int) -> r.Page[Any]:
        """Return up to `limit` records after the cursor; the first page has what cannot be read."""
        main_of(kind)
        found = self._store.page(kind, since=cursor.changed_at, after=cursor.last_id, limit=limit + 1)
        is_first = not cursor.last_id
        page = found[:limit]
        records, broken = self._built(kind, page)
        if is_first:
            broken += [r.Broken(*one) for one in self._store.broken(kind, cursor.changed_at)]
        return r.Page(
            records=tuple(records),
            next=r.Cursor(page[-1][1], page[-1][0]) if len(found) > limit else None,
            broken=tuple(broken),
            total=self._store.count(kind, cursor.changed_at) if is_first else None,
        )

    def keys(self, kind: str) -> Iterator[str]:
        """Yield the id of every record of a kind."""
        main_of(kind)
        return self._store.keys(kind)

    def one(self, kind: str, erp_id: str) -> Any:
        """Return a record as it stands now, None when there is none."""
        page = [(erp_id, dt.datetime.now(dt.UTC))] if self._store.rows(main_of(kind).name, [erp_id]) else []
        records, _broken = self._built(kind, page)
        return records[0] if records else None

    def _built(self, kind: str, page: list[tuple[str, dt.datetime]]) -> tuple[list[Any], list[r.Broken]]:
        build = self._builders[kind]([erp_id for erp_id, _at in page])
        records, broken = [], []
        for erp_id, at in page:
            try:
                records.append(build(erp_id, at))
            except SENSELESS as error:
                broken.append(r.Broken(erp_id, f"{main_of(kind).file}: {error}"))
        return records, broken

    # -- the rows of each kind -------------------------------------------------

    def _first(self, file: str, keys: Iterable[str]) -> dict[str, Values]:
        wanted = [key for key in keys if key]
        return {key: rows[0] for key, rows in self._store.rows(file, wanted).items()} if wanted else {}

    def _categories(self, ids: list[str]) -> Build:
        rows = self._first("categories", ids)
        return lambda erp_id, at: catalogue.category(rows[erp_id], at, self._options.language)

    def _items(self, ids: list[str]) -> Build:
        rows = self._first("items", ids)
        return lambda erp_id, at: catalogue.item(rows[erp_id], at, self._options.language)

    def _customers(self, ids: list[str]) -> Build:
        rows, currency = self._first("accounts", ids), self._options.currency
        places, numbers = self._store.rows("addresses", ids), self._store.rows("part_numbers", ids)
        return lambda erp_id, at: customers.customer(
            rows[erp_id], at, places.get(erp_id, []), numbers.get(erp_id, []), currency
        )

    def _orders(self, ids: list[str]) -> Build:
        rows, lines = self._first("orders", ids), self._store.rows("order_lines", ids)
        sent, currency = self._store.rows_of_other("deliveries", ids), self._options.currency
        skus = {line.get("sku", "") for of_order in lines.values() for line in of_order}
        units = {sku: item["unit"] for sku, item in self._first("items", skus).items()}
        return lambda erp_id, at: documents.order(
            rows[erp_id], at, lines.get(erp_id, []), sent.get(erp_id, []), units, currency
        )

    def _deliveries(self, ids: list[str]) -> Build:
        rows = self._store.rows("deliveries", ids)
        order_ids = {one["order_id"] for of_one in rows.values() for one in of_one}
        orders, lines = self._first("orders", order_ids), self._store.rows("order_lines", sorted(order_ids))
        return lambda erp_id, at: documents.delivery(erp_id, at, rows[erp_id], orders, lines)

    def _invoices(self, ids: list[str]) -> Build:
        rows, lines = self._first("invoices", ids), self._store.rows("invoice_lines", ids)
        paid, currency = self._store.rows_of_other("payments", ids), self._options.currency
        order_ids = {one.get("order_id", "") for of_one in lines.values() for one in of_one}
        orders = self._first("orders", order_ids | {one.get("order_id", "") for one in rows.values()})
        return lambda erp_id, at: documents.invoice(
            rows[erp_id], at, lines.get(erp_id, []), paid.get(erp_id, []), orders, self._zone, currency
        )

    def _payments(self, ids: list[str]) -> Build:
        rows = self._first("payments", ids)
        invoices = self._first("invoices", {one.get("invoice_id", "") for one in rows.values()})
        return lambda erp_id, at: documents.payment(rows[erp_id], at, invoices, self._zone, self._options.currency)

    def _returns(self, ids: list[str]) -> Build:
        rows = self._first("returns", ids)
        return lambda erp_id, at: documents.returned(rows[erp_id], at)

    def _quotes(self, ids: list[str]) -> Build:
        rows = self._first("quotes", ids)
        return lambda erp_id, at: documents.quote(rows[erp_id], at, self._options.currency)
