"""Price and stock: by our bridge, by a quote that is deleted again, or the list price alone; the settings say which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.bridge import Bridge, Wanted, valid_until
from erp_sync.adapters.business_central.catalogue import list_price
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.adapters.business_central.drafts import Drafts
from erp_sync.adapters.business_central.orders_write import OrdersWrite
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import Deadline

ITEM_FIELDS = ("id", "number", "blocked", "unitPrice", "priceIncludesTax", "baseUnitOfMeasureCode", "inventory")
Row = Mapping[str, Any]


class Prices:
    """Answers offers and totals."""

    def __init__(self, client: BcClient, setup: SetupSource, bridge: Bridge | None, orders: OrdersWrite) -> None:
        self._client = client
        self._setup = setup
        self._bridge = bridge
        self._orders = orders
        self._drafts = Drafts(client)

    def offers(
        self, context: r.PriceContext, asks: Sequence[r.Ask], deadline: Deadline, *, ladders: bool, warehouses: bool
    ) -> list[r.Offer]:
        """Return price and stock for each ask, in the order asked."""
        known = [ask for ask in asks if _is_id(ask.erp_id)]
        if not known:
            return [_not_sold(ask, context) for ask in asks]
        if self._bridge is not None:
            found = self._by_bridge(self._bridge, context, known, deadline, ladders=ladders, warehouses=warehouses)
        else:
            found = self._by_items(context, known, deadline, warehouses=warehouses)
        return [found.get(_key(ask)) or _not_sold(ask, context) for ask in asks]

    def totals(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        """Return what the order would cost, by the ERP's own arithmetic.

        Raises:
            ErpRejected: it cannot be priced.
        """
        if self._bridge is None:
            return self._totals_by_draft(order, deadline)
        wanted = [
            Wanted(one.item_erp_id, one.quantity, one.net_price if order.prices_agreed else None) for one in order.lines
        ]
        told = self._bridge.price(order.customer_erp_id, order.currency, wanted, deadline)
        missing = [one.sku for one, line in zip(order.lines, told["lines"], strict=True) if not line["isSalable"]]
        if missing:
            raise ErpRejected(f"The ERP does not sell item {', '.join(missing[:5])} to this customer.")
        return r.Totals(
            currency=order.currency,
            untaxed=to.amount(told["totalAmountExcludingTax"]),
            tax=to.amount(told["totalTaxAmount"]),
            total=to.amount(told["totalAmountIncludingTax"]),
            freight=to.amount(told.get("freightAmount")),
            line_amounts=tuple(to.amount(line["netAmount"]) for line in told["lines"]),
        )

    # -- with the bridge -------------------------------------------------------

    def _by_bridge(
        self,
        bridge: Bridge,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        deadline: Deadline,
        *,
        ladders: bool,
        warehouses: bool,
    ) -> dict[tuple[str, Decimal], r.Offer]:
        wanted = [Wanted(ask.erp_id, ask.quantity) for ask in asks]
        told = bridge.price(context.customer_erp_id, context.currency, wanted, deadline, ladders=ladders)
        stock = bridge.stock([to.line(line["itemNumber"], 20) for line in told["lines"]], deadline)
        found: dict[tuple[str, Decimal], r.Offer] = {}
        for ask, line in zip(asks, told["lines"], strict=True):
            if line["isSalable"]:
                there = stock.get(to.line(line["itemNumber"], 20), [])
                found[_key(ask)] = _offered(ask, context, line, tuple(there) if warehouses else _summed(there))
        return found

    # -- without ---------------------------------------------------------------

    def _by_items(
        self, context: r.PriceContext, asks: Sequence[r.Ask], deadline: Deadline, *, warehouses: bool
    ) -> dict[tuple[str, Decimal], r.Offer]:
        options = self._setup.options
        rows = self._items(asks, deadline)
        sold = [ask for ask in asks if ask.erp_id.lower() in rows]
        if options.price_source == "draft_document":
            prices = self._drafted(context, sold, rows, deadline)
        else:
            is_local = context.currency == self._setup.get(deadline).currency
            prices = {_key(ask): list_price(rows[ask.erp_id.lower()]) for ask in sold} if is_local else {}
        name = options.stock_name if warehouses else ""
        return {_key(ask): _listed(ask, context, rows[ask.erp_id.lower()], prices.get(_key(ask)), name) for ask in sold}

    def _drafted(
        self, context: r.PriceContext, asks: Sequence[r.Ask], rows: Mapping[str, Row], deadline: Deadline
    ) -> dict[tuple[str, Decimal], Decimal | None]:
        """Return the price of each ask by one price quote; of longer questions none, they would hold the ERP up."""
        if not asks or len(asks) > self._setup.options.draft_lines:
            return {}
        location = self._setup.get(deadline).location
        lines = [
            s.item_line(
                ask.erp_id.lower(), ask.quantity, to.line(rows[ask.erp_id.lower()]["baseUnitOfMeasureCode"], 10),
                location, None,
            )
            for ask in asks
        ]  # fmt: skip
        with self._drafts.priced(context.customer_erp_id, lines, deadline) as row:
            if s.currency_of(row, self._setup.get(deadline).currency) != context.currency:
                return {}
            items = s.items_of(s.lines_of(row, s.QUOTE))
            if len(items) != len(asks):
                raise ErpBroken("the ERP did not price every line")
            return {_key(ask): to.net_price(one) for ask, one in zip(asks, items, strict=True)}

    def _totals_by_draft(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        units = self._orders.units(order.lines, deadline)
        setup = self._setup.get(deadline)
        lines = [
            s.item_line(
                one.item_erp_id.lower(), one.quantity, units[one.item_erp_id.lower()], setup.location,
                one.net_price if order.prices_agreed else None,
            )
            for one in order.lines
        ]  # fmt: skip
        with self._drafts.priced(order.customer_erp_id, lines, deadline) as row:
            totals = s.totals_of(row, s.lines_of(row, s.QUOTE), setup.currency)
        if totals.currency != order.currency:
            raise ErpRejected(f"The ERP sells to this customer in {totals.currency}, not in {order.currency}.")
        return totals

    def _items(self, asks: Sequence[r.Ask], deadline: Deadline) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for part in odata.chunks(ask.erp_id.lower() for ask in asks):
            wanted = odata.any_of("id", [odata.guid(erp_id) for erp_id in part])
            for row in self._client.rows("items", Query(ITEM_FIELDS, wanted), deadline):
                if not row["blocked"]:
                    found[to.ref(row["id"])] = row
        return found


def _key(ask: r.Ask) -> tuple[str, Decimal]:
    return ask.erp_id.lower(), ask.quantity


def _is_id(value: str) -> bool:
    try:
        odata.guid(value)
    except ErpBroken:
        return False
    return True


def _not_sold(ask: r.Ask, context: r.PriceContext) -> r.Offer:
    return r.Offer(ask.sku, ask.erp_id, ask.quantity, "", context.currency, None, is_salable=False)


def _offered(ask: r.Ask, context: r.PriceContext, line: Row, stock: tuple[r.WarehouseStock, ...]) -> r.Offer:
    steps = [
        r.PriceStep(to.quantity(one["quantity"]), to.price(one["netUnitPrice"])) for one in line.get("steps") or ()
    ]
    listed = line.get("listUnitPrice")
    return r.Offer(
        sku=ask.sku,
        erp_id=ask.erp_id,
        quantity=ask.quantity,
        unit=to.line(line["unitOfMeasureCode"], 10),
        currency=context.currency,
        net_price=to.price(line["netUnitPrice"]),
        list_price=to.price(listed) if listed is not None else None,
        steps=tuple(sorted(steps, key=lambda one: one.quantity)),
        rule=to.line(line.get("rule"), 100),
        valid_until=valid_until(line),
        stock=stock,
    )


def _listed(ask: r.Ask, context: r.PriceContext, row: Row, price: Decimal | None, stock_name: str) -> r.Offer:
    many = max(to.quantity(row["inventory"]), Decimal(0))
    return r.Offer(
        sku=ask.sku,
        erp_id=ask.erp_id,
        quantity=ask.quantity,
        unit=to.line(row["baseUnitOfMeasureCode"], 10),
        currency=context.currency,
        net_price=price,
        list_price=list_price(row),
        stock=(r.WarehouseStock(stock_name, many, many),),
    )


def _summed(there: Sequence[r.WarehouseStock]) -> tuple[r.WarehouseStock, ...]:
    on_hand = sum((one.on_hand for one in there), Decimal(0))
    free = sum((one.available for one in there), Decimal(0))
    return (r.WarehouseStock("", on_hand, free),)
