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

# The last answer of a person in a session counts, on whichever of the days it was given. Almost every session has one
# row in the period and is counted as it is; only those with several (`again`) are looked at one by one.
_SURVEYS = """
WITH again AS MATERIALIZED (
    SELECT session_id FROM adoption_answerday WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1 HAVING count(*) > 1
), told AS NOT MATERIALIZED (
    SELECT survey, user_id, session_id, CASE WHEN answers > 0 THEN score END AS score, answered_at, asked, answers
      FROM adoption_answerday
     WHERE day BETWEEN %(first)s AND %(last)s AND (account_id = ANY (%(accounts)s::text[])) = %(are_meant)s
), last AS (
    SELECT DISTINCT ON (survey, user_id, session_id) survey, score, sum(answers) OVER one AS answers,
           max(asked) OVER one AS asked
      FROM told WHERE session_id IN (SELECT session_id FROM again)
    WINDOW one AS (PARTITION BY survey, user_id, session_id)
     ORDER BY survey, user_id, session_id, score IS NULL, answered_at DESC
), each AS (
    SELECT survey, score, answers, asked FROM told WHERE session_id NOT IN (SELECT session_id FROM again)
    UNION ALL SELECT survey, score, answers, asked FROM last
)
SELECT survey, score, count(score), sum(answers)::bigint, count(*) FILTER (WHERE asked > 0) FROM each GROUP BY 1, 2"""


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
