"""When self-service orders come, by the customer's own clock."""

from __future__ import annotations

from django.utils.translation import gettext as _

from adoption.metrics.hours import local_time, off_hours
from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene
from adoption.reports.words import figure_value


def _note(scene: Scene) -> str:
    share = off_hours(scene.book, scene.question.period).share
    words = _("%(share)s outside opening hours: %(part)s of %(whole)s, by the customer's own clock and holidays.")
    return words % {"share": figure_value(share.value, b.SHARE), "part": share.part, "whole": share.whole}


def heat_of_orders(scene: Scene) -> b.Heat:
    """Return self-service orders of the period by weekday and hour."""
    counts: dict[tuple[int, int], int] = {}
    book = scene.book
    for order in book.orders_in(scene.question.period):
        if book.is_online(order) and order.time_known:
            local = local_time(book, order, book.accounts.get(order.account_id))
            place = local.isoweekday(), local.hour
            counts[place] = counts.get(place, 0) + 1
    return b.Heat(
        key="hours",
        title=_("Self-service orders by hour"),
        code="M18",
        rows=b.heat(counts),
        note=_note(scene),
        empty=_("No self-service order in this period yet."),
    )
