"""Goods that come back: return requests, each line of which is one return of the shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import literal
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client, by_key
from erp_sync.adapters.sap_b1.invoices import order_line_of
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.orders_write import remark
from erp_sync.adapters.sap_b1.pulls import Build, bases, changed_since
from erp_sync.adapters.sap_b1.setup import KEY, STATE, Setup, SetupSource
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

ENTITY = "ReturnRequest"
REQUEST = 234000031
# Entities that goods leave by, and the number of their kind: what a return request is made from.
LEFT_BY = {"DeliveryNotes": d.DELIVERY, "Invoices": d.INVOICE}


class Returns:
    """Lines of return requests, whoever made them."""

    entity = ENTITY
    key = "DocEntry"
    is_text = False
    most = 40
    ids_from: tuple[str, ...] = ("DocumentLines",)

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a return request."""
        return [*d.HEAD, KEY, STATE]

    def where(self) -> str:
        """Return which requests count."""
        return d.NO_COUNTER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return requests whose goods came back since."""
        return bases(self._client, "Returns", changed_since(since, self._setup), REQUEST, deadline)

    def ids(self, row: Row) -> list[str]:
        """Return the ids of its lines."""
        return [to.line_id(row["DocEntry"], one["LineNum"]) for one in d.own_lines(row)]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Read the deliveries and invoices that the goods left by."""
        setup = self._setup.get(deadline)
        lines = [one for row in rows for one in d.own_lines(row)]
        left = {kind: self._documents(entity, kind, lines, deadline) for entity, kind in LEFT_BY.items()}
        billed = [one for row in left[d.INVOICE].values() for one in d.own_lines(row)]
        notes = {**left[d.DELIVERY], **self._documents("DeliveryNotes", d.DELIVERY, billed, deadline)}
        return lambda row: [
            _return(row, one, _order_line(one, notes, left[d.INVOICE]), setup) for one in d.own_lines(row)
        ]

    def _documents(self, entity: str, kind: int, lines: Sequence[Row], deadline: Deadline) -> Mapping[int, Row]:
        entries = sorted({one["BaseEntry"] for one in lines if d.is_made_from(one, kind)})
        rows = self._client.by_keys(
            entity, "DocEntry", entries, select=["DocEntry", "DocumentLines"], deadline=deadline
        )
        return by_key(rows, "DocEntry")


def _order_line(one: Row, notes: Mapping[int, Row], invoices: Mapping[int, Row]) -> Row | None:
    """Return the line that names the order that returned goods were of."""
    if d.is_made_from(one, d.INVOICE) and one["BaseEntry"] in invoices:
        lines = d.own_lines(invoices[one["BaseEntry"]])
        one = next((other for other in lines if other["LineNum"] == one["BaseLine"]), one)
    return order_line_of(one, notes)


def _return(row: Row, one: Row, source: Row | None, setup: Setup) -> r.ReturnRecord:
    is_ours = d.state_of(row) == d.OURS[ENTITY]
    return r.ReturnRecord(
        erp_id=to.line_id(row["DocEntry"], one["LineNum"]),
        version=to.version(row, setup.zone),
        number=str(row["DocNum"]),
        customer_erp_id=str(row["CardCode"]),
        state=_state(row, one),
        order_erp_id=str(source["BaseEntry"]) if source else "",
        order_line_erp_id=d.base_id(source) if source else "",
        sku=to.line(one.get("ItemCode"), 64),
        quantity=to.quantity(one["Quantity"]),
        reason=to.line(row.get("Comments"), 500),
        requested_on=to.day(row["DocDate"]),
        reference=to.line(row.get(KEY), 60) if is_ours else "",
    )


def _state(row: Row, one: Row) -> str:
    if d.is_cancelled(row):
        return "rejected"
    return "requested" if one["LineStatus"] == d.OPEN else "done"


@dataclass(frozen=True, slots=True)
class _Source:
    """A line that goods left by, and how much of it can still come back."""

    kind: int
    entry: int
    line: int
    left: Decimal


