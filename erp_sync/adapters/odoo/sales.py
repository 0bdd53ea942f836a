"""Sale orders with their lines, by our references or their id; orders and quotes are the same record in Odoo.

What happens once carries an external id of ours, unique in Odoo's database: `order_<reference>` of an order,
`quote_<reference>` of a request. A quote that is accepted gets a line of text under `order_<reference>` instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import MODULE, OdooClient
from erp_sync.adapters.odoo.faults import Busy
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

ORDER, QUOTE = "order_", "quote_"
# Sequences of our lines: ten times their number; a text that belongs to one comes right after it.
LINE_STEP = 10
REMARK = 99990
STATES = {"draft": "draft", "sent": "quotation", "sale": "confirmed", "done": "confirmed", "cancel": "cancelled"}
SALE_FIELDS = (
    "name",
    "state",
    "locked",
    "partner_id",
    "partner_shipping_id",
    "client_order_ref",
    "origin",
    "commitment_date",
    "validity_date",
    "currency_id",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "invoice_status",
    "invoice_ids",
    "picking_ids",
)
LINE_FIELDS = (
    "sequence",
    "display_type",
    "product_id",
    "name",
    "product_uom_qty",
    "price_unit",
    "discount",
    "price_subtotal",
    "qty_delivered",
    "is_delivery",
    "is_downpayment",
)
Row = Mapping[str, Any]
Text = tuple[str, int, str]  # name of its external id, sequence, words


class Sales:
    """Reads and moves sale orders."""

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self.client = client
        self.setup = setup

    def words(self, deadline: Deadline) -> dict[str, str]:
        """Return the context in which Odoo speaks to a buyer."""
        languages, wanted = self.setup.get(deadline).languages, self.setup.options.message_language
        return {"lang": languages[wanted]} if wanted in languages else {}

    def by_key(self, prefix: str, reference: str, deadline: Deadline) -> dict[str, Any] | None:
        """Return the sale that carries this reference of ours."""
        found = self.client.of_external_id(prefix + to.key_of(reference), deadline)
        if found is None:
            return None
        model, number = found
        if model == "sale.order":
            return self.by_id(number, deadline)
        rows = self.client.rows(model, [["id", "=", number]], ["order_id"], deadline=deadline)
        row = self.by_id(to.ref(rows[0]["order_id"]), deadline) if rows else None
        return row if row and self._marks(row, deadline)[-1:] == [number] else None

    def claim(self, row: Row, reference: str, words: str, deadline: Deadline) -> dict[str, Any]:
        """Let an open quote be found as the order `reference`; of several such marks the newest counts.

        Raises:
            ErpRejected: it became an order under another reference meanwhile.
        """
        name = ORDER + to.key_of(reference)
        self.put_texts(row["id"], [(name, REMARK + LINE_STEP, words)], deadline)
        now = self.row(row["id"], deadline)
        marks, own = self._marks(now, deadline), self.client.of_external_id(name, deadline)
        older = [line for line in marks if own and line < own[1]]
        is_open = now["state"] in {"draft", "sent"}
        gone = older if is_open else [own[1]] if own and older else []
        if gone:
            self.client.call("sale.order.line", "unlink", ids=gone, deadline=deadline)
        if older and not is_open:
            raise ErpRejected(f"Quote {now['name']} was accepted by somebody else just now.")
        return now

    def _marks(self, row: Row, deadline: Deadline) -> list[int]:
        """Return the lines of a quote that say under which reference it was accepted, the oldest first."""
        texts = [one["id"] for one in row["lines"] if one["display_type"] == "line_note"]
        names = self.client.external_ids("sale.order.line", texts, deadline)
        return sorted(line for line, name in names.items() if is_order_name(name))

    def by_id(self, number: int, deadline: Deadline) -> dict[str, Any] | None:
        """Return a sale with its lines under `lines`, in order."""
        rows = self.client.rows("sale.order", [["id", "=", number]], SALE_FIELDS, deadline=deadline)
        if not rows:
            return None
        lines = self.client.rows(
            "sale.order.line", [["order_id", "=", number]], LINE_FIELDS, deadline=deadline, order="sequence,id"
        )
        return {**rows[0], "lines": lines}

    def row(self, number: int, deadline: Deadline) -> dict[str, Any]:
        """Return a sale that is there.

        Raises:
            ErpRejected: it was deleted.
        """
        found = self.by_id(number, deadline)
        if found is None:
            raise ErpRejected(f"There is no order {number} in the ERP any more.")
        return found

    def step(
        self, button: str, row: dict[str, Any], deadline: Deadline, context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Press a button; if the ERP refuses because somebody else just did, that is fine."""
        try:
            told = {**self.words(deadline), **(context or {})}
            self.client.call("sale.order", button, ids=[row["id"]], context=told, deadline=deadline)
        except ErpRejected:
            now = self.row(row["id"], deadline)
            if now["state"] == row["state"]:
                raise
            return now
        return self.row(row["id"], deadline)

    def update(
        self, number: int, values: Mapping[str, Any], deadline: Deadline, context: Mapping[str, Any] | None = None
    ) -> None:
        """Write fields of a sale in one transaction, lines too."""
        self.client.call("sale.order", "write", ids=[number], vals=dict(values), context=context, deadline=deadline)

    def refuse_unfit(self, order: r.NewOrder, deadline: Deadline) -> None:
        """Refuse what Odoo would take although it is wrong: an item that is not for sale, somebody else's address.

        Raises:
            ErpRejected: with the item's number, or the address.
        """
        wanted = {to.erp_id(one.item_erp_id): one.sku for one in order.lines}
        sold = [["id", "in", sorted(wanted)], ["sale_ok", "=", True]]
        there = {row["id"] for row in self.client.rows("product.product", sold, ["id"], deadline=deadline)}
        gone = [sku for item, sku in wanted.items() if item not in there]
        if gone:
            raise ErpRejected(f"The ERP does not sell {', '.join(gone)} any more.")
        self.refuse_foreign_place(order.customer_erp_id, order.ship_to_erp_id, deadline)

    def refuse_foreign_place(self, customer: str, ship_to: str, deadline: Deadline) -> None:
        """Refuse an address that is not one of the customer's.

        Raises:
            ErpRejected: it is not.
        """
        if ship_to:
            owner = [["id", "=", to.erp_id(ship_to)], ["commercial_partner_id", "=", to.erp_id(customer)]]
            if not self.client.rows("res.partner", owner, ["id"], deadline=deadline):
                raise ErpRejected(f"Address {ship_to} is not one of this customer.")

    def make(
        self, prefix: str, lines: Sequence[Mapping[str, str]], reference: str, deadline: Deadline
    ) -> dict[str, Any]:
        """Create a sale under our reference; what another worker made meanwhile is taken as it is."""
        try:
            ids = self.client.load("sale.order", lines, deadline, self.words(deadline))
        except (ErpRejected, Busy):
            found = self.by_key(prefix, reference, deadline)
            if found is None:
                raise
            return found
        return self.row(ids[0], deadline)

    def put_texts(self, number: int, texts: Sequence[Text], deadline: Deadline) -> None:
        """Put lines of text into a sale, each once."""
        if texts:
            rows = [
                {
                    "id": f"{MODULE}.{name}",
                    "order_id/.id": str(number),
                    "display_type": "line_note",
                    "sequence": str(sequence),
                    "name": words,
                }
                for name, sequence, words in texts
            ]
            self.client.load("sale.order.line", rows, deadline)


