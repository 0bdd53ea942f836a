"""The readiness quiz: ten questions of two minutes; a weak answer suggests a goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
NO, PARTLY, YES = "0", "1", "2"
ANSWERS: tuple[tuple[str, Text], ...] = ((NO, _("no")), (PARTLY, _("partly")), (YES, _("yes")))
BEST = len(ANSWERS) - 1


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `metric` moves when the answer gets better, by `step` within half a year."""

    key: str
    text: Text
    why: Text
    metric: str
    step: Decimal


QUESTIONS = (
    Question(
        "invited",
        _("Has every customer who may buy online an invitation that somebody accepted?"),
        _("Who has no log-in can't leave the phone."),
        "adoption.activated",
        Decimal("0.20"),
    ),
    Question(
        "prices",
        _("Do the shop's prices agree with the invoice, so that nobody calls to check?"),
        _("One wrong price sends a buyer back to the phone for months."),
        "channel_retention.rate",
        Decimal("0.10"),
    ),
    Question(
        "reps",
        _("Do the reps earn the same on an online order as on one they write themselves?"),
        _("Who loses by the shop won't recommend it."),
        "adoption.order",
        Decimal("0.15"),
    ),
    Question(
        "repeat",
        _("Can your ten best customers repeat last month's order in under a minute?"),
        _("Repeating is what they call for most."),
        "adoption.revenue",
        Decimal("0.15"),
    ),
    Question(
        "status",
        _("Do customers see status and tracking of phoned-in orders too?"),
        _("Otherwise they call for the rest, and order while they are at it."),
        "tracking.rate",
        Decimal("0.20"),
    ),
    Question(
        "invoices",
        _("Can a customer find and pay any invoice without writing to you?"),
        _("Invoices are the second most frequent question."),
        "invoices_paid_online.rate",
        Decimal("0.15"),
    ),
    Question(
        "quotes",
        _("Does a quote get its first answer within half a working day?"),
        _("A buyer who waits for a price calls."),
        "quotes.sla_rate",
        Decimal("0.20"),
    ),
    Question(
        "promises",
        _("Are promised delivery dates kept, and told when they move?"),
        _("Late goods that nobody announced are a phone call each."),
        "delivery.otd",
        Decimal("0.10"),
    ),
    Question(
        "night",
        _("Can a customer order at nine in the evening without meeting a closed door?"),
        _("Orders off hours are orders that you would not have had, or had to answer."),
        "off_hours.share",
        Decimal("0.05"),
    ),
    Question(
        "asked",
        _("Do you ask buyers after an order whether all went well, and read the answers?"),
        _("What goes wrong is cheaper to hear than to guess."),
        "surveys.csat.satisfied",
        Decimal("0.10"),
    ),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers say. `weak`: questions answered no or partly, worst first. None = nothing answered."""

    score: Decimal | None
    answered: int
    weak: tuple[Question, ...]


def result_of(answers: Mapping[str, str]) -> Result:
    """Return the share of points and the weak answers; unknown answers count as not given.

    >>> result_of({"invited": "2", "prices": "0", "reps": "x"}).score
    Decimal('0.5')
    """
    given = {one.key: answers.get(one.key, "") for one in QUESTIONS}
    points = {key: int(answer) for key, answer in given.items() if answer in dict(ANSWERS)}
    weak = sorted((one for one in QUESTIONS if points.get(one.key, BEST) < BEST), key=lambda one: points[one.key])
    score = Decimal(sum(points.values())) / (BEST * len(points)) if points else None
    return Result(score, len(points), tuple(weak))
