"""Counts what was asked and answered in the database: of thousands of rows only the counts travel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from accounts.models import SoldTo
from adoption.books.selectors import Who, among
from adoption.metrics.facts import Period
from adoption.metrics.service import OFFLINE_MEDIA, SERVICE_TOPICS
from adoption.voice.models import Enquiry

# The last answer of a person in a session counts, on whichever of the days it was given.
_SURVEYS = """
WITH told AS MATERIALIZED (
    SELECT survey, user_id, session_id, score, answered_at, asked, answers FROM adoption_answerday
     WHERE day BETWEEN %(first)s AND %(last)s AND (account_id = ANY (%(accounts)s::text[])) = %(are_meant)s
), each AS MATERIALIZED (
    SELECT survey, user_id, session_id, count(*) FILTER (WHERE answers > 0) AS times, sum(answers) AS answers,
           min(score) FILTER (WHERE answers > 0) AS score, bool_or(asked > 0) AS is_asked
      FROM told GROUP BY 1, 2, 3
), changed AS (
    SELECT DISTINCT ON (t.survey, t.user_id, t.session_id) t.survey, t.user_id, t.session_id, t.score
      FROM told t JOIN each e USING (survey, user_id, session_id) WHERE e.times > 1 AND t.answers > 0
     ORDER BY t.survey, t.user_id, t.session_id, t.answered_at DESC
)
SELECT e.survey, coalesce(c.score, e.score), count(*) FILTER (WHERE e.times > 0), sum(e.answers)::bigint,
       count(*) FILTER (WHERE e.is_asked)
  FROM each e LEFT JOIN changed c USING (survey, user_id, session_id) GROUP BY 1, 2"""


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


def surveys(period: Period, *, who: Who) -> list[Told]:
    """Return what buyers were asked and answered in a period (M19)."""
    accounts, are_meant = who.side()
    given: dict[str, Any] = {
        "first": period.first,
        "last": period.last,
        "accounts": list(accounts),
        "are_meant": are_meant,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SURVEYS, given)
        return [Told(*row) for row in cursor.fetchall()]


def service_enquiries(begin: dt.datetime, end: dt.datetime, *, of: Collection[str] | None) -> int:
    """Return how often customers asked offline what the shop could have answered (M6), some accounts or all."""
    whose = Q() if of is None else among(of, are_many=True)
    tests = SoldTo.objects.filter(is_test=True).values("erp_id")
    rows = Enquiry.objects.filter(whose, topic__in=SERVICE_TOPICS, medium__in=OFFLINE_MEDIA)
    return rows.filter(occurred_at__gte=begin, occurred_at__lt=end).exclude(account_id__in=tests).count()