def header(name: str, order: r.NewOrder, setup: Setup, *, origin: str) -> dict[str, str]:
    """Return the columns of a new sale for `load`; what Odoo fills in itself is left out.

    Raises:
        ErpRejected: it could not be priced as the buyer saw it.
    """
    refuse_unpriced(order.price_list, order.currency, setup)
    values = {
        "id": f"{MODULE}.{name}",
        "partner_id/.id": str(to.erp_id(order.customer_erp_id)),
        "partner_shipping_id/.id": order.ship_to_erp_id,
        "pricelist_id/.id": order.price_list,
        "client_order_ref": to.line(order.customer_reference),
        "origin": origin,
        "team_id/.id": to.ref_text(setup.team),
        "source_id/.id": to.ref_text(setup.source),
        "commitment_date": to.noon(order.requested_on) or "",
    }
    return {column: value for column, value in values.items() if value}


def refuse_unpriced(price_list: str, currency: str, setup: Setup) -> None:
    """Refuse what Odoo would silently sell at list prices.

    Raises:
        ErpRejected: the customer has no price list, or one in another currency.
    """
    if setup.uses_price_lists and not price_list:
        raise ErpRejected("This customer has no price list in the ERP: give him one there first.")
    if price_list and setup.price_lists.get(price_list, ("", currency))[1] != currency:
        raise ErpRejected(f"The customer's price list is not in {currency}.")


