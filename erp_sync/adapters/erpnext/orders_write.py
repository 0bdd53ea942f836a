"""Sales orders into ERPNext, once, in two steps; one found half-way is carried on.

Created with docstatus 1 at once an order would keep the status "Draft" until its next change: so it is a draft first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext import totals as sums
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.prices import Prices, net_price
from erp_sync.adapters.erpnext.setup import Setup, SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

DOCTYPE = "Sales Order"
TEMPLATE = "Sales Taxes and Charges Template"
TAX_FIELDS = (
    "charge_type",
    "account_head",
    "description",
    "rate",
    "tax_amount",
    "row_id",
    "included_in_print_rate",
    "cost_center",
)
STATES = {d.DRAFT: "draft", d.SUBMITTED: "confirmed", d.UNDONE: "cancelled"}


class OrdersWrite:
    """Writes orders."""

    def __init__(self, client: ErpNextClient, setup: SetupSource, prices: Prices) -> None:
        self.documents = d.Documents(client, DOCTYPE)
        self._client = client
        self._setup = setup
        self._prices = prices

    def find(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return the orders with this reference."""
        return [self.written(doc) for doc in self.documents.all_by_key(reference, deadline)]

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Bring the order to confirmed, creating it when it is not there.

        Raises:
            ErpRejected: the ERP refuses it (it may stay there as a draft for the ERP's staff),
                or would charge more than the buyer accepted.
        """
        setup = self._setup.get(deadline)
        doc = self.documents.make(order.reference, self._values(order, setup), deadline)
        return self.written(self._carried_on(doc, order, deadline))

    def totals(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        """Return what the order would cost, writing nothing.

        Raises:
            ErpRejected: the ERP has no price for a line.
        """
        setup = self._setup.get(deadline)
        context = r.PriceContext(order.customer_erp_id, order.price_list, order.currency)
        header: dict[str, Any] = {"shipping_address_name": order.ship_to_erp_id}
        if order.prices_agreed:
            header["ignore_pricing_rule"] = 1
        doc = self._prices.simulated(context, _items(order, ""), setup, deadline, **header)
        if doc.get("currency") != order.currency:
            raise ErpRejected(f"The ERP sells to this customer in {doc.get('currency')}, not in {order.currency}.")
        lines = [_priced(one, row, order) for one, row in zip(order.lines, doc["items"], strict=True)]
        rounding = sums.Rounding.of(self._setup.options, setup, order.currency)
        return sums.totals(order.currency, lines, self._tax_rows(doc, deadline), rounding)

    def taxed(self, documents: d.Documents, doc: Doc, deadline: Deadline) -> Doc:
        """Put in the tax rows of a draft's template where ERPNext named the template and left its rows out."""
        if not doc.get("taxes_and_charges") or doc.get("taxes") or d.status(doc) != d.DRAFT:
            return doc
        rows = [{name: row[name] for name in TAX_FIELDS if row.get(name)} for row in self._tax_rows(doc, deadline)]
        return self._client.update(documents.doctype, str(doc["name"]), {"taxes": rows}, deadline)

    def written(self, doc: Doc, lines: Sequence[Any] = ()) -> r.WrittenOrder:
        """Return the order; its lines are numbered as those sent, or as they stand."""
        rows = to.table(doc, "items")
        numbers = [one.line_no for one in lines] if len(lines) == len(rows) else range(1, len(rows) + 1)
        return r.WrittenOrder(
            erp_id=str(doc["name"]),
            number=to.line(doc["name"], 64),
            reference=str(doc.get(d.KEY) or ""),
            state="cancelled" if d.is_let_go(doc) else STATES[d.status(doc)],
            totals=sums.written(doc, self._setup.options.money_digits),
            lines=tuple(
                (number, to.quantity(row["qty"]), to.price(row["rate"]))
                for number, row in zip(numbers, rows, strict=True)
            ),
        )

    def delivery_date(self, wanted: dt.date | None, setup: Setup) -> str:
        """Return the day of delivery, which ERPNext demands."""
        today = setup.zone.day(dt.datetime.now(dt.UTC))
        return (wanted or today + dt.timedelta(days=self._setup.options.lead_days)).isoformat()

    def _carried_on(self, doc: Doc, order: r.NewOrder, deadline: Deadline) -> Doc:
        if d.status(doc) != d.DRAFT or d.is_let_go(doc):
            return doc
        doc = self.taxed(self.documents, doc, deadline)
        _compare(doc, order)
        return self.documents.submit(doc, deadline)

    def _values(self, order: r.NewOrder, setup: Setup) -> dict[str, Any]:
        options = self._setup.options
        values: dict[str, Any] = {
            "customer": order.customer_erp_id,
            "company": setup.company,
            "order_type": options.order_type,
            "delivery_date": self.delivery_date(order.requested_on, setup),
            "po_no": to.line(order.customer_reference, 140),
            "shipping_address_name": order.ship_to_erp_id,
            "source": options.source,
            d.NOTE: _note(order),
            "items": _items(order, options.order_warehouse),
        }
        if order.prices_agreed:
            # Only so a price list that nobody else has, and a quote's prices, stay as they are.
            values |= {"ignore_pricing_rule": 1, "selling_price_list": order.price_list}
        return {name: value for name, value in values.items() if value not in ("", None)}

    def _tax_rows(self, doc: Mapping[str, Any], deadline: Deadline) -> list[Mapping[str, Any]]:
        """Return the tax rows of a document, or those of the template that it names."""
        if doc.get("taxes"):
            return list(to.table(dict(doc), "taxes"))
        template = str(doc.get("taxes_and_charges") or "")
        return list(to.table(self._client.read(TEMPLATE, template, deadline), "taxes")) if template else []


def _items(order: r.NewOrder, warehouse: str) -> list[dict[str, Any]]:
    """Return the lines; ERPNext puts in unit and price, unless the price was agreed."""
    found = []
    for one in order.lines:
        row: dict[str, Any] = {"item_code": one.item_erp_id, "qty": to.sent(one.quantity)}
        if order.prices_agreed:
            row["rate"] = to.sent(one.net_price)
        found.append({**row, "warehouse": warehouse} if warehouse else row)
    return found


def _priced(one: r.NewOrderLine, row: Mapping[str, Any], order: r.NewOrder) -> sums.Priced:
    rate = one.net_price if order.prices_agreed else net_price(row)
    if rate is None:
        raise ErpRejected(f"The ERP has no price for {one.sku}.")
    return sums.Priced(one.quantity, rate, sums.tax_rates(row))


def _compare(doc: Doc, order: r.NewOrder) -> None:
    """Refuse to confirm what is not what the buyer accepted; a lower price is the ERP's gift.

    Raises:
        ErpRejected: with what differs.
    """
    name = to.line(doc["name"], 64)
    if doc.get("currency") != order.currency:
        raise ErpRejected(f"The ERP sells to this customer in {doc.get('currency')}, not in {order.currency}.")
    if order.price_list and doc.get("selling_price_list") != order.price_list:
        told = to.line(doc.get("selling_price_list"))
        raise ErpRejected(f"The ERP prices order {name} by the list {told}, not {order.price_list}.")
    wanted = [(one.item_erp_id, one.quantity, one.net_price) for one in order.lines]
    compare_lines(doc, wanted, is_exact=order.prices_agreed)
    refuse_dearer(doc, order.expected_total)


def compare_lines(doc: Doc, wanted: Sequence[tuple[str, Decimal, Decimal]], *, is_exact: bool) -> None:
    """Refuse lines that are not those of the buyer: (item, quantity, price); exact, or not dearer.

    Raises:
        ErpRejected: with what differs.
    """
    name = to.line(doc["name"], 64)
    rows = to.table(doc, "items")
    there = [(str(row["item_code"]), to.quantity(row["qty"])) for row in rows]
    if there != [(item, to.quantity(quantity)) for item, quantity, _ in wanted]:
        raise ErpRejected(f"The ERP changed the lines of {name}.")
    for row, (item, _, accepted) in zip(rows, wanted, strict=True):
        rate = to.price(row["rate"])
        if rate > to.price(accepted) or (is_exact and rate != to.price(accepted)):
            raise ErpRejected(f"The ERP's price of {item} in {name} is {rate.normalize():f}, not {accepted:f}.")


def refuse_dearer(doc: Doc, expected: Decimal | None) -> None:
    """Refuse a total above what the buyer accepted.

    Raises:
        ErpRejected: with both totals.
    """
    total = sums.whole_of(doc)
    if expected is not None and total > expected:
        raise ErpRejected(f"The ERP's total of {to.line(doc['name'], 64)} is {total}, not {expected}.")


def _note(order: r.NewOrder) -> str:
    """Return what the buyer wrote, for the ERP's staff."""
    beside = [f"{one.line_no}: {one.note}" for one in order.lines if one.note]
    return to.text("\n".join(filter(None, [order.note, *beside, order.placed_by])), to.LONGEST_TEXT)
