"""When self-service orders come, by the customer's own clock."""

from __future__ import annotations

from django.utils.translation import gettext as _

from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene
from adoption.reports.words import figure_value


def _note(scene: Scene) -> str:
    share = scene.numbers.off_hours(scene.question.period).share
    words = _("%(share)s outside opening hours: %(part)s of %(whole)s, by the customer's own clock and holidays.")
    return words % {"share": figure_value(share.value, b.SHARE), "part": share.part, "whole": share.whole}


def heat_of_orders(scene: Scene) -> b.Heat:
    """Return self-service orders of the period by weekday and hour."""
    return b.Heat(
        key="hours",
        title=_("Self-service orders by hour"),
        code="M18",
        rows=b.heat(scene.numbers.heat(scene.question.period)),
        note=_note(scene),
        empty=_("No self-service order in this period yet."),
    )
