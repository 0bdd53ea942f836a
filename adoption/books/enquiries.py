"""Sums of what came past the shop: what the shop could have answered (M6), and sales talks with what followed (M10).

Which talk an order follows is a matter of their order, so the metric itself says it, over the talks of the days and
those before on which they hang; the orders come from the sums, which are made first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min, Q

from accounts.models import SoldTo
from adoption import readers
from adoption.books import keeping, lookups
from adoption.books.spans import Touched, spans
from adoption.metrics.conversion import CHANNEL_OF_MEDIUM, converted_contacts, is_sales, linked_contacts
from adoption.metrics.facts import Book, Enquiry, OrderLine, OrderRow, Period
from adoption.metrics.service import is_service
from adoption.voice import models as voice

if TYPE_CHECKING:
    from adoption.books.rollups import Frame

# `given` counts them: what each day, account and medium has.
FRESH = """
    SELECT * FROM unnest(%(days)s::date[], %(callers)s::text[], %(media)s::text[], %(service)s::int[],
                         %(talks)s::int[], %(followed)s::int[])
        AS told (day, account_id, medium, service, talks, followed)"""
ONE, NONE = Decimal(1), Decimal(0)
# How far back is looked first for talks on which others hang, in windows of M10; then four times as far, and so on.
WINDOWS, FURTHER = 3, 4


def refresh(cursor: CursorWrapper, frame: Frame, days: Touched) -> set[str]:
    """Bring the enquiries of the days up to date, and later ones: an order that went may leave its place to another.

    Inside a transaction, after the orders of the days. Returns whose sums differed.
    """
    changed = set[str]()
    for period, accounts in spans(days, last=max(frame.today, *days), before=frame.settings.contact_days):
        changed |= keeping.merge(cursor, keeping.ENQUIRIES, FRESH, given(frame, period, accounts))
    return changed


def make(cursor: CursorWrapper, frame: Frame) -> None:
    """Write those of all days into empty tables."""
    known = voice.Enquiry.objects.filter(occurred_at__lt=frame.as_of)
    ends, day = known.aggregate(a=Min("occurred_at"), z=Max("occurred_at")), frame.company.day
    if ends["a"] is not None:
        keeping.fill(cursor, keeping.ENQUIRIES, FRESH, given(frame, Period(day(ends["a"]), day(ends["z"]))))


def given(frame: Frame, period: Period, accounts: Collection[str] | None = None) -> dict[str, Any]:
    """Return the parameters of `FRESH`."""
    counts = _counted(frame, period, accounts)
    days, callers, media = zip(*counts, strict=True) if counts else ((), (), ())
    service, talks, followed = zip(*counts.values(), strict=True) if counts else ((), (), ())
    return frame.parameters(period, accounts) | {
        "days": list(days), "callers": list(callers), "media": list(media), "service": list(service),
        "talks": list(talks), "followed": list(followed),
    }  # fmt: skip


def _counted(
    frame: Frame, period: Period, accounts: Collection[str] | None
) -> dict[tuple[dt.date, str, str], tuple[int, int, int]]:
    """Return by day, account and medium: what the shop could have answered, talks, and those with an order."""
    book = _book_of(frame, period, accounts)
    came, found = _followed(book, period), dict[tuple[dt.date, str, str], tuple[int, int, int]]()
    for one in book.enquiries:
        key = book.day(one.occurred_at), one.account_id, one.medium
        told = is_service(one), is_sales(one), one.enquiry_id in came
        if key[0] in period and any(told):
            service, talks, followed = found.get(key, (0, 0, 0))
            found[key] = service + told[0], talks + told[1], followed + told[2]
    return found


def _book_of(frame: Frame, period: Period, accounts: Collection[str] | None) -> Book:
    """Return a book with the enquiries of the period, and with so many before it that no talk hangs on others."""
    back, window = WINDOWS, frame.settings.contact_days + 1
    while True:
        first = period.first - dt.timedelta(days=back * window)
        book = _book(frame, _read(frame, Period(first, period.last), accounts))
        edge = first + dt.timedelta(days=window)
        if all(book.day(one.occurred_at) >= edge for one in linked_contacts(book, period)):
            return book
        back *= FURTHER


def _read(frame: Frame, period: Period, accounts: Collection[str] | None) -> list[Enquiry]:
    ends = frame.parameters(period)
    whose = Q() if accounts is None else Q(account_id__in=list(accounts))
    tests = SoldTo.objects.filter(is_test=True).values("erp_id")
    when = Q(occurred_at__gte=ends["begin"], occurred_at__lt=ends["end"])
    return readers.enquiries(frame.as_of, whose & when & ~Q(account_id__in=tests))


def _book(frame: Frame, enquiries: list[Enquiry]) -> Book:
    own = frame.company
    return Book(frame.as_of, own.timezone, own.currency, settings=frame.settings, enquiries=enquiries)


def _followed(book: Book, period: Period) -> frozenset[str]:
    """Return the talks of the period that an order followed, by their id."""
    talks = linked_contacts(book, period)
    spans = [
        (one.account_id, CHANNEL_OF_MEDIUM[one.medium], book.day(one.occurred_at)) for one in talks if one.account_id
    ]
    if not spans:
        return frozenset()
    counts = lookups.orders_after(spans, book.settings.contact_days)
    rows = [_row(book, place, number) for place, count in counts.items() for number in range(count)]
    return converted_contacts(replace(book, rows=rows, enquiries=talks))


def _row(book: Book, place: tuple[str, str, dt.date], number: int) -> OrderRow:
    """Return an order of which only account, channel and day matter; at the day's begin, so that today's are known."""
    account, channel, day = place
    at = dt.datetime.combine(day, dt.time(), tzinfo=book.zone)
    goods = (OrderLine("goods", ONE, NONE, NONE),)
    return OrderRow(f"{account} {channel} {day} {number}", "", account, channel, at, "open", book.currency, goods)
