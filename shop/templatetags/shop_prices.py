"""Tags for prices: the freshness stamp, drawn once for all figures of a page that share it."""

from __future__ import annotations

from typing import cast

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from erp_sync.gateway import StampedOffer
from shop.pricing.price_view import StampView, stamp_view

register = template.Library()


@register.simple_tag(takes_context=True)
def stamp(context: template.Context, source: StampView | StampedOffer | None, *, left: bool = False) -> SafeString:
    """`{% stamp price.stamp %}`, `{% stamp line.offer left=True %}`: partials/_stamp.html, "" for None.

    The items of a page mostly come from one answer of the ERP, so their stamps are the same: each
    is rendered once a page.
    """
    if source is None:
        return mark_safe("")
    view = stamp_view(source, timezone.now()) if isinstance(source, StampedOffer) else source
    page = cast("dict[object, SafeString]", context.render_context)
    if (view, left) not in page:
        page[view, left] = render_to_string("partials/_stamp.html", {"stamp": view, "left": left})
    return page[view, left]