class ReturnsWrite:
    """Asks for returns: a return request, made from the line that the goods left by."""

    def __init__(self, sales: d.Sales) -> None:
        self._sales = sales

    def create(self, new: r.NewReturn, deadline: Deadline) -> r.WrittenDocument:
        """Ask for the return, unless it is asked for.

        Raises:
            ErpRejected: the order line is not his, or less of it was delivered.
        """
        found = self.find(new, deadline)
        if found:
            return found[0]
        source = self._source(new, deadline)
        today = self._sales.setup.get(deadline).today().isoformat()
        body = {
            "CardCode": new.customer_erp_id,
            "DocDate": today,
            "DocDueDate": today,
            "Comments": remark(new.reason, new.description),
            "DocumentLines": [
                {
                    "BaseType": source.kind,
                    "BaseEntry": source.entry,
                    "BaseLine": source.line,
                    "Quantity": to.figure(new.quantity),
                }
            ],
        }
        try:
            self._sales.make(ENTITY, body, new.reference, deadline)
        except ErpRejected:
            if not self.find(new, deadline):
                raise
        found = self.find(new, deadline)
        if not found:
            raise ErpUnavailable("the return was posted and is not to be seen yet")
        return found[0]

    def find(self, new: r.NewReturn, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the request with this reference; one that waits for an approval is not there yet."""
        rows = self._sales.by_key(ENTITY, new.reference, deadline)
        return [
            r.WrittenDocument(
                "return",
                to.line_id(row["DocEntry"], d.own_lines(row)[0]["LineNum"]),
                str(row["DocNum"]),
                new.reference,
                _state(row, d.own_lines(row)[0]),
            )
            for row in rows
            if not row.get("is_draft")
        ]

    def _source(self, new: r.NewReturn, deadline: Deadline) -> _Source:
        """Return the line that the goods left by: a delivery that is not billed yet, else the invoice.

        Raises:
            ErpRejected: the order line is not his, or less of it can come back.
        """
        row = self._sales.by_entry("Orders", new.order_line_erp_id, deadline)
        if row is None or str(row["CardCode"]) != new.customer_erp_id:
            raise ErpRejected(f"There is no line {new.order_line_erp_id} of this customer.")
        sources = self._sources(row, new.order_line_erp_id, deadline)
        fitting = [one for one in sources if one.left >= new.quantity]
        if not fitting:
            most = max((one.left for one in sources), default=Decimal(0))
            raise ErpRejected(f"Only {most:f} of this line can still be given back at once.")
        return fitting[0]

    def _sources(self, row: Row, line: str, deadline: Deadline) -> list[_Source]:
        client = self._sales.client
        asked = self._asked(str(row["CardCode"]), deadline)
        notes = d.followers(client, tuple(LEFT_BY), [row], d.ORDER, deadline).get(line, [])
        delivered = [one.row for one in notes if one.entity == "DeliveryNotes"]
        billed = d.followers(client, ("Invoices",), delivered, d.DELIVERY, deadline) if delivered else {}
        found = []
        for one in notes:
            of_note = billed.get(to.line_id(one.row["DocEntry"], one.line["LineNum"]), [])
            for source in of_note or [one]:
                kind, entry, number = LEFT_BY[source.entity], source.row["DocEntry"], source.line["LineNum"]
                left = to.quantity(source.line["Quantity"]) - asked.get((kind, entry, number), Decimal(0))
                found.append(_Source(kind, entry, number, left))
        return found

    def _asked(self, customer: str, deadline: Deadline) -> dict[tuple[int, int, int], Decimal]:
        """Return how much of each line that goods left by is asked for, or came, back already."""
        asked: dict[tuple[int, int, int], Decimal] = {}
        where = f"CardCode eq {literal(customer)} and Cancelled eq 'tNO' and {d.NO_COUNTER}"
        fields = ["DocEntry", "DocumentLines"]
        for entity in (ENTITY, "Returns"):
            for row in self._sales.client.rows(
                entity, "DocEntry", select=fields, where=where, size=50, deadline=deadline
            ):
                for one in row["DocumentLines"]:
                    place = (one.get("BaseType"), one.get("BaseEntry"), one.get("BaseLine"))
                    if one.get("BaseType") in LEFT_BY.values():
                        asked[place] = asked.get(place, Decimal(0)) + to.quantity(one["Quantity"])
        return asked
