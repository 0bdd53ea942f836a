"""What the actor's company bought before, by whatever channel: the ERP's own lines, one row for each item."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.statements import fetch
from shop.catalogue.listing import item_url, pending_address
from shop.catalogue.texts import item_name
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_lines

LOOKED_BACK = dt.timedelta(days=730)
PER_PAGE = 50

_BOUGHT = """
SELECT b.*, count(*) OVER () FROM (
    SELECT l.sku, max(l.description) AS description, count(DISTINCT o.id) AS times, max(o.placed_at) AS last_at,
        (array_agg(l.quantity ORDER BY o.placed_at DESC, l.id))[1] AS quantity,
        (array_agg(o.channel_hint ORDER BY o.placed_at DESC, l.id))[1] AS channel,
        (array_agg(l.net_price ORDER BY o.placed_at DESC, l.id))[1] AS net_price,
        (array_agg(o.currency ORDER BY o.placed_at DESC, l.id))[1] AS currency
    FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
    WHERE o.customer_erp_id = %s AND o.gone_at IS NULL AND o.status NOT IN ('draft', 'quotation', 'cancelled')
        AND NOT o.is_return AND o.placed_at >= %s AND l.item_type = 'goods' AND l.sku <> '' AND l.quantity > 0
        AND (%s = '' OR l.sku ILIKE %s OR erp_sync_fold(l.description) LIKE erp_sync_fold(%s))
    GROUP BY l.sku
) b ORDER BY CASE WHEN %s THEN times END DESC NULLS LAST, last_at DESC, sku LIMIT %s OFFSET %s
"""


@dataclass(frozen=True, slots=True)
class BoughtItem:
    """An item that was bought, how often, and how the last time; `view` is its price now, None when it is withdrawn."""

    sku: str
    name: str
    url: str
    times: int
    last_at: dt.datetime
    quantity: Decimal
    channel: str
    net_price: Decimal
    currency: str
    replaced_by: str
    view: PriceView | None


@dataclass(frozen=True, slots=True)
class BoughtPage:
    """A page of what was bought."""

    rows: tuple[BoughtItem, ...]
    total: int
    pending_url: str


def bought_items(
    *, actor: Actor, q: str, often_first: bool, page: int, now: dt.datetime, wait: bool = False
) -> BoughtPage:
    """Return a page of the items of the last two years: two queries and at most one ERP call, none without `wait`."""
    like = f"%{mirror.escaped(q)}%"
    start = (page - 1) * PER_PAGE
    found = fetch(
        _BOUGHT, [actor.sold_to.erp_id, now - LOOKED_BACK, q, like, like, often_first, PER_PAGE, start]
    )  # fmt: skip
    items = mirror.items_by_sku([row[0] for row in found]) if found else {}
    views = price_lines(actor=actor, asks=[(sku, Decimal(1)) for sku in items], items=items, wait=wait)
    rows = []
    for sku, description, times, last_at, quantity, channel, price, currency, _total in found:
        item = items.get(sku)
        rows.append(
            BoughtItem(
                sku=sku,
                name=item_name(item) if item else description or sku,
                url=item_url(sku) if item else "",
                times=times,
                last_at=last_at,
                quantity=quantity,
                channel=channel,
                net_price=price,
                currency=currency,
                replaced_by=item.replaced_by if item and not item.is_active else "",
                view=views.get(sku),
            )
        )
    pending = pending_address([row.view for row in rows if row.view])
    return BoughtPage(tuple(rows), int(found[0][-1]) if found else 0, pending)
