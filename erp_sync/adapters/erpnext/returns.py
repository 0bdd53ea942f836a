"""Goods that come back: a delivery note in draft that undoes another one; the staff submits it when they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.deliveries import DOCTYPE, LINE
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

FIELDS = ("name", "customer", "docstatus", "posting_date", "modified", d.KEY, d.NOTE, d.CANCELLED)
LINE_FIELDS = ("parent", "name", "idx", "item_code", "qty", "uom", "against_sales_order", "so_detail")
MAKE_RETURN = "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_return"


class Returns:
    """Delivery notes that are returns: each line of one is a return of the shop."""

    doctype = DOCTYPE
    fields: tuple[str, ...] = FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which notes bring goods back."""
        return [["company", "=", self._setup.get(deadline).company], ["is_return", "=", 1]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the lines of a page."""
        found = self._client.rows_of(DOCTYPE, LINE, own_names(rows), LINE_FIELDS, deadline)
        lines = to.grouped(found)

        def build(row: Row) -> Built:
            for one in lines.get(str(row["name"]), []):
                yield _return(row, one, when)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the ids of the lines."""
        lines = self._client.rows_between(DOCTYPE, LINE, own_names(rows), ["name"], deadline)
        return own_names(lines)


class ReturnsWrite:
    """Asks for returns."""

    def __init__(self, client: ErpNextClient) -> None:
        self._client = client
        self._documents = d.Documents(client, DOCTYPE)

    def create(self, new: r.NewReturn, deadline: Deadline) -> r.WrittenDocument:
        """Ask for the return, unless it is asked for.

        Raises:
            ErpRejected: the order line is not his, or less of it was delivered.
        """
        found = self.find(new, deadline)
        if found:
            return found[0]
        return _written(self._documents.make(new.reference, self._values(new, deadline), deadline), new)

    def find(self, new: r.NewReturn, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the return with this reference."""
        return [_written(doc, new) for doc in self._documents.all_by_key(new.reference, deadline)]

    def _values(self, new: r.NewReturn, deadline: Deadline) -> dict[str, Any]:
        """Return ERPNext's own return of the delivery, with this line alone and as much as is wanted."""
        delivery, row = self._delivered(new, deadline)
        doc = self._client.mapped(MAKE_RETURN, deadline, source_name=delivery)
        rows = [one for one in to.table(doc, "items") if one.get("so_detail") == new.order_line_erp_id]
        if not rows:
            raise ErpRejected("Nothing of this line can be given back any more.")
        reason = to.text("\n".join(filter(None, [new.reason, new.description])), to.LONGEST_TEXT)
        line = {**rows[0], "qty": to.sent(-new.quantity), "stock_qty": to.sent(-new.quantity * _factor(row))}
        return {**doc, "items": [line], d.NOTE: reason}

    def _delivered(self, new: r.NewReturn, deadline: Deadline) -> tuple[str, Row]:
        """Return the delivery that brought most of the line, and its line.

        Raises:
            ErpRejected: it is not his line, or less is left of it than he wants to give back.
        """
        fields = ("name", "customer", "docstatus", "is_return", d.CANCELLED)
        table = f"`tab{LINE}`"
        wanted = [f"{table}.qty", f"{table}.conversion_factor"]
        filters = [[LINE, "so_detail", "=", new.order_line_erp_id], ["customer", "=", new.customer_erp_id]]
        rows = self._client.rows(DOCTYPE, [*fields, *wanted], filters, deadline=deadline)
        rows = [row for row in rows if not d.is_let_go(row)]
        gone = [row for row in rows if not to.is_on(row["is_return"]) and d.status(row) == d.SUBMITTED]
        if not gone:
            raise ErpRejected(f"Nothing of line {new.order_line_erp_id} was delivered to this customer.")
        # Returns have negative quantities, those that are only asked for too.
        left = sum((to.quantity(row["qty"]) for row in [*gone, *_returns(rows)]), Decimal(0))
        if new.quantity > left:
            raise ErpRejected(f"Only {max(left, Decimal(0)):f} of this line can still be given back.")
        best = max(gone, key=lambda row: to.number(row["qty"]))
        return str(best["name"]), best


def _returns(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if to.is_on(row["is_return"])]


def _factor(row: Row) -> Decimal:
    return to.number(row["conversion_factor"]) or Decimal(1)


def state_of(row: Row) -> str:
    """Return where a return stands: a draft is a wish, a submitted note says that the goods are there."""
    if d.is_let_go(row):
        return "rejected"
    return "requested" if d.status(row) == d.DRAFT else "done"


def _return(row: Row, one: Row, when: When) -> r.ReturnRecord:
    return r.ReturnRecord(
        erp_id=str(one["name"]),
        version=when(row["modified"]),
        number=to.line(row["name"], 64),
        customer_erp_id=str(row["customer"]),
        state=state_of(row),
        order_erp_id=str(one["against_sales_order"] or ""),
        order_line_erp_id=str(one["so_detail"] or ""),
        sku=to.line(one["item_code"], 140),
        quantity=abs(to.quantity(one["qty"])),
        reason=to.line(row[d.NOTE], 500),
        requested_on=to.day(row["posting_date"]),
        reference=str(row[d.KEY] or ""),
    )


def _written(doc: Doc, new: r.NewReturn) -> r.WrittenDocument:
    rows = to.table(doc, "items")
    return r.WrittenDocument("return", str(rows[0]["name"]), to.line(doc["name"], 64), new.reference, state_of(doc))
