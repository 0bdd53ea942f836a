"""The questions and their answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
CSAT, EXIT, NPS = "csat", "exit", "nps"


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `prop`: where its answer stands in the event."""

    survey: str
    text: Text
    prop: str
    answers: tuple[tuple[str, Text], ...]


QUESTIONS = {
    CSAT: Question(
        CSAT,
        _("How easy was it to place this order?"),
        "score",
        (("1", _("1 very hard")), ("2", "2"), ("3", "3"), ("4", "4"), ("5", _("5 very easy"))),
    ),
    EXIT: Question(
        EXIT,
        _("You were here lately without ordering. Did you find what you needed?"),
        "found",
        (("yes", _("yes")), ("partly", _("partly")), ("no", _("no"))),
    ),
    NPS: Question(
        NPS,
        _("Would you recommend this shop to a colleague? 0 = never, 10 = certainly"),
        "score",
        tuple((str(score), str(score)) for score in range(11)),
    ),
}
