"""Brings the facts together that the metrics are computed from: mirror of the ERP, events, companies, what people add.

The live shop and imported files fill the same tables, so there is one way from them to a book. Twenty queries at
most, whatever the period; the large tables are read as plain rows, and only those that somebody asks for.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from accounts.models import User as Person
from adoption import readers
from adoption.company import Company, calendars, company
from adoption.events.channels import decide_new
from adoption.events.models import Event as EventRow
from adoption.metrics.facts import (
    Book,
    Enquiry,
    Event,
    Lead,
    OrderRow,
    Quote,
    Settings,
)
from adoption.metrics.later import Later, LaterByKind
from erp_sync.mirror import models as mirror

__all__ = ["KINDS", "VIEWS", "Company", "book", "calendars", "company"]
# What the metrics look at. Product views are many and only "researched online, bought offline" asks for them.
KINDS = (
    "session_start", "login", "order_tracked", "invoice_searched", "reorder_clicked", "quote_requested",
    "payment_online_succeeded", "survey_prompted", "survey_answered",
)  # fmt: skip
VIEWS = ("product_view",)
# So many orders and events together take ten seconds and half a gigabyte to read.
MANY, MANY_OF = 500_000, [mirror.Order._meta.db_table, EventRow._meta.db_table]
Row = TypeVar("Row")


def book(
    *,
    as_of: dt.datetime,
    settings: Settings | None = None,
    kinds: Collection[str] = KINDS,
    own: Company | None = None,
    with_lines: bool = True,
) -> Book:
    """Return everything known before `as_of`; what happened is read when a metric first looks at that kind of it.

    Args:
        as_of: Facts at or after it are ignored. Pages take `company().instant(now)`.
        settings: Of the definitions; the defaults when left out.
        kinds: Of events; KINDS + VIEWS for "researched online, bought offline".
        own: The company, when somebody asked already.
        with_lines: False when neither delivery (M23, M24) nor researched online (M28) is asked for: an order then has
            two lines that add up to all of them, which is ten times faster to read.
    """
    own = own or company()
    zone = ZoneInfo(own.timezone)
    decide_new(now=as_of)
    views = bool(set(VIEWS) & set(kinds))
    rows = _later(lambda: readers.orders(as_of, with_lines=with_lines and (views or readers.has_promises())))
    return Book(
        as_of=as_of,
        timezone=own.timezone,
        currency=own.currency,
        calendar=own.calendar,
        accounts=readers.accounts(as_of.astimezone(zone).date()),
        rows=rows,
        events=LaterByKind(kinds, lambda kind: _at_once(lambda: readers.events(as_of, (kind,)))),
        invoices=_later(lambda: readers.invoices(zone, rows, is_live=own.as_of is None)),
        payments=_later(lambda: readers.payments(zone)),
        calendars=calendars(own, as_of),
        rates=readers.rates(),
        settings=settings or Settings(),
        users=readers.users(Person.objects.all()),
        deliveries=_later(readers.deliveries),
        quotes=_later(lambda: readers.quotes(as_of)),
        enquiries=_later(lambda: readers.enquiries(as_of)),
        leads=_later(lambda: readers.leads(as_of)),
        costs=readers.costs(),
        plans=readers.plans(),
        goals=readers.goals(),
        meta=own.span,
    )


def frame_book(*, as_of: dt.datetime, settings: Settings, own: Company) -> Book:
    """Return a book of everything but what happened: companies, tests, calendars, rates, costs, plans, goals.

    Pages whose figures come from sums look names, settings and days up in it.
    """
    return Book(
        as_of=as_of,
        timezone=own.timezone,
        currency=own.currency,
        calendar=own.calendar,
        accounts=readers.accounts(as_of.astimezone(ZoneInfo(own.timezone)).date()),
        calendars=calendars(own, as_of),
        rates=readers.rates(),
        settings=settings,
        users=readers.users(Person.objects.filter(is_test=True)),
        costs=readers.costs(),
        plans=readers.plans(),
        goals=readers.goals(),
    )


def order_rows(as_of: dt.datetime, *, ids: Collection[int], with_lines: bool = False) -> list[OrderRow]:
    """Return a few orders by their number in the mirror."""
    return readers.orders(as_of, with_lines=with_lines, ids=list(ids)) if ids else []


def order_ids(spans: Collection[tuple[str, dt.datetime, dt.datetime]]) -> list[int]:
    """Return the numbers in the mirror of the orders that accounts placed from one instant to another.

    All parts of an order are among them, whenever they were placed.
    """
    given: dict[str, Any] = {
        "accounts": [account for account, _since, _until in spans], "sinces": [since for _account, since, _ in spans],
        "untils": [until for _account, _since, until in spans],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(readers.ORDERS_OF_ACCOUNTS, given)
        return [pk for (pk,) in cursor.fetchall()]


def orders_of_quotes(quotes: Collection[Quote]) -> list[int]:
    """Return the numbers in the mirror of the orders that quotes became."""
    given = {"ids": [one.quote_id for one in quotes], "keys": [one.order_id for one in quotes if one.order_id]}
    with connection.cursor() as cursor:
        cursor.execute(readers.ORDERS_OF_QUOTES, given)
        return [pk for (pk,) in cursor.fetchall()]


def buyer_events(
    as_of: dt.datetime,
    *,
    kinds: Collection[str],
    since: dt.datetime,
    until: dt.datetime | None = None,
    of: Collection[str] | None = None,
) -> list[Event]:
    """Return events of some kinds from one instant to another, of some accounts or all."""
    wanted = Q(occurred_at__gte=since) if until is None else Q(occurred_at__gte=since, occurred_at__lt=until)
    return readers.events(as_of, kinds, wanted if of is None else wanted & Q(account_id__in=list(of)))


def enquiries(
    as_of: dt.datetime, *, since: dt.datetime, until: dt.datetime, of: Collection[str] | None = None
) -> list[Enquiry]:
    """Return what was asked offline from one instant to another, by some accounts or all."""
    wanted = Q(occurred_at__gte=since, occurred_at__lt=until)
    return readers.enquiries(as_of, wanted if of is None else wanted & Q(account_id__in=list(of)))


def quotes(
    as_of: dt.datetime,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    of: Collection[str] | None = None,
) -> list[Quote]:
    """Return quotes asked for or decided from one instant to another, of some accounts or all."""
    wanted = Q() if of is None else Q(account_id__in=list(of))
    if since is not None and until is not None:
        wanted &= Q(requested_at__gte=since, requested_at__lt=until) | Q(decided_at__gte=since, decided_at__lt=until)
    return readers.quotes(as_of, wanted)


def are_many() -> bool:
    """Say whether there are more orders and events than a page can read, as far as the planner knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(reltuples) FROM pg_class WHERE relname = ANY (%s)", [MANY_OF])
        return (cursor.fetchone()[0] or 0) > MANY


def has_payments() -> bool:
    """Say whether the ERP tells what was paid, and how."""
    return mirror.Payment.objects.filter(gone_at=None).exists()


def leads(as_of: dt.datetime) -> list[Lead]:
    """Return everybody who ever got in touch."""
    return readers.leads(as_of)


def _later(read: Callable[[], Sequence[Row]]) -> Later[Row]:
    """Return rows that come in when a metric first looks at them, however many they are."""
    return Later(lambda: _at_once(read))


def _at_once(read: Callable[[], Sequence[Row]]) -> Sequence[Row]:
    with _without_collector():
        return read()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let a million rows come in without looking for rubbish among them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
