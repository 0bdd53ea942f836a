"""New versions of safety data sheets: who bought the item is told, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from django.db import transaction

from accounts.selectors import company_day
from accounts.signals import announce
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.statements import fetch
from shop.catalogue.listing import item_url
from shop.catalogue.texts import item_name
from shop.signals import Told, in_languages, shop_told

BOUGHT_WITHIN = dt.timedelta(days=730)
# Writes down what was not seen before, and returns what has a predecessor: a first sheet is no news.
_NEW = """
WITH sheets AS (
    SELECT i.sku, coalesce(d ->> 'language', '') AS language, d ->> 'erp_id' AS document,
        (d ->> 'dated_on')::date AS day
    FROM erp_sync_item i, jsonb_array_elements(i.documents) d WHERE i.gone_at IS NULL AND d ->> 'kind' = 'safety'
), fresh AS (
    INSERT INTO erp_sync_safetysheet (sku, language, document_erp_id, dated_on, seen_at)
    SELECT DISTINCT sku, language, document, day, %s::timestamptz FROM sheets ON CONFLICT DO NOTHING
    RETURNING sku, language, dated_on
)
SELECT f.sku, max(f.dated_on) FROM fresh f WHERE EXISTS (
    SELECT 1 FROM erp_sync_safetysheet s WHERE s.sku = f.sku AND s.language = f.language
        AND coalesce(s.dated_on, '-infinity') < coalesce(f.dated_on, 'infinity'))
GROUP BY f.sku
"""
_BUYERS = """
SELECT DISTINCT l.sku, c.id FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
JOIN accounts_soldto c ON c.erp_id = o.customer_erp_id
WHERE l.sku = ANY(%s) AND l.quantity > 0 AND o.placed_at >= %s
    AND o.gone_at IS NULL AND o.status NOT IN ('draft', 'quotation', 'cancelled')
ORDER BY 1, 2
"""


@transaction.atomic
def tell_of_renewed_sheets(*, now: dt.datetime) -> int:
    """Tell the buyers of each item whose safety data sheet is newer than one seen before; return how many were told.

    Three statements, however many items and companies there are; a company is told of each item.
    """
    fresh: dict[str, dt.date | None] = dict(fetch(_NEW, [now]))
    items = mirror.items_by_sku(fresh) if fresh else {}
    buyers = fetch(_BUYERS, [list(fresh), now - BOUGHT_WITHIN]) if fresh else []
    for sku, company_id in buyers:
        day = fresh[sku] or company_day(now)
        announce(
            shop_told,
            Told(
                key=f"sheet:{sku}:{fresh[sku]}:{company_id}",
                event="sheet_renewed",
                sold_to_id=company_id,
                audience="buyers",
                occurred_at=now,
                path=item_url(sku),
                params={"sku": sku, "dated": day.isoformat()} | in_languages("name", partial(_name, sku, items)),
            ),
        )
    return len(buyers)


def _name(sku: str, items: Mapping[str, Item]) -> str:
    return item_name(items[sku]) if sku in items else sku
