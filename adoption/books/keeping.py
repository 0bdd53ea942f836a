"""Families of sums, and the one way in which a family is brought up to date: only rows that differ are written.

What the facts say of some days is held against the rows that are kept of them. The difference changes the days, is
added to their months, and nothing else is touched: an hour without news writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from adoption.books import sums, sums_voice
from adoption.books.sql import of_accounts
from adoption.books.sums import ALL


@dataclass(frozen=True, slots=True)
class Family:
    """Sums of one kind.

    Attributes:
        day, month: Their tables; a family without months is read by days.
        keys: What a row is about, besides day and account.
        numbers: What is summed.
        has_total: Rows of `ALL` are kept too.
        only: SQL of its own rows, where the tables hold those of other families too.
        who: Key and number whose accounts are listed in the rows of `ALL`: those with any of the number.
    """

    day: type[sums.OfDay]
    month: type[sums.OfMonth] | None
    keys: tuple[str, ...]
    numbers: tuple[str, ...]
    has_total: bool = True
    only: str = "true"
    who: tuple[str, str] | None = None

    @property
    def days(self) -> str:
        """Name of the table of days."""
        return str(self.day._meta.db_table)

    @property
    def months(self) -> str:
        """Name of the table of months; "" for none."""
        return "" if self.month is None else str(self.month._meta.db_table)


def _numbers(part: type[Model]) -> tuple[str, ...]:
    """Return the sums of an abstract model: all but its keys and texts."""
    fields = part._meta.local_fields
    return tuple(one.name for one in fields if one.get_internal_type() in {"IntegerField", "DecimalField"})


ORDERS = Family(sums.OrderDay, sums.OrderMonth, ("channel",), _numbers(sums.Orders), who=("channel", "orders"))
SOURCES = Family(sums.SourceDay, sums.SourceMonth, ("channel", "source"), _numbers(sums.Sources))
SALES = Family(sums.SalesDay, sums.SalesMonth, ("channel",), _numbers(sums.Sales))
PAID = Family(sums.PaidDay, sums.PaidMonth, (), _numbers(sums.Paid))
# What buyers did, by what it is made of: sessions look at orders, searches at each other, the rest at nothing else.
_ACTIVITY = (sums.ActivityDay, sums.ActivityMonth, ("kind", "source"), _numbers(sums.Activities), True)
ACTIVITY = Family(*_ACTIVITY, only="kind NOT IN ('session_start', 'invoice_searched')")
SESSIONS = Family(*_ACTIVITY, only="kind = 'session_start'")
SEARCHES = Family(*_ACTIVITY, only="kind = 'invoice_searched'", who=("kind", "counted"))
LOGINS = Family(sums.LoginDay, None, ("user_id",), ("events",), has_total=False)
ANSWERS = Family(sums_voice.AnswerDay, None, sums_voice.ANSWER_KEYS, ("asked", "answers"), has_total=False)
RESPONSES = Family(
    sums_voice.ResponseDay, sums_voice.ResponseMonth, ("survey", "score"), _numbers(sums_voice.Responses)
)
ENQUIRIES = Family(sums_voice.EnquiryDay, sums_voice.EnquiryMonth, ("medium",), _numbers(sums_voice.Enquiries))
HOURS = Family(sums.HourDay, None, ("channel", "weekday", "hour"), ("orders",))
LINES = Family(
    sums.LineDay,
    None,
    ("channel", "promised_on"),
    ("lines", "on_time", "due_orders", "in_full", "ordered", "delivered", "missing", "surplus"),
)
QUOTES = Family(sums_voice.QuoteDay, sums_voice.QuoteMonth, ("channel",), _numbers(sums_voice.Quotes))
FAMILIES = (
    ORDERS, SOURCES, SALES, PAID, ACTIVITY, SESSIONS, SEARCHES, LOGINS, ANSWERS, RESPONSES, ENQUIRIES, QUOTES, HOURS,
    LINES,
)  # fmt: skip


def merge(cursor: CursorWrapper, family: Family, fresh: str, given: Mapping[str, Any]) -> set[str]:
    """Bring the days of a family up to date; return whose rows differed, `ALL` among them.

    Args:
        cursor: Inside a transaction.
        family: Whose rows.
        fresh: SQL that selects day, account_id, the keys and the numbers as the facts say them now, each once.
        given: Its parameters; `first` and `last` are the days, `accounts` those looked at, whose difference the rows
            of all accounts then get too; None = all.
    """
    some = given["accounts"] is not None and family.has_total
    cursor.execute(_statement(family, fresh, some=some), dict(given))
    accounts, is_empty = cursor.fetchone()
    if is_empty:
        cursor.execute(_nothing_left(family), dict(given))
    return set(accounts or ())


def fill(cursor: CursorWrapper, family: Family, fresh: str, given: Mapping[str, Any]) -> None:
    """Write what the facts say of days and months into tables that have nothing of them yet."""
    cursor.execute(_filling(family, fresh), dict(given))


def differing(cursor: CursorWrapper, family: Family, fresh: str, given: Mapping[str, Any]) -> int:
    """Return how many rows of the days, or of their month as its days add up, do not say what the facts say."""
    cursor.execute(f"{_diff(family, fresh)} SELECT count(*) FROM diff", dict(given))
    count = int(cursor.fetchone()[0])
    if family.month is not None:
        cursor.execute(_months_beside_days(family), dict(given))
        count += int(cursor.fetchone()[0])
    return count


def forget(cursor: CursorWrapper, family: Family, given: Mapping[str, Any]) -> None:
    """Delete the rows of a month, to make them anew; `first` and `last` are its days."""
    cursor.execute(f"DELETE FROM {family.days} WHERE day BETWEEN %(first)s AND %(last)s AND {family.only}", dict(given))
    if family.month is not None:
        cursor.execute(f"DELETE FROM {family.months} WHERE month = %(first)s AND {family.only}", dict(given))


def _months_beside_days(family: Family) -> str:
    keys, numbers = ("account_id", *family.keys), family.numbers
    rows = f"SELECT {_listed(keys)}, {_each('sum({0}) AS {0}', numbers)} FROM"
    grouped = f"GROUP BY {_listed(keys)}"
    return f"""SELECT count(*)
  FROM ({rows} {family.days} WHERE day BETWEEN %(first)s AND %(last)s AND {family.only} {grouped}) d
  FULL JOIN ({rows} {family.months} WHERE month = %(first)s AND {family.only} {grouped}) m USING ({_listed(keys)})
 WHERE {_each("coalesce(d.{0}, 0) <> coalesce(m.{0}, 0)", numbers, " OR ")}"""


def _diff(family: Family, fresh: str, *, some: bool = False) -> str:
    keys, numbers = ("day", "account_id", *family.keys), family.numbers
    of_it = f"day BETWEEN %(first)s AND %(last)s AND {of_accounts('account_id')}"
    return f"""
