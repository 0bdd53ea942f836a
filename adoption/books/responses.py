"""Sums of answers to surveys (M19), made of what each person said in a session on a day.

The last answer of a person in a session counts, on whichever of the asked days it was given. Almost every person and
session has one row and is in the sums; those with several are marked, and pages look at them one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from adoption.books import keeping
from adoption.books.sql import of_accounts

FRESH = f"""
    SELECT day, account_id, survey, CASE WHEN answers > 0 THEN score ELSE '' END AS score,
           count(*) FILTER (WHERE answers > 0) AS people, sum(answers) AS times,
           count(*) FILTER (WHERE asked > 0) AS asked
      FROM adoption_answerday
     WHERE day BETWEEN %(first)s AND %(last)s AND NOT again AND {of_accounts("account_id")} GROUP BY 1, 2, 3, 4"""
# Those of the days, and the other rows of the same person, session and survey, whosesoever and whenever.
_MARK = f"""
WITH told AS MATERIALIZED (
    SELECT session_id, user_id, survey FROM adoption_answerday
     WHERE day BETWEEN %(first)s AND %(last)s AND {of_accounts("account_id")}
), several AS MATERIALIZED (
    SELECT a.session_id, a.user_id, a.survey
      FROM (SELECT DISTINCT * FROM told) t JOIN adoption_answerday a USING (session_id, user_id, survey)
     GROUP BY 1, 2, 3 HAVING count(*) > 1
)
UPDATE adoption_answerday a SET again = true FROM several s
 WHERE a.session_id = s.session_id AND a.user_id = s.user_id AND a.survey = s.survey AND NOT a.again
RETURNING a.day"""


def refresh(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """After the answers of some days and accounts: bring what they add up to up to date, on other days too."""
    for day in sorted(_mark(cursor, given)):
        if not given["first"] <= day <= given["last"]:
            merge(cursor, {**given, "first": day, "last": day, "accounts": None})
    # A session may be of two accounts.
    merge(cursor, {**given, "accounts": None})


def _mark(cursor: CursorWrapper, given: Mapping[str, Any]) -> set[dt.date]:
    cursor.execute(_MARK, dict(given))
    return {day for (day,) in cursor.fetchall()}


def merge(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Bring the responses of some days up to date."""
    keeping.merge(cursor, keeping.RESPONSES, FRESH, given)


def make(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Write those of all days into empty tables."""
    _mark(cursor, given)
    keeping.fill(cursor, keeping.RESPONSES, FRESH, given)
