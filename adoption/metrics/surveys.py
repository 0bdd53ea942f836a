"""M19 surveys: what buyers answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from adoption.metrics.book import Book
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Event

Asked = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """M19 of one survey. `scores`: what counts, one for each person and session; `rows`: ids of those events."""

    scores: tuple[str, ...]
    prompted: int
    rows: tuple[str, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of answers that count."""
        return len(self.scores)

    @property
    def response(self) -> Decimal | None:
        """Answers / times asked."""
        return divided(self.n, self.prompted)

    def share(self, *wanted: str) -> Decimal | None:
        """Return the share of answers that are one of those.

        >>> Answers(("5", "2"), prompted=4).share("4", "5")
        Decimal('0.5')
        """
        return divided(sum(score in wanted for score in self.scores), self.n)

    @property
    def mean(self) -> Decimal | None:
        """Average score."""
        return divided(sum((Decimal(score) for score in self.scores), Decimal(0)), self.n)

    @property
    def nps(self) -> Decimal | None:
        """100 x (share of 9 and 10 less share of 0 to 6)."""
        promoters, detractors = self.share("9", "10"), self.share(*map(str, range(7)))
        return None if promoters is None or detractors is None else 100 * (promoters - detractors)


VALID = {
    "csat": frozenset(map(str, range(1, 6))),
    "nps": frozenset(map(str, range(11))),
    "exit": frozenset({"yes", "partly", "no"}),
}


def surveys(book: Book, period: Period) -> dict[str, Answers]:
    """Return M19 for csat, nps and exit: buyer answers in the period, the last of a person in a session."""
    prompted, answered = book.events_in("survey_prompted", period), book.events_in("survey_answered", period)
    return {survey: _answers(survey, _about(survey, prompted), _about(survey, answered)) for survey in VALID}


def _about(survey: str, events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.props.get("survey") == survey]


def _answers(survey: str, prompted: Sequence[Event], answered: Sequence[Event]) -> Answers:
    ordered = sorted(answered, key=lambda event: (event.occurred_at, event.event_id))
    last = {_asked(event): event for event in ordered}
    given = [(event, score_of(event.props.get("score", event.props.get("found", "")))) for event in last.values()]
    kept = [(event, score) for event, score in given if score in VALID[survey]]
    reasons = {"changed later": len(ordered) - len(last), "no such answer": len(given) - len(kept)}
    return Answers(
        scores=tuple(score for _event, score in kept),
        prompted=len({_asked(event) for event in prompted}),
        rows=tuple(event.event_id for event, _score in kept),
        excluded={reason: count for reason, count in reasons.items() if count},
    )


def _asked(event: Event) -> Asked:
    return str(event.props.get("survey")), event.user_id, event.session_id


def score_of(given: object) -> str:
    """Return a score as a whole number in text, or the word found.

    >>> score_of("5.0"), score_of("partly")
    ('5', 'partly')
    """
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return str(given)
    return str(int(number)) if number.is_finite() and number == int(number) else str(given)
