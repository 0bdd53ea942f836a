"""Prices and stock of the files: the customer's own price, else that of his list, else the item's list price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from erp_sync import records as r
from erp_sync.adapters.files.catalogue import factor_of
from erp_sync.adapters.files.reading import MARK
from erp_sync.adapters.files.setup import Options
from erp_sync.adapters.files.store import Store, Values
from erp_sync.errors import ErpUnavailable

FOUR = Decimal("0.0001")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class _Step:
    quantity: Decimal
    net_price: Decimal


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read for the items of a page: prices by scope (the nearest first) and item."""

    items: Mapping[str, Values]
    scopes: Sequence[tuple[str, Mapping[str, list[Values]]]]
    stock: Mapping[str, list[Values]]
    as_of: dt.datetime
    today: dt.date


class Prices:
    """Answers from the tables; nothing is asked of the ERP."""

    def __init__(self, store: Store, options: Options, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._options = options
        self._clock = clock

    def offers(
        self, context: r.PriceContext, asks: Sequence[r.Ask], *, ladders: bool, warehouses: bool
    ) -> list[r.Offer]:
        """Return price and stock for each ask, with the time of the export that they are of.

        Raises:
            ErpUnavailable: nothing was taken yet, or it is too old to be shown.
        """
        page = self._page(context, [ask.sku for ask in asks])
        return [self._offer(page, context, ask, ladders=ladders, warehouses=warehouses) for ask in asks]

    def _page(self, context: r.PriceContext, skus: Sequence[str]) -> _Page:
        now = self._clock()
        as_of = self._as_of(now)
        keys = {
            f"customer {context.customer_erp_id}": {MARK.join((context.customer_erp_id, "", sku)): sku for sku in skus},
            context.price_list: {MARK.join(("", context.price_list, sku)): sku for sku in skus},
        }
        found = self._store.rows("prices", [key for scope in keys.values() for key in scope])
        scopes = [(name, {sku: found.get(key, []) for key, sku in scope.items()}) for name, scope in keys.items()]
        return _Page(
            items={sku: rows[0] for sku, rows in self._store.rows("items", skus).items()},
            scopes=scopes,
            stock=self._store.rows("stock", skus),
            as_of=as_of,
            today=now.astimezone(self._options.zone_info()).date(),
        )

    def _as_of(self, now: dt.datetime) -> dt.datetime:
        """Return when the oldest of the files behind a price was exported."""
        exported = self._store.freshness()
        if "items" not in exported:
            raise ErpUnavailable("no batch with items was taken yet", nothing_sent=True)
        as_of = min((exported[name] for name in ("prices", "stock") if name in exported), default=exported["items"])
        most = self._options.max_age_hours
        if most and now - as_of > dt.timedelta(hours=most):
            raise ErpUnavailable(
                f"the prices are of {as_of:%Y-%m-%d %H:%M} UTC, older than max_age_hours ({most:g})", nothing_sent=True
            )
        return as_of

    def _offer(self, page: _Page, context: r.PriceContext, ask: r.Ask, *, ladders: bool, warehouses: bool) -> r.Offer:
        item = page.items.get(ask.sku)
        currency = context.currency or self._options.currency
        if item is None or item.get("is_active") == "0":
            return r.Offer(ask.sku, ask.erp_id, ask.quantity, "", currency, net_price=None, is_salable=False)
        scopes = [(name, self._steps(rows[ask.sku], item, page.today, currency)) for name, rows in page.scopes]
        list_price = self._list_price(item, currency)
        if list_price is not None:
            scopes.append(("", (_Step(Decimal(0), list_price),)))
        price, rule = _reached(scopes, ask.quantity)
        stock = _stock(page.stock.get(ask.sku), warehouses=warehouses)
        return r.Offer(
            sku=ask.sku,
            erp_id=ask.erp_id,
            quantity=ask.quantity,
            unit=item["unit"],
            currency=currency,
            net_price=price,
            list_price=list_price,
            steps=_ladder(scopes) if ladders else (),
            rule=rule,
            stock=stock,
            expected=_expected(page.stock.get(ask.sku, [])),
            as_of=page.as_of,
        )

    def _list_price(self, item: Values, currency: str) -> Decimal | None:
        if "list_price" not in item or currency != self._options.currency:
            return None
        return Decimal(item["list_price"]).quantize(FOUR, rounding=ROUND_HALF_UP)

    def _steps(self, rows: Sequence[Values], item: Values, today: dt.date, currency: str) -> tuple[_Step, ...]:
        """Return the steps that hold today, per sales unit; of two from one quantity the one that began last."""
        held = [row for row in rows if row["currency"] == currency and _holds(row, today)]
        steps: dict[Decimal, _Step] = {}
        for row in sorted(held, key=lambda one: one.get("valid_from", "")):
            factor = factor_of(item, row.get("unit", ""))
            if factor is None:
                continue
            quantity = Decimal(row.get("quantity_from", "0")) * factor
            each = (Decimal(row["price"]) / factor).quantize(FOUR, rounding=ROUND_HALF_UP)
            steps[quantity] = _Step(quantity, each)
        return tuple(sorted(steps.values(), key=lambda one: one.quantity))


def _holds(row: Values, today: dt.date) -> bool:
    day = today.isoformat()
    return row.get("valid_from", "") <= day <= row.get("valid_to", "9999")


def _reached(scopes: Sequence[tuple[str, Sequence[_Step]]], quantity: Decimal) -> tuple[Decimal | None, str]:
    """Return the price of the nearest scope that has a step for the quantity, and the scope's name."""
    for name, steps in scopes:
        reached = [step for step in steps if step.quantity <= quantity]
        if reached:
            return reached[-1].net_price, name
    return None, ""


def _ladder(scopes: Sequence[tuple[str, Sequence[_Step]]]) -> tuple[r.PriceStep, ...]:
    """Return every quantity at which the price changes."""
    quantities = sorted({max(step.quantity, ONE) for _name, steps in scopes for step in steps})
    steps: list[r.PriceStep] = []
    for quantity in quantities:
        price, _rule = _reached(scopes, quantity)
        if price is not None and (not steps or steps[-1].net_price != price):
            steps.append(r.PriceStep(quantity, price))
    return tuple(steps)


def _stock(rows: Sequence[Values] | None, *, warehouses: bool) -> tuple[r.WarehouseStock, ...] | None:
    if not rows:
        return None
    split = tuple(_in_warehouse(row) for row in rows)
    if warehouses:
        return split
    on_hand = sum((one.on_hand for one in split), Decimal(0))
    return (r.WarehouseStock("", on_hand, sum((one.available for one in split), Decimal(0))),)


def _in_warehouse(row: Values) -> r.WarehouseStock:
    on_hand = max(Decimal(row["on_hand"]), Decimal(0))
    available = max(Decimal(row.get("available", row["on_hand"])), Decimal(0))
    return r.WarehouseStock(row["warehouse"], on_hand, min(available, on_hand))


def _expected(rows: Sequence[Values]) -> tuple[r.Expected, ...]:
    coming = [row for row in rows if "expected" in row and "expected_on" in row]
    found = [r.Expected(Decimal(row["expected"]), dt.date.fromisoformat(row["expected_on"])) for row in coming]
    return tuple(sorted((one for one in found if one.quantity > 0), key=lambda one: one.on))
