"""Holds the sums against the facts, each night, and makes anew what differs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from adoption.books import enquiries, keeping, laying, quotes, responses, rollups, states
from adoption.books.laying import FRESH
from adoption.books.rollups import Frame
from adoption.books.sums import ALL, OrderDay, OrderMonth
from adoption.company import calendars
from adoption.metrics.facts import Calendar, Period
from adoption.metrics.period import month_of, months_after


def compare(*, frame: Frame) -> list[str]:
    """Hold the sums against the facts, month by month; return what differs, in words, oldest first.

    The facts are summed anew by the same definitions over all rows, so a sum that was forgotten, doubled or written
    from an older state is found.
    """
    span = rollups.first_and_last(frame)
    if span is None:
        return [] if not OrderDay.objects.exists() else ["There are sums, but no facts."]
    months = OrderMonth.objects.filter(orders__gt=0).order_by().values_list("month", flat=True).distinct()
    kept, known = set(months), calendars(frame.company, frame.as_of)
    month, differences = min([span.first.replace(day=1), *kept]), list[str]()
    while month <= max([span.last, *kept]):
        differences += _differences(frame, month_of(month), known)
        month = months_after(month, 1)
    return differences


def _differences(frame: Frame, month: Period, known: dict[str, Calendar]) -> list[str]:
    wanted, found = {family: frame.parameters(month) for family in rollups.families(frame, month)}, list[str]()
    with transaction.atomic(), connection.cursor() as cursor:
        laying.lay(cursor, wanted, laying.listed(known))
        for family, given in wanted.items():
            if count := keeping.differing(cursor, family, FRESH[family], given):
                told = _told(month) if family is keeping.ORDERS else f"{count} rows of {family.days} differ"
                found.append(f"{month.first:%Y-%m}: {told}")
        found += _of_voices(cursor, frame, month)
    return found


def _of_voices(cursor: CursorWrapper, frame: Frame, month: Period) -> list[str]:
    """Hold those against the facts that are made of other sums."""
    made = [
        (keeping.ENQUIRIES, enquiries.FRESH, enquiries.given(frame, month)),
        (keeping.QUOTES, quotes.FRESH, quotes.given(frame, month)),
    ]
    if not rollups.is_forgotten(frame, month.first):
        made.append((keeping.RESPONSES, responses.FRESH, frame.parameters(month)))
    counts = ((family, keeping.differing(cursor, family, fresh, given)) for family, fresh, given in made)
    return [f"{month.first:%Y-%m}: {count} rows of {family.days} differ" for family, count in counts if count]


def _told(month: Period) -> str:
    sums = OrderMonth.objects.filter(month=month.first, account_id=ALL).aggregate(a=Sum("orders"), b=Sum("value"))
    with connection.cursor() as asking:
        asking.execute("SELECT count(*), coalesce(sum(round(value, 14)), 0) FROM counted_orders")
        count, value = asking.fetchone()
    have, worth = sums["a"] or 0, sums["b"] or Decimal(0)
    return f"the sums say {have} orders worth {worth:.2f}, the facts {count} worth {value:.2f}"


def reconcile(*, frame: Frame, now: dt.datetime) -> list[str]:
    """Compare, and make what differs anew; return what differed, for the alarm."""
    last, differences = rollups.last_facts(), compare(frame=frame)
    for first in sorted({text[:7] for text in differences if text[:4].isdigit()}):
        _make_anew(frame, month_of(dt.date.fromisoformat(f"{first}-01")))
    if differences:
        states.renew(frame=frame)
    rollups.remember(frame, now, differences, last)
    return differences


def _make_anew(frame: Frame, month: Period) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for family in rollups.families(frame, month):
            keeping.forget(cursor, family, frame.parameters(month))
        for family in (keeping.ENQUIRIES, keeping.QUOTES):
            keeping.forget(cursor, family, frame.parameters(month))
        rollups.refresh(frame=frame, days=month)
