"""Counts what was asked and answered where it lies: of thousands of rows only the counts travel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from accounts.models import SoldTo
from adoption.books.sql import BUYERS
from adoption.metrics.service import OFFLINE_MEDIA, SERVICE_TOPICS
from adoption.voice.models import Enquiry

_SURVEYS = f"""
WITH told AS MATERIALIZED (
    SELECT e.kind, e.props ->> 'survey' AS survey, e.occurred_at, e.event_id,
           CASE WHEN e.props ? 'score' THEN e.props ->> 'score' ELSE coalesce(e.props ->> 'found', '') END AS score,
           e.user_id, e.session_id
      FROM adoption_event e
     WHERE e.kind IN ('survey_prompted', 'survey_answered') AND e.occurred_at >= %(begin)s AND e.occurred_at < %(end)s
       AND {BUYERS} AND (%(accounts)s::text[] IS NULL OR e.account_id = ANY (%(accounts)s))
), each AS MATERIALIZED (
    SELECT kind, survey, user_id, session_id, count(*) AS times, min(score) AS score FROM told GROUP BY 1, 2, 3, 4
), changed AS (
    SELECT DISTINCT ON (t.survey, t.user_id, t.session_id) t.kind, t.survey, t.user_id, t.session_id, t.score
      FROM told t JOIN each e USING (kind, survey, user_id, session_id) WHERE e.times > 1 AND kind = 'survey_answered'
     ORDER BY t.survey, t.user_id, t.session_id, t.occurred_at DESC, t.event_id COLLATE "C" DESC
)
SELECT e.survey, e.kind = 'survey_answered', CASE WHEN e.kind = 'survey_answered' THEN coalesce(c.score, e.score) END,
       count(*), sum(e.times)::bigint
  FROM each e LEFT JOIN changed c USING (kind, survey, user_id, session_id) GROUP BY 1, 2, 3"""


class Told(NamedTuple):
    """Answers that say the same, or (`is_answer` False) questions shown.

    Attributes:
        score: The last one of a person in a session, as it was written down.
        people: How many persons and sessions; `times`: how often, earlier answers included.
    """

    survey: str
    is_answer: bool
    score: str | None
    people: int
    times: int


def surveys(begin: dt.datetime, end: dt.datetime, as_of: dt.datetime, *, of: Collection[str] | None) -> list[Told]:
    """Return what buyers were asked and answered from one instant to another (M19), of some accounts or all."""
    given = {"begin": begin, "end": end, "as_of": as_of, "accounts": None if of is None else list(of)}
    with connection.cursor() as cursor:
        cursor.execute(_SURVEYS, given)
        return [Told(*row) for row in cursor.fetchall()]


def service_enquiries(begin: dt.datetime, end: dt.datetime, *, of: Collection[str] | None) -> int:
    """Return how often customers asked offline what the shop could have answered (M6), some accounts or all."""
    whose = Q() if of is None else Q(account_id__in=list(of))
    tests = SoldTo.objects.filter(is_test=True).values("erp_id")
    rows = Enquiry.objects.filter(whose, topic__in=SERVICE_TOPICS, medium__in=OFFLINE_MEDIA)
    return rows.filter(occurred_at__gte=begin, occurred_at__lt=end).exclude(account_id__in=tests).count()