WITH fresh AS MATERIALIZED (SELECT * FROM ({fresh}) laid WHERE {of_it}
), wanted AS ({"SELECT * FROM fresh" if some else _with_total(family)}
), diff AS MATERIALIZED (
    SELECT {_listed(keys)}, {_each("f.{0} AS new_{0}", numbers)},
           {_each("coalesce(f.{0}, 0) - coalesce(d.{0}, 0) AS {0}", numbers)}, f.{numbers[0]} IS NULL AS is_gone
      FROM wanted f
      FULL JOIN (SELECT * FROM {family.days} WHERE {of_it} AND {family.only}) d
     USING ({_listed(keys)})
     WHERE {_each("f.{0} IS DISTINCT FROM d.{0}", numbers, " OR ")}
)"""


def _statement(family: Family, fresh: str, *, some: bool) -> str:
    keys, numbers = ("day", "account_id", *family.keys), family.numbers
    return f"""{_diff(family, fresh, some=some)}, gone AS (
    DELETE FROM {family.days} d USING diff WHERE diff.is_gone AND {_each("d.{0} = diff.{0}", keys, " AND ")}
), put AS (
    INSERT INTO {family.days} ({_listed((*keys, *numbers, *_empty(family)))})
    SELECT {_listed((*keys, *(f"new_{one}" for one in numbers), *("''" for _one in _empty(family))))}
      FROM diff WHERE NOT is_gone ORDER BY day, account_id
    ON CONFLICT ({_listed(keys)}) DO UPDATE SET {_each("{0} = EXCLUDED.{0}", numbers)}
){_to_total(family) if some else ""}{_to_months(family, "changed" if some else "diff")}
SELECT array_agg(DISTINCT account_id), {"EXISTS (SELECT FROM total WHERE is_empty)" if some else "false"} FROM diff"""


def _to_total(family: Family) -> str:
    """Return that the rows of all accounts change by what the accounts looked at do."""
    keys, numbers = ("day", "account_id", *family.keys), family.numbers
    places = ", ".join(str(place) for place in range(1, 1 + len(keys)))
    rest = f"{_after(family.keys)}, {_each('sum({0}) AS {0}', numbers)}"
    blank = ", ''" * len(_empty(family))
    return f""", together AS (
    SELECT day, '{ALL}' AS account_id{rest} FROM diff GROUP BY {places}
), changed AS (
    SELECT {_listed((*keys, *numbers))} FROM diff UNION ALL SELECT * FROM together
), total AS (
    INSERT INTO {family.days} AS t ({_listed((*keys, *numbers, *_empty(family)))})
    SELECT *{blank} FROM together ORDER BY day
    ON CONFLICT ({_listed(keys)}) DO UPDATE SET {_each("{0} = t.{0} + EXCLUDED.{0}", numbers)}
    RETURNING {_each("t.{0} = 0", numbers, " AND ")} AS is_empty
)"""


def _nothing_left(family: Family) -> str:
    """Return that rows of all accounts go that say nothing any more."""
    return f"""DELETE FROM {family.days} WHERE account_id = '{ALL}' AND day BETWEEN %(first)s AND %(last)s
       AND {_each("{0} = 0", family.numbers, " AND ")}"""


def _filling(family: Family, fresh: str) -> str:
    keys, numbers, empty = family.keys, family.numbers, _empty(family)
    written = (*keys, *numbers, *empty)
    blank = ", ''" * len(empty)
    days = f"""
    INSERT INTO {family.days} (day, account_id, {_listed(written)})
    SELECT day, account_id, {_listed((*keys, *numbers))}{blank} FROM wanted ORDER BY day, account_id"""
    if family.month is None:
        return f"WITH fresh AS MATERIALIZED ({fresh}), wanted AS ({_with_total(family)}) {days}"
    places = ", ".join(str(place) for place in range(1, 3 + len(keys)))
    return f"""WITH fresh AS MATERIALIZED ({fresh}), wanted AS MATERIALIZED ({_with_total(family)}), put AS ({days})
    INSERT INTO {family.months} (month, account_id, {_listed(written)})
    SELECT date_trunc('month', day)::date, account_id{_after(keys)}, {_each("sum({0})", numbers)}{blank}
      FROM wanted GROUP BY {places} ORDER BY {places}"""


def _after(names: tuple[str, ...]) -> str:
    return f", {_listed(names)}" if names else ""


def _with_total(family: Family) -> str:
    if not family.has_total:
        return "SELECT * FROM fresh"
    rest = _after(family.keys)
    places = ", ".join(str(place) for place in range(1, 3 + len(family.keys)))
    every = _each("sum({0})", family.numbers)
    columns = f"day, account_id{rest}, {_listed(family.numbers)}"
    return f"""SELECT {columns} FROM fresh
    UNION ALL SELECT day, '{ALL}'{rest}, {every} FROM fresh GROUP BY {places}"""


def _to_months(family: Family, source: str) -> str:
    if family.month is None:
        return ""
    keys, numbers = ("account_id", *family.keys), family.numbers
    every = (*keys, *numbers, *_empty(family))
    places = ", ".join(str(place) for place in range(1, 2 + len(keys)))
    return f""", added AS (
    INSERT INTO {family.months} AS m (month, {_listed(every)})
    SELECT date_trunc('month', day)::date, {_listed(keys)}, {_each("sum({0})", numbers)}{", ''" * len(_empty(family))}
      FROM {source} GROUP BY {places} ORDER BY {places}
    ON CONFLICT ({_listed(("account_id", "month", *family.keys))})
    DO UPDATE SET {_each("{0} = m.{0} + EXCLUDED.{0}", numbers)}
)"""


def _empty(family: Family) -> tuple[str, ...]:
    """Texts that something else fills in."""
    return ("who",) if family.who else ()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _each(form: str, names: tuple[str, ...], between: str = ", ") -> str:
    return between.join(form.format(one) for one in names)
