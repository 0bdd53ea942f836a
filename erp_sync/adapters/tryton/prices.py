"""Live prices, ladders, stock and expected goods of a page of items, in as few calls as Tryton allows.

One call answers price and stock of all items for ONE quantity. Items whose quantities reach the same
step of the customer's price list share a call, so a page is one call and a basket one to four.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import Setup, SetupSource, Warehouse
from erp_sync.http import Deadline

KEEP_LISTS_S = 60.0
MOST_STEPS = 12
MOST_RULES = 2000
ITEM_FIELDS = [
    "active",
    "salable",
    "list_price_used",
    "sale_price_uom",
    *to.UNIT_FIELDS,
    *to.BASE_FIELDS,
]
STOCK_FIELDS = ["quantity", "forecast_quantity"]


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a price list says about itself.

    Attributes:
        steps: Quantities from which one of its rules begins, ascending, without 0.
        in_sales_units: Whether steps count sales units (else units of stock).
    """

    name: str = ""
    steps: tuple[Decimal, ...] = ()
    in_sales_units: bool = True

    def reached(self, quantity: Decimal) -> Decimal:
        """Return what a quantity counts as: the step it reaches, if steps are in its unit."""
        if not self.in_sales_units:
            return quantity
        return max((step for step in self.steps if step <= quantity), default=Decimal(0))

    def steps_of(self, units: Decimal) -> tuple[Decimal, ...]:
        """Return the steps in sales units that hold `units` units of stock."""
        if self.in_sales_units:
            return self.steps
        return tuple(sorted({step / units for step in self.steps if step >= units}))


class Prices:
    """Asks Tryton for offers; keeps no price, only the steps of price lists for a minute."""

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self._lists: dict[str, tuple[float, PriceList]] = {}
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
        quantities = {ask.quantity for ask in asks}
        price_list = PriceList(*setup.price_lists.get(context.price_list, ("",))[:1])
        if context.price_list and (ladders or len(quantities) > 1):
            price_list = self._price_list(context.price_list, setup, deadline)
        rows = self._rows(context, asks, price_list, setup, deadline)
        items = {item: row for (item, _), row in rows.items()}
        steps = self._ladders(context, rows, price_list, setup, deadline) if ladders else {}
        stock = self._stock_by_warehouse(items, setup, deadline) if warehouses else {}
        expected = self._expected(items, setup, deadline) if warehouses else {}
        return [
            _offer(
                ask,
                rows.get((_id(ask), price_list.reached(ask.quantity))),
                context,
                steps=steps.get(_id(ask), ()),
                rule=price_list.name,
                stock=stock.get(_id(ask)),
                expected=expected.get(_id(ask), ()),
            )
            for ask in asks
        ]

    def _rows(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        price_list: PriceList,
        setup: Setup,
        deadline: Deadline,
    ) -> dict[tuple[int, Decimal], dict[str, Any]]:
        groups: dict[Decimal, list[r.Ask]] = defaultdict(list)
        for ask in asks:
            groups[price_list.reached(ask.quantity)].append(ask)
        rows = {}
        for step, group in groups.items():
            quantity = min(ask.quantity for ask in group)
            found = self._read(
                to.known_ids(ask.erp_id for ask in group),
                [*ITEM_FIELDS, *STOCK_FIELDS],
                {
                    **_price_context(context, setup, quantity),
                    **self._stock_context(setup.warehouses),
                },
                deadline,
            )
            rows.update({(row["id"], step): row for row in found})
        return rows

    def _ladders(
        self,
        context: r.PriceContext,
        rows: dict[tuple[int, Decimal], dict[str, Any]],
        price_list: PriceList,
        setup: Setup,
        deadline: Deadline,
    ) -> dict[int, tuple[r.PriceStep, ...]]:
        """Return the price at 1 and at each step of the list; what the rows tell is not asked again."""
        prices: dict[int, dict[Decimal, Any]] = defaultdict(dict)
        wanted: dict[Decimal, list[int]] = defaultdict(list)
        for item, row in {item: row for (item, _), row in rows.items()}.items():
            steps = price_list.steps_of(to.base_units(row))[:MOST_STEPS]
            for step in sorted({Decimal(1), *(one for one in steps if one > 1)}):
                known = rows.get((item, price_list.reached(step)))
                if known is None:
                    wanted[step].append(item)
                else:
                    prices[item][step] = known["sale_price_uom"]
        for step, ids in wanted.items():
            found = self._read(ids, ["sale_price_uom"], _price_context(context, setup, step), deadline)
            for row in found:
                prices[row["id"]][step] = row["sale_price_uom"]
        return {item: _ladder(steps) for item, steps in prices.items()}

    def _stock_by_warehouse(
        self, items: dict[int, dict[str, Any]], setup: Setup, deadline: Deadline
    ) -> dict[int, tuple[r.WarehouseStock, ...]]:
        stock: dict[int, list[r.WarehouseStock]] = defaultdict(list)
        for warehouse in setup.warehouses:
            context = self._stock_context([warehouse])
            for row in self._read(list(items), STOCK_FIELDS, context, deadline):
                item = items[row["id"]]
                stock[row["id"]].append(_stock(to.line(warehouse.name), item | row))
        return {item: tuple(found) for item, found in stock.items()}

    def _expected(
        self, items: dict[int, dict[str, Any]], setup: Setup, deadline: Deadline
    ) -> dict[int, tuple[r.Expected, ...]]:
        """Return goods on their way from suppliers, by day."""
        found = self._client.call(
            "model.stock.move.search_read",
            [
                ["product", "in", list(items)],
                ["state", "in", ["draft", "assigned"]],
                ["from_location.type", "=", "supplier"],
                ["to_location", "child_of", [w.id for w in setup.warehouses], "parent"],
                ["planned_date", ">=", dt.datetime.now(dt.UTC).date()],
            ],
            0,
            200,
            [["planned_date", "ASC"]],
            ["product", "planned_date", "internal_quantity"],
            deadline=deadline,
        )
        expected: dict[int, list[r.Expected]] = defaultdict(list)
        for row in found:
            quantity = to.in_sales_units(row["internal_quantity"], items[row["product"]])
            if quantity > 0:
                expected[row["product"]].append(r.Expected(quantity, row["planned_date"]))
        return {item: tuple(goods) for item, goods in expected.items()}

    def _price_list(self, key: str, setup: Setup, deadline: Deadline) -> PriceList:
        """Return a list with its steps, read at most once a minute."""
        with self._lock:
            kept_at, kept = self._lists.get(key, (0.0, None))
        if kept is not None and time.monotonic() - kept_at < KEEP_LISTS_S:
            return kept
        rows = self._client.call(
            "model.product.price_list.line.search_read",
            [["price_list", "=", to.erp_id(key)], ["quantity", ">", 0]],
            0,
            MOST_RULES,
            None,
            ["quantity"],
            deadline=deadline,
        )
        name, in_sales_units = setup.price_lists.get(key, ("", True))
        steps = tuple(sorted({to.number(row["quantity"]) for row in rows}))
        found = PriceList(name, steps, in_sales_units)
        with self._lock:
            self._lists[key] = (time.monotonic(), found)
        return found

    def _read(
        self, ids: list[int], fields: list[str], context: dict[str, Any], deadline: Deadline
    ) -> list[dict[str, Any]]:
        """Read products, also withdrawn ones; an id that is gone is left out."""
        if not ids:
            return []
        found: list[dict[str, Any]] = self._client.call(
            "model.product.product.search_read",
            [["id", "in", ids], ["active", "in", [True, False]]],
            0,
            None,
            None,
            fields,
            deadline=deadline,
            context=context,
        )
        return found

    def _stock_context(self, warehouses: Iterable[Warehouse]) -> dict[str, Any]:
        horizon = dt.timedelta(days=self._setup.options.stock_horizon_days)
        return {
            "locations": [warehouse.id for warehouse in warehouses],
            "stock_skip_warehouse": True,
            "stock_date_end": dt.datetime.now(dt.UTC).date() + horizon,
        }


