"""A discount on an order: lines of a service, one for each taxation of the goods, as Odoo's own wizard writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.discounts import shares
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.client import MODULE
from erp_sync.adapters.odoo.setup import Setup
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline

LINK, REPLACE = 4, 6
Row = Mapping[str, Any]
Share = tuple[tuple[int, ...], Decimal]


def lines_of(order: r.NewOrder, goods: Sequence[Row], setup: Setup) -> list[dict[str, Any]]:
    """Return the discount's lines as the simulation takes them; `goods` are the order's lines as it answered them.

    Odoo works out the taxes of an unsaved line anew, whatever it is told: so each is of a product that has them.

    Raises:
        ErpMisconfigured: the ERP has no service that could carry it.
        ErpRejected: it is taken from nothing.
    """
    refuse_without_service(order, setup)
    both = list(zip(order.lines, goods, strict=True))
    taxed_so = {_taxes(row, setup): to.erp_id(one.item_erp_id) for one, row in both}
    return [
        {"product_id": taxed_so[taxes], "product_uom_qty": 1.0, "price_unit": float(-share), "discount": 0}
        for taxes, share in _shares(order, ((one.line_no, row) for one, row in both), setup)
    ]


def put(
    sales: s.Sales, row: dict[str, Any], name: str, order: r.NewOrder, setup: Setup, deadline: Deadline
) -> dict[str, Any]:
    """Put the discount's lines into a draft, each once, and return it as it stands then.

    Raises:
        ErpMisconfigured: the ERP has no service that could carry it.
        ErpRejected: it takes off another amount than what was accepted.
    """
    discount = order.discount
    if discount is None:
        return row
    refuse_without_service(order, setup)
    numbers = {one["id"]: number for number, one in s.numbered(s.goods_lines(row, setup))}
    taxes, wanted = setup.names.line_taxes, [["id", "in", sorted(numbers)]]
    fields = [taxes, "price_subtotal"]
    found = sales.client.rows("sale.order.line", wanted, fields, deadline=deadline)
    spread = _shares(order, ((numbers[one["id"]], one) for one in found), setup)
    sales.client.load("sale.order.line", _columns(row["id"], name, discount.words, spread, setup), deadline)
    now = sales.row(row["id"], deadline)
    _compare(now, discount.amount, setup, order.currency)
    return now


def refuse_without_service(order: r.NewOrder, setup: Setup) -> None:
    """Refuse a discount that no service could carry.

    Raises:
        ErpMisconfigured: with the option that names it.
    """
    if order.discount is not None and not setup.discount:
        raise ErpMisconfigured("the ERP has no service for discounts: name one in ERP_OPTIONS['discount_product']")


def _shares(order: r.NewOrder, numbered: Iterable[tuple[int, Row]], setup: Setup) -> list[Share]:
    if order.discount is None:
        return []
    step = setup.step(order.currency)
    told = [(number, _taxes(one, setup), to.amount(one["price_subtotal"], step)) for number, one in numbered]
    return shares(order.discount, told, lambda amount: to.amount(amount, step))


def _taxes(row: Row, setup: Setup) -> tuple[int, ...]:
    """Return the ids of a line's taxes; a line that is not saved tells them as the commands that would set them."""
    ids: set[int] = set()
    for one in row[setup.names.line_taxes]:
        if not isinstance(one, list):
            ids.add(int(one))
        elif one[0] == LINK:
            ids.add(int(one[1]))
        elif one[0] == REPLACE:
            ids = {int(number) for number in one[2]}
    return tuple(sorted(ids))


def _columns(number: int, name: str, words: str, spread: Sequence[Share], setup: Setup) -> list[dict[str, str]]:
    """Return the lines for `load`, after those of the goods and before the buyer's remark."""
    return [
        {
            "id": f"{MODULE}.{name}_d{count}",
            "order_id/.id": str(number),
            "sequence": str(s.REMARK - s.LINE_STEP + count),
            "product_id/.id": str(setup.discount),
            "product_uom_qty": "1",
            "price_unit": str(-share),
            "discount": "0",
            f"{setup.names.line_taxes}/.id": ",".join(str(tax) for tax in taxes),
            "name": to.line(words),
        }
        for count, (taxes, share) in enumerate(spread, 1)
    ]


def _compare(row: Mapping[str, Any], amount: Decimal, setup: Setup, currency: str) -> None:
    step = setup.step(currency)
    found = [one for one in s.own_lines(row) if to.ref(one["product_id"]) == setup.discount]
    less = sum((to.amount(one["price_subtotal"], step) for one in found), Decimal(0))
    if less != -amount:
        raise ErpRejected(f"The ERP's discount of order {row['name']} is {-less}, not {amount}.")