def line_columns(name: str, one: r.NewOrderLine) -> dict[str, str]:
    """Return the columns of a line for `load`, at exactly the price that the buyer accepted."""
    return {
        "order_line/id": f"{MODULE}.{name}_l{one.line_no}",
        "order_line/sequence": str(one.line_no * LINE_STEP),
        "order_line/product_id/.id": str(to.erp_id(one.item_erp_id)),
        "order_line/product_uom_qty": str(one.quantity),
        "order_line/price_unit": str(one.net_price),
        "order_line/discount": "0",
    }


def joined(first: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the rows of one record for `load`: its own columns beside its first line."""
    head, *rest = [dict(one) for one in lines]
    return [{**first, **head}, *rest]


def values_of(one: r.NewOrderLine | r.NewQuoteLine) -> dict[str, Any]:
    """Return a line as `write` and the simulation take it."""
    return {
        "sequence": one.line_no * LINE_STEP,
        "product_id": to.erp_id(one.item_erp_id),
        "product_uom_qty": float(one.quantity),
        "price_unit": float(one.net_price),
        "discount": 0,
    }


def is_order_name(name: str) -> bool:
    """Say whether an external id is that of an order, not of one of its lines."""
    tail = name.rpartition("_")[2]
    is_part = tail == "note" or (tail[:1] in {"l", "n", "d"} and tail[1:].isdigit())
    return name.startswith(ORDER) and not is_part


def own_lines(row: Row) -> list[dict[str, Any]]:
    """Return the lines that sell something, in order; not the freight, texts and advance payments."""
    return [
        one
        for one in row["lines"]
        if not one["display_type"] and one["product_id"] and not one["is_delivery"] and not one["is_downpayment"]
    ]


def goods_lines(row: Row, setup: Setup) -> list[dict[str, Any]]:
    """Return the lines that sell something and carry no discount of ours."""
    return [one for one in own_lines(row) if not setup.discount or to.ref(one["product_id"]) != setup.discount]


def numbered(lines: Sequence[Row]) -> list[tuple[int, Row]]:
    """Return lines with our numbers where all have one, else counted."""
    numbers = [one["sequence"] // LINE_STEP for one in lines]
    are_ours = all(number > 0 and one["sequence"] % LINE_STEP == 0 for number, one in zip(numbers, lines, strict=True))
    if not are_ours or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(lines) + 1))
    return list(zip(numbers, lines, strict=True))


def order_written(row: Row, reference: str, setup: Setup) -> r.WrittenOrder:
    """Return a sale as an order."""
    own = numbered(goods_lines(row, setup))
    currency = setup.currencies[to.ref(row["currency_id"])]
    step = setup.step(currency)
    freight = [to.amount(one["price_subtotal"], step) for one in row["lines"] if one["is_delivery"]]
    return r.WrittenOrder(
        erp_id=str(row["id"]),
        number=to.line(row["name"], 64),
        reference=reference,
        state=STATES[row["state"]],
        totals=r.Totals(
            currency=currency,
            untaxed=to.amount(row["amount_untaxed"], step),
            tax=to.amount(row["amount_tax"], step),
            total=to.amount(row["amount_total"], step),
            freight=sum(freight, Decimal(0)),
            line_amounts=tuple(to.amount(one["price_subtotal"], step) for _, one in own),
        ),
        lines=tuple((number, to.quantity(one["product_uom_qty"]), to.net_price(one, step)) for number, one in own),
    )
