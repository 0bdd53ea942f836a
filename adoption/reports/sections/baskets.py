"""What an order is worth, by channel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from adoption.reports import blocks as b
from adoption.reports.lines import opens
from adoption.reports.question import Question
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
        rows=tuple(
            b.Row((key, one.orders, one.aov, one.upt), opens=_opens(scene.question, key)) for key, one in channels
        ),
        empty=_("No order in this period."),
    )


def _opens(question: Question, channel: str) -> dict[int, str]:
    if channel == "online":
        own = opens(question, "order_value")
        return {1: own, 2: own, 3: opens(question, "order_pieces")}
    own = opens(question, "basket", channel=channel)
    return {1: own, 2: own, 3: opens(question, "pieces", channel=channel)}
