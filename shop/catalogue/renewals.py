"""New versions of safety data sheets: who bought the item is told, once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import SoldTo
from accounts.signals import announce
from erp_sync.mirror import selectors as mirror
from erp_sync.statements import fetch
from shop.catalogue.listing import item_url
from shop.catalogue.texts import item_name
from shop.signals import Told, shop_told

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
SELECT c.id FROM accounts_soldto c WHERE EXISTS (
    SELECT 1 FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
    WHERE l.sku = %s AND l.quantity > 0 AND o.customer_erp_id = c.erp_id AND o.placed_at >= %s
        AND o.gone_at IS NULL AND o.status NOT IN ('draft', 'quotation', 'cancelled'))
"""


@transaction.atomic
def tell_of_renewed_sheets(*, now: dt.datetime) -> int:
    """Tell the buyers of each item whose safety data sheet is newer than one seen before; return how many companies."""
    told = 0
    for sku, day in fetch(_NEW, [now]):
        item = mirror.items_by_sku([sku]).get(sku)
        for company in SoldTo.objects.filter(pk__in=[row[0] for row in fetch(_BUYERS, [sku, now - BOUGHT_WITHIN])]):
            announce(
                shop_told,
                Told(
                    key=f"sheet:{sku}:{day}:{company.pk}",
                    event="sheet_renewed",
                    sold_to_id=company.pk,
                    audience="buyers",
                    occurred_at=now,
                    path=item_url(sku),
                    params={"sku": sku, "name": item_name(item) if item else sku, "dated": str(day or now.date())},
                ),
            )
            told += 1
    return told
