"""Live prices and stock: ERPNext fills in the prices of an invoice that is never saved; stock is read from its bins."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog

from erp_sync import records as r
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.catalogue import is_sold, units_of
from erp_sync.adapters.erpnext.client import ErpNextClient, in_requests
from erp_sync.adapters.erpnext.faults import Conflict
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.setup import Setup, SetupSource, Unit
from erp_sync.adapters.erpnext.steps import Steps, StepSource
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import Deadline

CHUNK = 50
# After so many single lines that the ERP will not price, the fault is not in the items.
MOST_REFUSED = 8
ITEM_FIELDS = (
    "name",
    "stock_uom",
    "sales_uom",
    "disabled",
    "is_sales_item",
    "has_variants",
    "is_stock_item",
)
BIN_FIELDS = (
    "item_code",
    "warehouse",
    "actual_qty",
    "reserved_qty",
    "ordered_qty",
    "projected_qty",
    "modified",
)
Point = tuple[str, Decimal]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sold:
    """An item as it is sold now."""

    unit: Unit
    is_sold: bool
    is_stock: bool


class Prices:
    """Asks ERPNext for offers; keeps no price."""

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self._steps = StepSource(client)

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
        items = self._items([ask.erp_id for ask in asks], deadline)
        steps = self._steps.get(deadline) if ladders else Steps()
        points = {(ask.erp_id, ask.quantity) for ask in asks if ask.erp_id in items and items[ask.erp_id].is_sold}
        if ladders:
            points |= {(code, step) for code, _ in list(points) for step in steps.of(code, items[code].unit.factor)}
        rows = _in_sales_units(self._priced(context, sorted(points), setup, deadline), items)
        stock = self._stock(items, setup, deadline, warehouses=warehouses)
        found = []
        for ask in asks:
            item = items.get(ask.erp_id)
            if item is None:
                offer = r.Offer(ask.sku, ask.erp_id, ask.quantity, "", context.currency, None, is_salable=False)
            else:
                ladder = _ladder(rows, ask.erp_id, steps.of(ask.erp_id, item.unit.factor)) if ladders else ()
                offer = _offer(ask, item, rows.get((ask.erp_id, ask.quantity)), context, ladder, stock.get(ask.erp_id))
            found.append(offer)
        return found

    # -- the simulation --------------------------------------------------------

    def simulated(
        self, context: r.PriceContext, lines: Sequence[Row], setup: Setup, deadline: Deadline, **header: Any
    ) -> dict[str, Any]:
        """Return an unsaved invoice with these lines, prices and tax template filled in; its totals stay 0.

        The list of prices is named: without it ERPNext takes the customer's, or the shop's standard one, in silence.

        Raises:
            ErpBroken: the answer has not these lines.
        """
        invoice: dict[str, Any] = {
            "doctype": "Sales Invoice",
            "__islocal": 1,
            "company": setup.company,
            "customer": context.customer_erp_id,
            "posting_date": setup.zone.day(dt.datetime.now(dt.UTC)).isoformat(),
            "currency": context.currency,
            "selling_price_list": context.price_list,
            **header,
            "items": [{"doctype": "Sales Invoice Item", **one} for one in lines],
        }
        told = {name: value for name, value in invoice.items() if value not in ("", None)}
        docs = self._client.call("run_doc_method", deadline, docs=json.dumps(told), method="set_missing_values")
        doc = docs[0] if isinstance(docs, list) and docs and isinstance(docs[0], dict) else {}
        rows = doc.get("items")
        if not isinstance(rows, list) or [_asked(one) for one in rows[: len(lines)]] != [_asked(one) for one in lines]:
            raise ErpBroken("set_missing_values: the answer has not the lines that were asked")
        # What follows is given away with them.
        return {**doc, "items": rows[: len(lines)]}

    def _priced(
        self, context: r.PriceContext, points: Sequence[Point], setup: Setup, deadline: Deadline
    ) -> dict[Point, Row]:
        """Return a line for each (item, quantity) that the ERP prices."""
        found: dict[Point, Row] = {}
        refused: list[ErpRejected] = []
        for start in range(0, len(points), CHUNK):
            self._price_into(found, refused, context, points[start : start + CHUNK], setup, deadline)
        return found

    def _price_into(
        self,
        found: dict[Point, Row],
        refused: list[ErpRejected],
        context: r.PriceContext,
        points: Sequence[Point],
        setup: Setup,
        deadline: Deadline,
    ) -> None:
        """Price a batch; when the ERP refuses it, its halves, so that a bad item stands alone in the end."""
        lines = [{"item_code": code, "qty": to.sent(quantity)} for code, quantity in points]
        try:
            doc = self.simulated(context, lines, setup, deadline)
        except ErpRejected as refusal:
            if len(points) == 1:
                refused.append(refusal)
                kind = "two pricing rules in conflict" if isinstance(refusal, Conflict) else "refused"
                log.warning("erp_gives_no_price", item=points[0][0], kind=kind, words=refusal.message)
                if len(refused) > MOST_REFUSED:
                    raise
                return
            half = len(points) // 2
            for some in (points[:half], points[half:]):
                self._price_into(found, refused, context, some, setup, deadline)
            return
        if doc.get("currency") == context.currency and doc.get("selling_price_list") == (
            context.price_list or doc.get("selling_price_list")
        ):
            found |= dict(zip(points, doc["items"], strict=True))

    # -- items and stock -------------------------------------------------------

    def _items(self, codes: Sequence[str], deadline: Deadline) -> dict[str, Sold]:
        rows = self._client.rows_named("Item", "name", codes, ITEM_FIELDS, deadline)
        packed = [str(row["name"]) for row in rows if row["sales_uom"] and row["sales_uom"] != row["stock_uom"]]
        fields = ["parent", "idx", "uom", "conversion_factor"]
        factors = to.grouped(self._client.rows_of("Item", "UOM Conversion Detail", packed, fields, deadline))
        return {
            str(row["name"]): Sold(
                units_of(row, factors.get(str(row["name"]), []))[0], is_sold(row), to.is_on(row["is_stock_item"])
            )
            for row in rows
        }

    def _stock(
        self, items: Mapping[str, Sold], setup: Setup, deadline: Deadline, *, warehouses: bool
    ) -> dict[str, tuple[r.WarehouseStock, ...]]:
        """Return the stock of the items that are kept in stock, in their sales unit."""
        kept = [code for code, item in items.items() if item.is_stock]
        bins = to.grouped(
            (one for one in self.bins(kept, deadline) if one["warehouse"] in setup.warehouses), "item_code"
        )
        return {code: _stock(bins.get(code, []), items[code].unit, warehouses=warehouses) for code in kept}

    def bins(self, codes: Sequence[str], deadline: Deadline) -> list[dict[str, Any]]:
        """Return what is in each warehouse."""
        found: list[dict[str, Any]] = []
        for some in in_requests(codes):
            found += self._client.rows("Bin", BIN_FIELDS, [["item_code", "in", some]], deadline=deadline)
        return found


def net_price(row: Row) -> Decimal | None:
    """Return what one sales unit of a line costs; None when the ERP has no price.

    Without a pricing rule ERPNext leaves the rate at 0 and the price stands in the price list's rate alone.
    """
    rate, listed = to.number(row.get("rate")), to.number(row.get("price_list_rate"))
    if rate > 0:
        return to.price(rate)
    if listed <= 0:
        return None
    if to.number(row.get("rate_with_margin")) > 0:
        listed = to.number(row["rate_with_margin"])
    less = listed * to.number(row.get("discount_percentage")) / to.HUNDRED or to.number(row.get("discount_amount"))
    return to.price(listed - less)


def _in_sales_units(rows: Mapping[Point, Row], items: Mapping[str, Sold]) -> dict[Point, Row]:
    """Return the lines that were priced by the unit that the item is sold in: no price is better than a wrong one."""
    found = {}
    for point, row in rows.items():
        if row.get("uom") == items[point[0]].unit.name:
            found[point] = row
        else:
            log.warning("erp_gives_no_price", item=point[0], kind="another unit", words=to.line(row.get("uom"), 40))
    return found


def _asked(row: Row) -> tuple[str, Decimal]:
    quantity = row["qty"]
    return str(row["item_code"]), Decimal(str(quantity)).normalize()


def _ladder(rows: Mapping[Point, Row], code: str, steps: Sequence[Decimal]) -> tuple[r.PriceStep, ...]:
    """Return the steps at which the price changes, ascending."""
    ladder: list[r.PriceStep] = []
    for step in steps:
        row = rows.get((code, step))
        price = net_price(row) if row is not None else None
        if price is not None and (not ladder or ladder[-1].net_price != price):
            ladder.append(r.PriceStep(step, price))
    return tuple(ladder)


def _offer(
    ask: r.Ask,
    item: Sold,
    row: Row | None,
    context: r.PriceContext,
    steps: tuple[r.PriceStep, ...],
    stock: tuple[r.WarehouseStock, ...] | None,
) -> r.Offer:
    listed = to.number(row.get("price_list_rate")) if row is not None else Decimal(0)
    return r.Offer(
        sku=ask.sku,
        erp_id=ask.erp_id,
        quantity=ask.quantity,
        unit=item.unit.name,
        currency=context.currency,
        net_price=net_price(row) if row is not None else None,
        list_price=to.price(listed) if listed > 0 else None,
        steps=steps,
        rule=context.price_list,
        stock=stock,
        is_salable=item.is_sold,
    )


def _stock(bins: Sequence[Row], unit: Unit, *, warehouses: bool) -> tuple[r.WarehouseStock, ...]:
    """Return stock in the sales unit, whole ones only; what is reserved cannot be promised again."""
    figures = [
        (to.line(one["warehouse"]), to.number(one["actual_qty"]), to.number(one["reserved_qty"])) for one in bins
    ]
    if not warehouses:
        # What one warehouse owes does not take from another.
        free = sum((max(Decimal(0), actual - reserved) for _, actual, reserved in figures), Decimal(0))
        figures = [("", sum((max(Decimal(0), actual) for _, actual, _ in figures), Decimal(0)), Decimal(0))]
        on_hand = to.whole_units(figures[0][1] / unit.factor)
        return (r.WarehouseStock("", on_hand, min(on_hand, to.whole_units(free / unit.factor))),)
    return tuple(
        r.WarehouseStock(
            name, to.whole_units(actual / unit.factor), to.whole_units(max(Decimal(0), actual - reserved) / unit.factor)
        )
        for name, actual, reserved in figures
    )
