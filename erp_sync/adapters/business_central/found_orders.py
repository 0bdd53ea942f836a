"""Looking an order up by our reference: it may be open, half-way, or billed and gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.http import Deadline


class FoundOrders:
    """Looks in orders first, then in what came of them.

    The order of these questions matters: an order moves from salesOrders to shipments and invoices while it is looked
    for, never back. Asked the other way round it could be missed in both.
    """

    def __init__(self, client: BcClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def open(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the open orders with our reference, compared or not, with their lines."""
        return self._client.rows(s.ORDER.place, s.ORDER.query(_external(reference)), deadline)

    def all(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return every order with our reference, wherever it is."""
        local = self._setup.get(deadline).currency
        found = {row["number"]: s.written(row, reference, local) for row in self.open(reference, deadline)}
        shipped = self._gone(s.SHIPMENT, reference, deadline)
        billed = self._gone(s.INVOICE, reference, deadline)
        for number, rows in billed.items():
            found.setdefault(number, _of_invoices(number, rows, reference, local))
        for number, rows in shipped.items():
            found.setdefault(number, _of_shipments(number, rows, reference, local))
        return list(found.values())

    def _gone(self, document: s.Document, reference: str, deadline: Deadline) -> dict[str, list[s.Row]]:
        """Return posted documents by the number of the order; one that came of none stands for itself."""
        found: defaultdict[str, list[s.Row]] = defaultdict(list)
        for row in self._client.rows(document.place, document.query(_external(reference)), deadline):
            found[to.line(row["orderNumber"], 20) or to.line(row["number"], 20)].append(row)
        return found


def _external(reference: str) -> str:
    known = to.reference(reference)
    return odata.any_of("externalDocumentNumber", [known, known + to.NEW])


def _of_invoices(number: str, rows: Sequence[s.Row], reference: str, local: str) -> r.WrittenOrder:
    totals = [s.totals_of(row, s.lines_of(row, s.INVOICE), local) for row in rows]
    summed = r.Totals(
        currency=totals[0].currency,
        untaxed=sum((one.untaxed for one in totals), Decimal(0)),
        tax=sum((one.tax for one in totals), Decimal(0)),
        total=sum((one.total for one in totals), Decimal(0)),
        freight=sum((one.freight for one in totals), Decimal(0)),
        line_amounts=tuple(amount for one in totals for amount in one.line_amounts),
    )
    lines = merged(rows, s.INVOICE)
    told = tuple((n, many, to.net_price(one)) for n, (one, many) in enumerate(lines, 1))
    return r.WrittenOrder(number, number, reference, "confirmed", summed, told)


def _of_shipments(number: str, rows: Sequence[s.Row], reference: str, local: str) -> r.WrittenOrder:
    """Return an order of which only shipments are left: somebody deleted it and its invoice."""
    told = tuple((n, many, to.price(one["unitPrice"])) for n, (one, many) in enumerate(merged(rows, s.SHIPMENT), 1))
    worth = sum((many * price for _, many, price in told), Decimal(0)).quantize(to.CENT)
    totals = r.Totals(s.currency_of(rows[0], local), worth, Decimal(0), worth)
    return r.WrittenOrder(number, number, reference, "confirmed", totals, told)


def merged(rows: Sequence[s.Row], document: s.Document) -> list[tuple[s.Row, Decimal]]:
    """Return each item line of several documents of an order once, with the sum of its quantities."""
    found: dict[int, tuple[s.Row, Decimal]] = {}
    for row in rows:
        for one in s.items_of(s.lines_of(row, document)):
            sequence = int(one["sequence"])
            _, before = found.get(sequence, (one, Decimal(0)))
            found[sequence] = (one, to.quantity(before + to.number(one["quantity"])))
    return [found[sequence] for sequence in sorted(found)]
