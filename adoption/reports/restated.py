"""What late facts changed in days that were closed already: said at the top of the pages that show those days."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from adoption.books.models import Restatement
from adoption.books.selectors import restatements
from adoption.books.words import METRICS, MONEY, restated
from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene

MOST = 5


def restated_notes(scene: Scene) -> list[b.Block]:
    """Return a sentence for each figure of the period that was restated, latest day first; at most five.

    A share that there was nothing to divide for, before or after, has no difference to tell; its orders say it.
    """
    rows = [one for one in restatements(scene.question.period) if None not in {one.before, one.after}]
    link = reverse("admin:adoption_restatement_changelist")
    notes: list[b.Block] = [_note(scene, one, link) for one in rows[:MOST]]
    if len(rows) > MOST:
        more = _("%(count)s more figures of this period were restated.") % {"count": len(rows) - MOST}
        notes.append(b.Note(more, b.INFO, link, _("See all"), is_of_all=True))
    return notes


def _note(scene: Scene, one: Restatement, link: str) -> b.Note:
    name = str(METRICS.get(one.metric, one.metric))
    text = f"{name[:1].upper()}{name[1:]} {restated(one, scene.book.currency)}"
    return b.Note(
        text, b.INFO, f"{link}?day={one.day}", _("See the rows"), is_money=one.metric in MONEY, is_of_all=True
    )
