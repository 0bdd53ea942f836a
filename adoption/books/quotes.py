"""Sums of the quotes that an order followed soon (M26): the metric itself says it, over the quotes and their orders."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min, Q

from accounts.models import SoldTo
from accounts.models import User as Person
from adoption import facts, readers
from adoption.books import keeping
from adoption.books.spans import Touched, spans
from adoption.metrics.facts import Account, Book, Period
from adoption.metrics.quotes import became, known_quotes
from adoption.quotes.models import QuoteFact

if TYPE_CHECKING:
    from adoption.books.rollups import Frame

# `given` counts them: what each day, account and channel has.
FRESH = """
    SELECT * FROM unnest(%(days)s::date[], %(askers)s::text[], %(channels)s::text[], %(ordered)s::int[])
        AS told (day, account_id, channel, ordered)"""
ANY = ""


def refresh(cursor: CursorWrapper, frame: Frame, days: Touched) -> set[str]:
    """Bring the quotes that were asked for on the days up to date, inside a transaction; return whose sums differed."""
    changed = set[str]()
    for period, accounts in spans(days, last=max(days)):
        changed |= keeping.merge(cursor, keeping.QUOTES, FRESH, given(frame, period, accounts))
    return changed


def make(cursor: CursorWrapper, frame: Frame) -> None:
    """Write those of all days into empty tables."""
    known = QuoteFact.objects.filter(requested_at__lt=frame.as_of)
    ends, day = known.aggregate(a=Min("requested_at"), z=Max("requested_at")), frame.company.day
    if ends["a"] is not None:
        keeping.fill(cursor, keeping.QUOTES, FRESH, given(frame, Period(day(ends["a"]), day(ends["z"]))))


def given(frame: Frame, period: Period, accounts: Collection[str] | None = None) -> dict[str, Any]:
    """Return the parameters of `FRESH`."""
    counts = _counted(_book(frame, period, accounts))
    days, askers, channels = zip(*counts, strict=True) if counts else ((), (), ())
    told = {"days": list(days), "askers": list(askers), "channels": list(channels), "ordered": list(counts.values())}
    return frame.parameters(period, accounts) | told


def _counted(book: Book) -> Mapping[tuple[dt.date, str, str], int]:
    found = Counter[tuple[dt.date, str, str]]()
    for quote in known_quotes(book):
        channels = {order.channel for order in became(book, quote)}
        for channel in {ANY, *channels} if channels else ():
            found[book.day(quote.requested_at), quote.account_id, channel] += 1
    return found


def _book(frame: Frame, period: Period, accounts: Collection[str] | None) -> Book:
    """Return a book of the quotes asked for in the period, and of the orders that they may have become."""
    own, ends = frame.company, frame.parameters(period)
    whose = Q() if accounts is None else Q(account_id__in=list(accounts))
    quotes = readers.quotes(frame.as_of, whose & Q(requested_at__gte=ends["begin"], requested_at__lt=ends["end"]))
    tests = SoldTo.objects.filter(is_test=True).values_list("erp_id", flat=True) if quotes else ()
    return Book(
        frame.as_of, own.timezone, own.currency, settings=frame.settings, quotes=quotes,
        accounts={erp_id: Account(erp_id, is_test=True) for erp_id in tests},
        users=readers.users(Person.objects.filter(is_test=True)) if quotes else {},
        rows=facts.order_rows(frame.as_of, ids=facts.orders_of_quotes(quotes)) if quotes else (),
    )  # fmt: skip
