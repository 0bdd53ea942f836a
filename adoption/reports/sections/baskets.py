"""What an order is worth, by channel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene


def basket_table(scene: Scene) -> b.Table:
    """Return orders, value and pieces an order, for all of self-service and for each channel (M16)."""
    found = scene.numbers.baskets(scene.question.period)
    channels = (("online", found.online), *found.channels.items())
    return b.Table(
        key="baskets",
        title=_("Basket by channel"),
        code="M16",
        columns=(
            b.Column(_("Channel"), b.CHANNEL),
            b.Column(_("Orders"), b.COUNT),
            b.Column(_("Value an order"), b.MONEY),
            b.Column(_("Pieces an order"), b.NUMBER),
        ),
        rows=tuple(b.Row((key, one.orders, one.aov, one.upt)) for key, one in channels),
        empty=_("No order in this period."),
    )
