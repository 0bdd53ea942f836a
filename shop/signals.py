"""The facts that the shop announces, as `accounts.signals.Fact` through `announce`.

Kinds: product_view, search, cart_add, reorder_clicked, order_submitted, order_tracked, invoice_viewed and
invoice_searched (docs/metrics.md, "Events").
"""

from django.dispatch import Signal

shop_fact = Signal()
"""Sent with `event=Fact(...)`.

`order_submitted` has object_type "order", object_id = the shop's reference (`WEB-…`) and props `channel`,
`key` (the checkout's order key), `lines`, `untaxed`, `currency`.
`order_tracked` has object_id = ERP order id, or the shop's reference while the ERP has none.
`search` has props `query`, `hits`; `invoice_searched` has props `query`.
"""

facts_wanted = Signal()
"""Sent by adoption's backfill with `since`; the shop answers by announcing its lasting facts again."""
