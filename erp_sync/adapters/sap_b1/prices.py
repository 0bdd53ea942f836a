"""Prices and stock of a page: items first, then the ERP's own price of each item and step, many in one request.

Nothing is worked out again: SpecialPrices only tell at which quantities to ask. What the ERP would get wrong in silence
is not shown: a price of 0, one in another currency, one with tax in it, one for a unit that nobody has looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import any_of, literal, query
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.batch import Ask, Told
from erp_sync.adapters.sap_b1.catalogue import STATE_FIELDS, UNIT_FIELDS, Unit, is_sold, unit_of
from erp_sync.adapters.sap_b1.client import KEYS_AT_ONCE, B1Client, has_more, paged
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.setup import MANUAL, Setup, SetupSource
from erp_sync.errors import ErpUnavailable
from erp_sync.http import Deadline

PRICE = "CompanyService_GetItemPrice"
PRICES_AT_ONCE = 50
FIELDS = ("ItemCode", "InventoryItem", "ItemWarehouseInfoCollection", *UNIT_FIELDS, *STATE_FIELDS)
Point = tuple[str, Decimal]


class Prices:
    """Asks for prices and stock."""

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool,
        warehouses: bool,
        deadline: Deadline,
    ) -> list[r.Offer]:
        """Return price and stock for each ask, in the order asked."""
        setup = self._setup.get(deadline)
        items = self._items([ask.erp_id for ask in asks], deadline)
        sold = {code: row for code, row in items.items() if is_sold(row, setup.today())}
        steps = self._steps(context, list(sold), sold, setup, deadline) if ladders else {}
        points = {(ask.erp_id, ask.quantity) for ask in asks if ask.erp_id in sold}
        points |= {(code, step) for code, found in steps.items() for step in {Decimal(1), *found}}
        priced = {point for point in points if self._has_unit_price(unit_of(sold[point[0]], setup))}
        prices = self._prices(context, sorted(priced), sold, setup, deadline)
        return [self._offer(ask, context, items, sold, prices, steps, setup, warehouses=warehouses) for ask in asks]

    # -- items and stock -------------------------------------------------------

    def _items(self, codes: Sequence[str], deadline: Deadline) -> dict[str, Row]:
        wanted = list(dict.fromkeys(codes))
        asks = [
            Ask(
                "GET",
                f"Items{query(self._items_query(wanted[start : start + KEYS_AT_ONCE]))}",
                None,
                paged(KEYS_AT_ONCE),
            )
            for start in range(0, len(wanted), KEYS_AT_ONCE)
        ]
        told = self._client.read_together(asks, deadline=deadline)
        if len(told) < len(asks):
            raise ErpUnavailable("the ERP answered a part of the items only")
        rows = [row for one in told for row in self._client.rows_of(one, "Items")]
        if any(has_more(one.body) for one in told):  # its pages are smaller than was asked for
            missing = set(wanted) - {row["ItemCode"] for row in rows}
            rows += self._client.by_keys("Items", "ItemCode", sorted(missing), select=FIELDS, deadline=deadline)
        return {str(row["ItemCode"]): row for row in rows}

    def _items_query(self, codes: Sequence[str]) -> dict[str, str]:
        fields = self._client.selected(FIELDS)
        return {"$select": fields, "$filter": any_of("ItemCode", codes), "$orderby": "ItemCode"}

    def _stock(self, row: Row, unit: Unit, setup: Setup, *, warehouses: bool) -> tuple[r.WarehouseStock, ...] | None:
        """Return stock in sales units; what is committed to orders is not available, nor what is on its way in."""
        if not to.flag(row.get("InventoryItem")):
            return None
        rows = {one["WarehouseCode"]: one for one in row.get("ItemWarehouseInfoCollection") or ()}
        places = [(name, rows[code]) for code, name in setup.warehouses.items() if code in rows]
        there = [(name, to.number(one["InStock"]), to.number(one["Committed"])) for name, one in places]
        if not warehouses:
            there = [("", sum((one[1] for one in there), Decimal(0)), sum((one[2] for one in there), Decimal(0)))]
        return tuple(
            r.WarehouseStock(
                name,
                to.whole_units(in_stock / unit.factor),
                to.whole_units(min(in_stock, in_stock - committed) / unit.factor),
            )
            for name, in_stock, committed in there
        )

    # -- prices ----------------------------------------------------------------

    def _has_unit_price(self, unit: Unit) -> bool:
        """Say whether it is known what a price of the ERP is for."""
        return unit.entry != MANUAL or unit.is_plain or bool(self._setup.options.manual_unit_prices)

    def _prices(
        self,
        context: r.PriceContext,
        points: Sequence[Point],
        items: Mapping[str, Row],
        setup: Setup,
        deadline: Deadline,
    ) -> dict[Point, Decimal | None]:
        known = setup.price_lists.get(context.price_list)
        if context.price_list and (known is None or known.is_gross):
            return {}  # with tax in it, or the list of somebody who sees more than this user
        found: dict[Point, Decimal | None] = {}
        left = list(points)
        while left:
            some = left[:PRICES_AT_ONCE]
            asks = [self._ask(context, point, unit_of(items[point[0]], setup), setup) for point in some]
            told = self._client.read_together(asks, deadline=deadline)
            if not told:
                raise ErpUnavailable("the ERP answered no price")
            for point, one in zip(some, told, strict=False):
                found[point] = self._price(one, context, unit_of(items[point[0]], setup), setup)
            # The ERP stops at the first price that it refuses: what came behind it is asked again.
            left = left[len(told) :]
        return found

    def _ask(self, context: r.PriceContext, point: Point, unit: Unit, setup: Setup) -> Ask:
        code, quantity = point
        wanted: dict[str, Any] = {
            "CardCode": context.customer_erp_id,
            "ItemCode": code,
            "Date": setup.today().isoformat(),
            "Currency": setup.own(context.currency),
        }
        if unit.entry == MANUAL:
            wanted["InventoryQuantity"] = to.figure(quantity * unit.factor)
        else:
            wanted |= {"UoMEntry": unit.entry, "UoMQuantity": to.figure(quantity)}
        return Ask("POST", PRICE, {"ItemPriceParams": wanted})

    def _price(self, told: Told, context: r.PriceContext, unit: Unit, setup: Setup) -> Decimal | None:
        """Return the price of one sales unit; None where the ERP has none that can be shown."""
        if told.status >= 500:
            raise ErpUnavailable(f"the ERP failed with HTTP status {told.status}")
        if not told.is_done or not isinstance(told.body, dict):
            return None
        price, options = to.number(told.body["Price"]), self._setup.options
        if setup.iso(told.body.get("Currency")) != context.currency or price <= 0:
            return None
        if options.discount_apart:
            price = price * (to.HUNDRED - to.number(told.body.get("Discount"))) / to.HUNDRED
        if unit.entry == MANUAL and options.manual_unit_prices == "inventory":
            price *= unit.factor
        return to.price(price)

    # -- steps -----------------------------------------------------------------

    def _steps(
        self,
        context: r.PriceContext,
        codes: Sequence[str],
        items: Mapping[str, Row],
        setup: Setup,
        deadline: Deadline,
    ) -> dict[str, set[Decimal]]:
        """Return the quantities (sales unit) from which an item may cost another price: the partner's, the list's."""
        found: dict[str, set[Decimal]] = defaultdict(set)
        owners = [context.customer_erp_id, *([f"*{context.price_list}"] if context.price_list else [])]
        fields = ["CardCode", "ItemCode", "SpecialPriceDataAreas"]
        for start in range(0, len(codes), KEYS_AT_ONCE):
            what = any_of("ItemCode", codes[start : start + KEYS_AT_ONCE])
            for owner in owners:
                where = f"CardCode eq {literal(owner)} and ({what})"
                for row in self._client.rows(
                    "SpecialPrices", "ItemCode", select=fields, where=where, size=KEYS_AT_ONCE, deadline=deadline
                ):
                    unit = unit_of(items[str(row["ItemCode"])], setup)
                    found[str(row["ItemCode"])] |= set(_quantities(row, unit, items, setup))
        return found

    def _offer(
        self,
        ask: r.Ask,
        context: r.PriceContext,
        items: Mapping[str, Row],
        sold: Collection[str],
        prices: Mapping[Point, Decimal | None],
        steps: Mapping[str, set[Decimal]],
        setup: Setup,
        *,
        warehouses: bool,
    ) -> r.Offer:
        row = items.get(ask.erp_id)
        if row is None:
            return r.Offer(ask.sku, ask.erp_id, ask.quantity, "", context.currency, None, is_salable=False)
        unit = unit_of(row, setup)
        known = setup.price_lists.get(context.price_list)
        return r.Offer(
            sku=ask.sku,
            erp_id=ask.erp_id,
            quantity=ask.quantity,
            unit=unit.code,
            currency=context.currency,
            net_price=prices.get((ask.erp_id, ask.quantity)),
            steps=_ladder(ask.erp_id, prices, steps),
            rule=known.name if known else "",
            stock=self._stock(row, unit, setup, warehouses=warehouses),
            is_salable=ask.erp_id in sold,
        )


def _quantities(row: Row, unit: Unit, items: Mapping[str, Row], setup: Setup) -> list[Decimal]:
    """Return the steps of a special price in sales units; a step may name a unit of its own, else it is of stock."""
    factors = setup.unit_groups.get(items[str(row["ItemCode"])].get("UoMGroupEntry") or MANUAL, {})
    return [
        to.quantity(to.number(one["Quantity"]) * factors.get(one.get("UoMEntry") or MANUAL, Decimal(1)) / unit.factor)
        for area in row.get("SpecialPriceDataAreas") or ()
        for one in area.get("SpecialPriceQuantityAreas") or ()
        if to.number(one["Quantity"]) > 0
    ]


def _ladder(
    code: str, prices: Mapping[Point, Decimal | None], steps: Mapping[str, set[Decimal]]
) -> tuple[r.PriceStep, ...]:
    """Return the steps at which the price changes, ascending."""
    ladder: list[r.PriceStep] = []
    for step in sorted({Decimal(1), *steps[code]}) if code in steps else ():
        net_price = prices.get((code, step))
        if net_price is not None and (not ladder or ladder[-1].net_price != net_price):
            ladder.append(r.PriceStep(step, net_price))
    return tuple(ladder)
