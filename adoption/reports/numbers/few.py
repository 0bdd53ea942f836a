"""The few facts that no sum can tell: read for the accounts, papers and days that a figure looks at, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from adoption import facts
from adoption.metrics.facts import Book, Enquiry, Event, Lead, OrderRow, Period, Quote
from adoption.reports.numbers.asked import Asked

ONE_DAY = dt.timedelta(days=1)


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
    back = 8 * (days + 1)
    while True:
        first = period.first - dt.timedelta(days=back)
        rows = facts.sales_contacts(asked.book.as_of, begin(asked, first), begin(asked, period.last + ONE_DAY))
        found = [one for one in rows if kept(asked, one.account_id)]
        if not _reaches(asked, found, period, first + dt.timedelta(days=days)):
            return found
        back *= 4


def _reaches(asked: Asked, contacts: Sequence[Enquiry], period: Period, edge: dt.date) -> bool:
    """Say whether a contact of the period hangs, from one to the next, on one at the edge of what was read."""
    last: dict[tuple[str, str], dt.date] = {}
    hangs: set[tuple[str, str]] = set()
    gap = dt.timedelta(days=asked.book.settings.contact_days)
    for one in sorted(contacts, key=lambda enquiry: enquiry.occurred_at):
        key, day = (one.account_id, one.medium), asked.book.day(one.occurred_at)
        if key not in last and day <= edge:
            hangs.add(key)
        elif key in hangs and day - last[key] > gap:
            hangs.discard(key)
        last[key] = day
        if key in hangs and one.account_id and day in period:
            return True
    return False


def orders_of(asked: Asked, accounts: Collection[str], since: dt.datetime, until: dt.datetime) -> list[OrderRow]:
    """Return the orders of some accounts placed from one instant to another, with all their parts."""
    ids = facts.order_ids(accounts, since, until)
    rows = facts.order_rows(asked.book.as_of, ids=ids)
    return [one for one in rows if kept(asked, one.account_id)]


def narrowed(asked: Asked, rows: Sequence[OrderRow]) -> list[OrderRow]:
    """Return those of the channel asked for."""
    return [one for one in rows if asked.channel in {"", one.channel}]
