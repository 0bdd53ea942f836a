"""Orders into Odoo, once: load under our external id, compare, confirm; one found half-way is carried on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import discounts
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.prices import simulate
from erp_sync.adapters.odoo.setup import Setup
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline


class OrdersWrite:
    """Writes orders. A second `load` under the same external id makes no second order."""

    def __init__(self, sales: s.Sales) -> None:
        self._sales = sales

    def find(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return the order with this reference."""
        row = self._sales.by_key(s.ORDER, reference, deadline)
        return [s.order_written(row, reference, self._sales.setup.get(deadline))] if row else []

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Bring the order to confirmed, creating it when it is not there.

        Raises:
            ErpRejected: the ERP refuses it (it may stay there as a quotation for the ERP's staff),
                or would charge more than the buyer accepted.
        """
        setup = self._sales.setup.get(deadline)
        name = s.ORDER + to.key_of(order.reference)
        row = self._sales.by_key(s.ORDER, order.reference, deadline)
        if row is None:
            discounts.refuse_without_service(order, setup)
            self._sales.refuse_unfit(order, deadline)
            columns = s.header(name, order, setup, origin=order.reference)
            lines = s.joined(columns, [s.line_columns(name, one) for one in order.lines])
            row = self._sales.make(s.ORDER, lines, order.reference, deadline)
        return s.order_written(self._carried_on(row, name, order, setup, deadline), order.reference, setup)

    def totals(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        """Return what the order would cost, writing nothing.

        Raises:
            ErpRejected: it cannot be priced.
        """
        setup = self._sales.setup.get(deadline)
        s.refuse_unpriced(order.price_list, order.currency, setup)
        header: dict[str, Any] = {"partner_id": to.erp_id(order.customer_erp_id)}
        if order.price_list:
            header["pricelist_id"] = to.erp_id(order.price_list)
        if order.ship_to_erp_id:
            header["partner_shipping_id"] = to.erp_id(order.ship_to_erp_id)
        lines = [s.values_of(one) for one in order.lines]
        told = simulate(self._sales.client, header, lines, {"price_subtotal": {}, setup.names.line_taxes: {}}, deadline)
        if order.discount is not None:
            less = discounts.lines_of(order, told["order_line"], setup)
            told = simulate(self._sales.client, header, [*lines, *less], {"price_subtotal": {}}, deadline)
        currency = setup.currencies[to.ref(told["currency_id"])]
        if currency != order.currency:
            raise ErpRejected(f"The ERP sells to this customer in {currency}, not in {order.currency}.")
        step = setup.step(currency)
        return r.Totals(
            currency=currency,
            untaxed=to.amount(told["amount_untaxed"], step),
            tax=to.amount(told["amount_tax"], step),
            total=to.amount(told["amount_total"], step),
            # Odoo adds no freight on its own: its staff does, line by line.
            freight=Decimal(0),
            line_amounts=tuple(to.amount(one["price_subtotal"], step) for one in told["order_line"][: len(lines)]),
        )

    def _carried_on(
        self, row: dict[str, Any], name: str, order: r.NewOrder, setup: Setup, deadline: Deadline
    ) -> dict[str, Any]:
        if row["state"] not in {"draft", "sent"}:
            return row
        self._sales.put_texts(row["id"], _texts(name, order), deadline)
        if order.discount is not None:
            row = discounts.put(self._sales, row, name, order, setup, deadline)
        _compare(row, order, setup)
        if self._sales.setup.options.heed_credit_warning:
            self.refuse_over_limit(row["id"], deadline)
        return self._sales.step("action_confirm", row, deadline)

    def refuse_over_limit(self, number: int, deadline: Deadline) -> None:
        """Refuse what Odoo would only warn of; a person there may confirm the order nevertheless.

        Raises:
            ErpRejected: in the words of Odoo's warning.
        """
        field = "partner_credit_warning"
        told = self._sales.words(deadline)
        domain = [["id", "=", number]]
        rows = self._sales.client.rows("sale.order", domain, [field], deadline=deadline, context=told)
        words = to.line(rows[0][field], 500) if rows else ""
        if words:
            raise ErpRejected(words, warning=field)


def _texts(name: str, order: r.NewOrder) -> list[s.Text]:
    """Return what the buyer wrote, beside its lines and at the end."""
    texts = [
        (f"{name}_n{one.line_no}", one.line_no * s.LINE_STEP + 1, to.text(one.note, to.LONGEST_TEXT))
        for one in order.lines
    ]
    remark = to.text("\n".join(filter(None, [order.note, order.placed_by])), to.LONGEST_TEXT)
    return [one for one in [*texts, (f"{name}_note", s.REMARK, remark)] if one[2]]


def _compare(row: Mapping[str, Any], order: r.NewOrder, setup: Setup) -> None:
    """Refuse to confirm at a higher price than the buyer accepted; a lower one is the ERP's gift."""
    accepted = {one.line_no: one for one in order.lines}
    step = setup.step(order.currency)
    own = s.numbered(s.goods_lines(row, setup))
    if len(own) != len(accepted):
        raise ErpRejected(f"The ERP changed the lines of order {row['name']}.")
    for number, line in own:
        one = accepted.get(number)
        if one is None or to.quantity(line["product_uom_qty"]) != one.quantity:
            raise ErpRejected(f"The ERP changed the lines of order {row['name']}.")
        if to.net_price(line, step) > to.price(one.net_price):
            raise ErpRejected(f"The ERP's price of {one.sku} is {to.net_price(line, step)}, not {one.net_price}.")
    refuse_dearer(to.amount(row["amount_total"], step), order.expected_total)
