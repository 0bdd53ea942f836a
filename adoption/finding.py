"""Finds the few rows that somebody asks for among all there are: by account and day, by what they name.

Each is looked up through an index of its own (`CROSS JOIN LATERAL … OFFSET 0`), so that it costs the same however many
rows there are. Numbers of rows are returned; adoption/readers.py reads them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from adoption import readers
from adoption.events.models import OrderChannel
from erp_sync.mirror.models import Invoice, InvoiceLine, Order

# Something that happened to an object: its id, of which account, from when to when.
Happened = tuple[str, str, dt.datetime, dt.datetime]

_BILLED = """
    SELECT i.id FROM unnest(%(accounts)s::text[], %(days)s::date[]) AS a (account, day) CROSS JOIN LATERAL (
           SELECT i.id FROM erp_sync_invoice i
            WHERE i.customer_erp_id = a.account AND i.invoiced_on = a.day OFFSET 0) i"""
_PAID = """
    SELECT i.id FROM erp_sync_invoice i
     WHERE i.kind = 'invoice'
       AND (i.paid_at >= %(begin)s AND i.paid_at < %(end)s
            OR i.paid_at IS NULL AND i.paid_on BETWEEN %(first)s AND %(last)s)
       AND (%(accounts)s::text[] IS NULL OR i.customer_erp_id = ANY (%(accounts)s::text[]))"""
_RECEIVED = """
    SELECT p.id FROM unnest(%(keys)s::text[]) AS i (key) CROSS JOIN LATERAL (
           SELECT p.id FROM erp_sync_payment p WHERE p.invoice_erp_id = i.key OFFSET 0) p"""
# `kind || ''`: or else the planner would walk all events of the kind.
_HAPPENED = """
    SELECT e.id FROM unnest(%(objects)s::text[], %(accounts)s::text[], %(sinces)s::timestamptz[],
                            %(untils)s::timestamptz[]) AS s (object, account, since, until) CROSS JOIN LATERAL (
           SELECT e.id FROM adoption_event e
            WHERE e.object_id = s.object AND e.object_id <> '' AND e.account_id = s.account
              AND e.occurred_at >= s.since AND e.occurred_at < s.until AND e.kind || '' = %(kind)s OFFSET 0) e"""


def orders_named(keys: Collection[str]) -> list[int]:
    """Return the orders with these ids or references, with all their parts: those of no quote but of these names."""
    return _found(readers.ORDERS_OF_QUOTES, ids=[], keys=sorted(set(keys)))


def orders_of_sessions(sessions: Collection[str]) -> list[int]:
    """Return the orders that were placed in some sessions, with all their parts."""
    rows = OrderChannel.objects.filter(session_id__in=list(sessions)).exclude(session_id="")
    return orders_named(rows.values_list("order_key", flat=True))


def orders_of_invoices(ids: Sequence[int]) -> list[int]:
    """Return the orders that documents name, by their lines or by the only number on them, with all their parts."""
    keys = set(InvoiceLine.objects.filter(invoice_id__in=ids).values_list("order_erp_id", flat=True))
    numbers = {
        numbers[0]
        for (numbers,) in Invoice.objects.filter(pk__in=ids, order_numbers__len=1).values_list("order_numbers")
    }
    keys |= set(Order.objects.filter(number__in=numbers).values_list("erp_id", flat=True))
    return orders_named(keys - {""})


def invoices_billed(days: Collection[tuple[str, dt.date]]) -> list[int]:
    """Return the documents that accounts got on some days."""
    return _found(_BILLED, accounts=[account for account, _day in days], days=[day for _account, day in days])


def invoices_paid(
    first: dt.date, last: dt.date, *, begin: dt.datetime, end: dt.datetime, of: Collection[str] | None
) -> list[int]:
    """Return the invoices that were fully paid on some days (`begin` and `end`: their instants), some accounts' or all.

    An ERP knows when it was paid, or only the day.
    """
    accounts = None if of is None else sorted(of)
    return _found(_PAID, first=first, last=last, begin=begin, end=end, accounts=accounts)


def payments_of(invoices: Collection[str]) -> list[int]:
    """Return what was paid for invoices, by the ERP's ids of them."""
    return _found(_RECEIVED, keys=list(invoices))


def events_of_objects(kind: str, happened: Collection[Happened]) -> list[int]:
    """Return the events of a kind about some objects."""
    return _found(
        _HAPPENED,
        kind=kind,
        objects=[one for one, _account, _since, _until in happened],
        accounts=[account for _one, account, _since, _until in happened],
        sinces=[since for _one, _account, since, _until in happened],
        untils=[until for _one, _account, _since, until in happened],
    )


def _found(sql: str, **given: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [pk for (pk,) in cursor.fetchall()]
