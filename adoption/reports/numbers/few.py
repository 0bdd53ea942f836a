"""The few facts that no sum can tell: read for the accounts, papers and days that a figure looks at, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from adoption import facts
from adoption.metrics.facts import Book, Enquiry, Event, Lead, OrderRow, Quote
from adoption.reports.numbers.asked import Asked

ONE_DAY = dt.timedelta(days=1)
# An account, and from when to when it ordered.
Placed = tuple[str, dt.datetime, dt.datetime]


def book_of(
    asked: Asked,
    *,
    rows: Sequence[OrderRow] = (),
    events: Sequence[Event] = (),
    quotes: Sequence[Quote] = (),
    enquiries: Sequence[Enquiry] = (),
    leads: Sequence[Lead] = (),
) -> Book:
    """Return the page's book with a few facts in it."""
    return replace(asked.book, rows=rows, events=events, quotes=quotes, enquiries=enquiries, leads=leads)


def begin(asked: Asked, day: dt.date) -> dt.datetime:
    """Return a day's first instant."""
    return dt.datetime.combine(day, dt.time(), tzinfo=asked.book.zone).astimezone(dt.UTC)


def kept(asked: Asked, account_id: str) -> bool:
    """Say whether a fact of this account is asked for."""
    return not asked.is_narrow or account_id in asked.book.accounts


def day_of(asked: Asked, account_id: str, day: dt.date) -> Placed:
    """Return an account's day as the instants from which to which it orders."""
    return account_id, begin(asked, day), begin(asked, day + ONE_DAY)


def orders_of(asked: Asked, spans: Collection[Placed]) -> list[OrderRow]:
    """Return the orders that accounts placed from one instant to another, with all their parts."""
    rows = facts.order_rows(asked.book.as_of, ids=facts.order_ids(spans))
    return [one for one in rows if kept(asked, one.account_id)]


def narrowed(asked: Asked, rows: Sequence[OrderRow]) -> list[OrderRow]:
    """Return those of the channel asked for."""
    return [one for one in rows if asked.channel in {"", one.channel}]