def _price_context(context: r.PriceContext, setup: Setup, quantity: Decimal) -> dict[str, Any]:
    return {
        "customer": to.erp_id(context.customer_erp_id) if context.customer_erp_id else None,
        "price_list": to.erp_id(context.price_list) if context.price_list else None,
        "currency": setup.currency(context.currency or setup.currency_code),
        "quantity": float(quantity),
    }


def _ladder(prices: dict[Decimal, Any]) -> tuple[r.PriceStep, ...]:
    """Return the steps at which the price changes, ascending."""
    ladder: list[r.PriceStep] = []
    for step in sorted(prices):
        net_price = to.price(prices[step])
        if net_price is not None and (not ladder or ladder[-1].net_price != net_price):
            ladder.append(r.PriceStep(step, net_price))
    return tuple(ladder)


def _id(ask: r.Ask) -> int:
    return int(ask.erp_id) if ask.erp_id.isascii() and ask.erp_id.isdigit() else 0


def _stock(warehouse: str, row: dict[str, Any]) -> r.WarehouseStock:
    """Return stock; what is only on its way in never counts as available."""
    on_hand = to.in_sales_units(row["quantity"], row)
    forecast = to.in_sales_units(row["forecast_quantity"], row)
    return r.WarehouseStock(warehouse, on_hand, max(Decimal(0), min(on_hand, forecast)))


def _offer(
    ask: r.Ask,
    row: dict[str, Any] | None,
    context: r.PriceContext,
    *,
    steps: tuple[r.PriceStep, ...],
    rule: str,
    stock: tuple[r.WarehouseStock, ...] | None,
    expected: tuple[r.Expected, ...],
) -> r.Offer:
    if row is None:
        return r.Offer(ask.sku, ask.erp_id, ask.quantity, "", context.currency, None, is_salable=False)
    list_price = row["list_price_used"]
    return r.Offer(
        sku=ask.sku,
        erp_id=ask.erp_id,
        quantity=ask.quantity,
        unit=to.line(to.at(row, "sale_uom.symbol"), 20),
        currency=context.currency,
        net_price=to.price(row["sale_price_uom"]),
        list_price=None if list_price is None else to.price(list_price * to.base_units(row)),
        steps=steps,
        rule=rule,
        stock=stock if stock is not None else (_stock("", row),),
        expected=expected,
        is_salable=bool(row["active"] and row["salable"]),
    )
