"""When self-service orders come, by the customer's own clock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from adoption.metrics.hours import local_time
from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene


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
        note=_("By the customer's own clock."),
        empty=_("No self-service order in this period yet."),
    )
