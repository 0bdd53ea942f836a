"""Counts in the database what persons said who were asked or answered again in the same session."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from adoption.books.selectors import Who
from adoption.metrics.facts import Period

# The last answer of a person in a session counts, on whichever of the days it was given.
_AGAIN = """
WITH last AS (
    SELECT DISTINCT ON (survey, user_id, session_id) survey, CASE WHEN answers > 0 THEN score END AS score,
           sum(answers) OVER one AS answers, max(asked) OVER one AS asked
      FROM adoption_answerday
     WHERE again AND day BETWEEN %(first)s AND %(last)s
       AND (%(are_all)s OR (account_id = ANY (%(accounts)s::text[])) = %(are_meant)s)
    WINDOW one AS (PARTITION BY survey, user_id, session_id)
     ORDER BY survey, user_id, session_id, answers = 0, answered_at DESC
)
SELECT survey, score, count(score), sum(answers)::bigint, count(*) FILTER (WHERE asked > 0) FROM last GROUP BY 1, 2"""


class Told(NamedTuple):
    """Answers that say the same, or (`score` None) no answer.

    Attributes:
        score: The last one of a person in a session, as it was written down.
        people: How many persons and sessions; `times`: how often, earlier answers included.
        asked: How many persons and sessions were shown the question.
    """

    survey: str
    score: str | None
    people: int
    times: int
    asked: int


def again(period: Period, *, who: Who) -> list[Told]:
    """Return what was said in a period by those who may have said something on several days, or for two companies."""
    accounts, are_meant = who.side()
    given: dict[str, Any] = {
        "first": period.first, "last": period.last, "accounts": list(accounts), "are_meant": are_meant,
        "are_all": who.ids is None,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, given)
        return [Told(*row) for row in cursor.fetchall()]
