"""Live prices, ladders and stock of a page of items by an order that is never saved: one call, whatever is asked."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.faults import Missing
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

KEEP_STEPS_S = 60.0
MOST_STEPS = 12
MOST_RULES = 5000
# A longer question is put in parts: a page is one call always, and no request holds a worker of Odoo for seconds.
MOST_LINES = 300
STOCK = ("qty_available", "free_qty")
TRACKED = ("type", "is_storable")
Row = Mapping[str, Any]
Point = tuple[int, Decimal]


@dataclass(frozen=True, slots=True)
class Steps:
    """Quantities from which a rule of a price list begins: of every item, and of some items alone."""

    common: frozenset[Decimal] = frozenset()
    own: Mapping[int, frozenset[Decimal]] = field(default_factory=dict)

    def of(self, item: int) -> list[Decimal]:
        """Return the steps of an item, ascending, beginning with 1."""
        return sorted({Decimal(1), *self.common, *self.own.get(item, ())})[:MOST_STEPS]


class Prices:
    """Asks Odoo for offers; keeps no price, only the steps of price lists for a minute."""

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self._steps: dict[str, tuple[float, Steps]] = {}
        self._lock = threading.Lock()

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool,
        warehouses: bool,
        deadline: Deadline,
    ) -> list[r.Offer]:
        """Return an offer for each ask, in the order asked."""
        if not asks:
            return []
        setup = self._setup.get(deadline)
        points = {(_id(ask), ask.quantity) for ask in asks if _id(ask)}
        steps = self._steps_of(context, setup, deadline) if ladders else Steps()
        if ladders:
            points |= {(item, step) for item, _ in list(points) for step in steps.of(item)}
        rows = self._simulated(context, sorted(points), setup, deadline)
        items = [item for item, _ in rows]
        split = self._split(items, setup, deadline) if warehouses else {}
        expected = self._expected(items, deadline) if warehouses else {}
        name = setup.price_lists.get(context.price_list, ("", ""))[0]
        offers = []
        for ask in asks:
            row = rows.get((_id(ask), ask.quantity))
            if row is None:
                offers.append(r.Offer(ask.sku, ask.erp_id, ask.quantity, "", context.currency, None, is_salable=False))
                continue
            ladder = _ladder(rows, _id(ask), steps.of(_id(ask))) if ladders else ()
            stock = split.get(_id(ask)) if warehouses else _whole_stock(row)
            offers.append(self._offer(ask, row, context, setup, ladder, name, stock, expected.get(_id(ask), ())))
        return offers

    # -- the simulation --------------------------------------------------------

    def _simulated(
        self, context: r.PriceContext, points: Sequence[Point], setup: Setup, deadline: Deadline
    ) -> dict[Point, dict[str, Any]]:
        """Return a line for each (item, quantity) that the ERP has; one call for up to MOST_LINES of them."""
        found: dict[Point, dict[str, Any]] = {}
        for start in range(0, len(points), MOST_LINES):
            found |= self._known(context, points[start : start + MOST_LINES], setup, deadline)
        return found

    def _known(
        self, context: r.PriceContext, points: Sequence[Point], setup: Setup, deadline: Deadline
    ) -> dict[Point, dict[str, Any]]:
        """Ask for the lines; those of items that the ERP has not are left out."""
        try:
            return self._ask(context, points, setup, deadline)
        except Missing:
            wanted = sorted({item for item, _ in points})
            domain = [["id", "in", wanted], ARCHIVED_TOO]
            there = {row["id"] for row in self._client.rows("product.product", domain, ["id"], deadline=deadline)}
            if len(there) == len(wanted):
                raise
            known = [point for point in points if point[0] in there]
            return self._ask(context, known, setup, deadline) if known else {}

    def _ask(
        self, context: r.PriceContext, points: Sequence[Point], setup: Setup, deadline: Deadline
    ) -> dict[Point, dict[str, Any]]:
        lines = [{"product_id": item, "product_uom_qty": float(quantity)} for item, quantity in points]
        product = {"fields": {name: {} for name in self._product_fields(setup)}, "context": self._stock_context(setup)}
        spec: dict[str, Any] = {name: {} for name in ("price_unit", "discount", "price_subtotal", "product_uom_qty")}
        header = {"partner_id": to.erp_id(context.customer_erp_id)} if context.customer_erp_id else {}
        if context.price_list:
            header["pricelist_id"] = to.erp_id(context.price_list)
        told = simulate(self._client, header, lines, {**spec, "product_id": product}, deadline)
        currency = setup.currencies.get(to.ref(told["currency_id"]), "")
        # Without its price list Odoo answers list prices and says nothing: no price is better than a wrong one.
        is_priced = currency == context.currency and (bool(context.price_list) or not setup.uses_price_lists)
        step = setup.step(currency)
        rows = [{**one, "net_price": to.net_price(one, step) if is_priced else None} for one in told["order_line"]]
        return dict(zip(points, rows, strict=True))

    def _product_fields(self, setup: Setup) -> tuple[str, ...]:
        tracked = TRACKED if setup.series >= 18 else ("detailed_type",)
        return ("active", "sale_ok", "lst_price", "uom_id", *STOCK, *tracked)

    def _stock_context(self, setup: Setup) -> dict[str, Any]:
        """Return the context in which stock is that of our warehouses; Odoo adds them up."""
        if not self._setup.options.warehouses:
            return {}
        return {"warehouse_id": [one.id for one in setup.warehouses]}

    # -- stock apart -----------------------------------------------------------

    def _split(
        self, items: Collection[int], setup: Setup, deadline: Deadline
    ) -> dict[int, tuple[r.WarehouseStock, ...] | None]:
        """Return the stock of each warehouse, one call a warehouse; None for what is not kept in stock."""
        stock: dict[int, list[r.WarehouseStock]] = {}
        for warehouse in setup.warehouses if items else ():
            fields = {*STOCK, *(TRACKED if setup.series >= 18 else ("detailed_type",))}
            domain = [["id", "in", sorted(set(items))], ARCHIVED_TOO]
            place = {"warehouse_id": warehouse.id}
            for row in self._client.rows("product.product", domain, fields, deadline=deadline, context=place):
                if _is_tracked(row):
                    stock.setdefault(row["id"], []).append(_stock(warehouse.name, row))
        return {item: tuple(stock[item]) if item in stock else None for item in items}

    def _expected(self, items: Collection[int], deadline: Deadline) -> dict[int, tuple[r.Expected, ...]]:
        """Return goods on their way from suppliers, by day."""
        rows = self._client.rows(
            "stock.move",
            [
                ["product_id", "in", sorted(set(items))],
                ["state", "in", ["waiting", "confirmed", "partially_available", "assigned"]],
                ["location_id.usage", "=", "supplier"],
                ["date", ">=", to.stamp(dt.datetime.now(dt.UTC) - dt.timedelta(days=1))],
            ],
            ["product_id", "date", "product_qty"],
            deadline=deadline,
            limit=200,
            order="date,id",
        )
        expected: dict[int, list[r.Expected]] = defaultdict(list)
        for row in rows:
            goods, on = to.whole_units(row["product_qty"]), to.day(row["date"])
            if goods > 0 and on:
                expected[to.ref(row["product_id"])].append(r.Expected(goods, on))
        return {item: tuple(goods) for item, goods in expected.items()}

    # -- steps of a price list -------------------------------------------------

    def _steps_of(self, context: r.PriceContext, setup: Setup, deadline: Deadline) -> Steps:
        """Return where the prices of a list may change, read at most once a minute."""
        key = context.price_list
        if not key:
            return Steps()
        with self._lock:
            kept_at, kept = self._steps.get(key, (0.0, None))
        if kept is not None and time.monotonic() - kept_at < KEEP_STEPS_S:
            return kept
        found = self._read_steps(to.erp_id(key), deadline)
        with self._lock:
            self._steps[key] = (time.monotonic(), found)
        return found

    def _read_steps(self, price_list: int, deadline: Deadline) -> Steps:
        fields = ["min_quantity", "product_id", "product_tmpl_id"]
        domain = [["pricelist_id", "in", self._lists_behind(price_list, deadline)], ["min_quantity", ">", 1]]
        rules = self._client.rows("product.pricelist.item", domain, fields, deadline=deadline, limit=MOST_RULES)
        templates = {to.ref(one["product_tmpl_id"]) for one in rules} - {0}
        of_template = [["product_tmpl_id", "in", sorted(templates)]]
        found = self._client.rows("product.product", of_template, ["product_tmpl_id"], deadline=deadline)
        variants: dict[int, list[int]] = defaultdict(list)
        for one in found if templates else ():
            variants[to.ref(one["product_tmpl_id"])].append(one["id"])
        common: set[Decimal] = set()
        own: dict[int, set[Decimal]] = defaultdict(set)
        for rule in rules:
            step, item = to.quantity(rule["min_quantity"]), to.ref(rule["product_id"])
            template = to.ref(rule["product_tmpl_id"])
            for variant in [item] if item else variants[template]:
                own[variant].add(step)
            if not item and not template:
                common.add(step)
        return Steps(frozenset(common), {item: frozenset(steps) for item, steps in own.items()})

    def _lists_behind(self, price_list: int, deadline: Deadline) -> list[int]:
        """Return a list and those that its rules are based on."""
        found, new = [price_list], [price_list]
        while new and len(found) < 10:
            domain = [["pricelist_id", "in", new], ["base_pricelist_id", "!=", False]]
            rows = self._client.rows("product.pricelist.item", domain, ["base_pricelist_id"], deadline=deadline)
            new = sorted({to.ref(row["base_pricelist_id"]) for row in rows} - set(found))
            found += new
        return found

    def _offer(
        self,
        ask: r.Ask,
        row: Row,
        context: r.PriceContext,
        setup: Setup,
        steps: tuple[r.PriceStep, ...],
        rule: str,
        stock: tuple[r.WarehouseStock, ...] | None,
        expected: tuple[r.Expected, ...],
    ) -> r.Offer:
        product = row["product_id"]
        has_list_price = context.currency == setup.currency_code
        return r.Offer(
            sku=ask.sku,
            erp_id=ask.erp_id,
            quantity=ask.quantity,
            unit=setup.unit_name(product["uom_id"]),
            currency=context.currency,
            net_price=row["net_price"],
            list_price=to.price(product["lst_price"]) if has_list_price else None,
            steps=steps,
            rule=rule,
            stock=stock,
            expected=expected,
            is_salable=bool(product["active"] and product["sale_ok"]),
        )


def simulate(
    client: OdooClient,
    header: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    line_spec: Mapping[str, Any],
    deadline: Deadline,
) -> dict[str, Any]:
    """Return what an order with these lines would be, with `order_line` as plain rows in the order given.

    Raises:
        ErpBroken: the answer has not these lines.
    """
    commands = [[0, f"v{number}", dict(one)] for number, one in enumerate(lines)]
    spec: dict[str, Any] = {name: {} for name in ("currency_id", "amount_untaxed", "amount_tax", "amount_total")}
    told = client.call(
        "sale.order",
        "onchange",
        values={**header, "order_line": commands},
        field_names=[],
        fields_spec={**spec, "order_line": {"fields": dict(line_spec)}},
        deadline=deadline,
    )
    value = told.get("value") if isinstance(told, dict) else None
    if not isinstance(value, dict) or "currency_id" not in value:
        raise ErpBroken("sale.order.onchange: the answer is no order")
    found = {one[1]: one[2] for one in value.get("order_line") or [] if len(one) == 3 and one[0] == 0}
    if set(found) != {one[1] for one in commands}:
        raise ErpBroken("sale.order.onchange: lines are missing")
    return {**value, "order_line": [found[one[1]] for one in commands]}


def _ladder(rows: Mapping[Point, Row], item: int, steps: Sequence[Decimal]) -> tuple[r.PriceStep, ...]:
    """Return the steps at which the price changes, ascending."""
    ladder: list[r.PriceStep] = []
    for step in steps:
        net_price = rows[(item, step)]["net_price"]
        if net_price is not None and (not ladder or ladder[-1].net_price != net_price):
            ladder.append(r.PriceStep(step, net_price))
    return tuple(ladder)


def _id(ask: r.Ask) -> int:
    return int(ask.erp_id) if ask.erp_id.isascii() and ask.erp_id.isdigit() else 0


def _is_tracked(product: Row) -> bool:
    return bool(product.get("is_storable")) or product.get("detailed_type") == "product"


def _stock(warehouse: str, product: Row) -> r.WarehouseStock:
    """Return stock; what is reserved for others or only on its way in is not available."""
    on_hand, free = to.whole_units(product["qty_available"]), to.whole_units(product["free_qty"])
    return r.WarehouseStock(warehouse, on_hand, min(on_hand, free))


def _whole_stock(row: Row) -> tuple[r.WarehouseStock, ...] | None:
    product = row["product_id"]
    return (_stock("", product),) if _is_tracked(product) else None
