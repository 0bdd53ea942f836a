"""The few facts that no sum can tell: read for the accounts, papers and days that a figure looks at, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from adoption import facts
from adoption.metrics.facts import Book, Enquiry, Event, Lead, OrderRow, Period, Quote
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


def contacts_since(asked: Asked, period: Period, days: int) -> list[Enquiry]:
    """Return the sales contacts of the period and those before that may have taken the same orders.

    A contact matters to the next one of its account and channel when that came at most `days` later: so far back, and
    as long as they follow each other, contacts are read.
    """
    back = 3 * (days + 1)
    while True:
        first = period.first - dt.timedelta(days=back)
        rows = facts.sales_contacts(asked.book.as_of, begin(asked, first), begin(asked, period.last + ONE_DAY))
        found = _linked(asked, [one for one in rows if kept(asked, one.account_id)], period, days)
        edge = begin(asked, first + dt.timedelta(days=days + 1))
        if all(one.occurred_at >= edge for one in found):
            return found
        back *= 4


def _linked(asked: Asked, contacts: Sequence[Enquiry], period: Period, days: int) -> list[Enquiry]:
    """Return the contacts of the period, and those on which one of them hangs, from one to the next."""
    next_day: dict[tuple[str, str], dt.date] = {}
    found, gap = [], dt.timedelta(days=days)
    for one in sorted(contacts, key=lambda enquiry: enquiry.occurred_at, reverse=True):
        key, day = (one.account_id, one.medium), asked.book.day(one.occurred_at)
        if day in period or (one.account_id and key in next_day and next_day[key] - day <= gap):
            next_day[key] = day
            found.append(one)
    return found


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
