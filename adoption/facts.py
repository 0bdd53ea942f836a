"""Brings the facts together that the metrics are computed from: mirror of the ERP, events, companies, what people add.

The live shop and imported files fill the same tables, so there is one way from them to a book. Twenty queries, whatever
the period; the large tables are read as plain rows.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from accounts.models import Eligibility, RepAssignment, SoldTo
from accounts.models import User as Person
from adoption.company import Company, calendars, company
from adoption.events.channels import decide_new
from adoption.events.models import Event as EventRow
from adoption.metrics.facts import (
    Account,
    Book,
    Cost,
    Delivery,
    Enquiry,
    Event,
    Goal,
    Invoice,
    InvoiceLine,
    Lead,
    OrderLine,
    OrderRow,
    Payment,
    PlanAmount,
    Quote,
    Settings,
    User,
)
from adoption.plans import models as plans
from adoption.quotes.models import QuoteFact
from adoption.voice import models as voice
from erp_sync.mirror import models as mirror

__all__ = ["KINDS", "VIEWS", "Company", "book", "calendars", "company"]
# What the metrics look at. Product views are many and only "researched online, bought offline" asks for them.
KINDS = (
    "session_start", "login", "order_tracked", "invoice_searched", "reorder_clicked", "quote_requested",
    "payment_online_succeeded", "survey_prompted", "survey_answered",
)  # fmt: skip
VIEWS = ("product_view",)
PLAN = ("year", "metric", "scope", "amount", "seasonality")
CHUNK = 20_000
ZERO, ONE = Decimal(0), Decimal(1)


def book(
    *,
    as_of: dt.datetime,
    settings: Settings | None = None,
    kinds: Collection[str] = KINDS,
    own: Company | None = None,
    with_lines: bool = True,
) -> Book:
    """Return everything known before `as_of`.

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
    with _without_collector():
        accounts = _accounts(as_of.astimezone(zone).date())
        views = set(VIEWS) & set(kinds)
        rows = _orders(as_of, with_lines=with_lines and (bool(views) or _has_promises()))
        return Book(
            as_of=as_of,
            timezone=own.timezone,
            currency=own.currency,
            calendar=own.calendar,
            accounts=accounts,
            rows=rows,
            events=_events(as_of, kinds),
            invoices=_invoices(zone, rows, is_live=own.as_of is None),
            payments=_payments(zone),
            calendars=calendars(own, as_of),
            rates=_rates(),
            settings=settings or Settings(),
            users=_users(),
            deliveries=_deliveries(),
            quotes=_quotes(as_of),
            enquiries=_enquiries(as_of),
            leads=_leads(as_of),
            costs=[Cost(*row) for row in _values(plans.Cost, "occurred_on", "channel", "kind", "amount", "currency")],
            plans=[PlanAmount(*row) for row in _values(plans.Plan, *PLAN)],
            goals=_goals(),
        )


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


def _values(model: type[Any], *fields: str) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = model.objects.order_by("pk").values_list(*fields).iterator(CHUNK)
    return rows


def _read(sql: str, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a large query as they are."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


# --- companies and people ---


def _accounts(today: dt.date) -> dict[str, Account]:
    spans: dict[int, list[Eligibility]] = {}
    for row in Eligibility.objects.order_by("from_on"):
        spans.setdefault(row.sold_to_id, []).append(row)
    reps, customers = _reps(today), _customers()
    return {
        one.erp_id: _account(one, spans.get(one.pk, []), reps.get(one.pk, ""), customers.get(one.erp_id, {}), today)
        for one in SoldTo.objects.all()
    }


def _reps(today: dt.date) -> dict[int, str]:
    """Return the rep of each company on this day."""
    current = RepAssignment.objects.filter(Q(to_on=None) | Q(to_on__gte=today), from_on__lte=today)
    rows = current.order_by("from_on", "pk").values_list("sold_to_id", "rep__person_key")
    return {sold_to: str(key) for sold_to, key in rows}


def _customers() -> dict[str, dict[str, str]]:
    """Return what only the ERP knows of its customers, by their id.

    Their region is the country, or the city when all are of one country.
    """
    found = {
        erp_id: {"currency": currency, "segment": price_list}
        for erp_id, currency, price_list in _values(mirror.Customer, "erp_id", "currency", "price_list")
    }
    places = mirror.Address.objects.order_by("is_invoice", "-pk")
    for erp_id, country, city in places.values_list("customer__erp_id", "country", "city"):
        found[erp_id] |= {"country": country, "region": city}
    if len({one.get("country", "") for one in found.values()}) > 1:
        found = {erp_id: one | {"region": one.get("country", "")} for erp_id, one in found.items()}
    return found


def _account(one: SoldTo, ledger: list[Eligibility], rep: str, known: Mapping[str, str], today: dt.date) -> Account:
    excluded = [
        entry for entry in ledger if not entry.can_buy and entry.from_on <= today and not _is_over(entry, today)
    ]
    return Account(
        account_id=one.erp_id,
        name=one.name,
        is_test=one.is_test,
        is_strategic=one.is_strategic,
        enabled=tuple((entry.from_on, entry.to_on) for entry in ledger if entry.can_buy),
        timezone=one.timezone,
        calendar=one.calendar,
        exclusion=excluded[0].reason if excluded else "",
        rep_user_id=rep,
        **known,
    )


def _is_over(entry: Eligibility, today: dt.date) -> bool:
    return entry.to_on is not None and entry.to_on < today


def _users() -> dict[str, User]:
    """Return people by their key; a buyer belongs to the first of his companies here."""
    rows = Person.objects.order_by("pk", "memberships__pk").values_list(
        "person_key", "memberships__sold_to__erp_id", "staff_role", "is_staff", "is_test"
    )
    found: dict[str, User] = {}
    for key, account, role, is_staff, is_test in rows.iterator(CHUNK):
        name = "rep" if role == "rep" else "staff" if role or is_staff else "buyer"
        found.setdefault(str(key), User(str(key), account or "", name, is_test))
    return found


# --- orders and deliveries ---

_LINES = """
    SELECT l.order_id, l.item_type, l.quantity, l.quantity_cancelled, l.net_price, l.sku, l.line_no::text,
           l.list_price, l.unit_cost, coalesce(l.first_promised_on, l.promised_on)
      FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s
     ORDER BY l.order_id, l.line_no"""
_ORDERS = """
    SELECT o.id, o.erp_id, o.web_reference, o.customer_erp_id, coalesce(c.channel, 'erp_other'), o.placed_at,
           CASE o.status WHEN 'quotation' THEN 'draft' ELSE o.status END, o.currency, o.time_known,
           coalesce(c.session_id, ''), coalesce(c.rule <= 4, o.web_reference <> ''), o.is_test, o.number,
           coalesce(nullif(c.quote_id, ''), o.quote_erp_id), coalesce(c.submitted_by, ''),
           coalesce(c.impersonator_id, ''), CASE c.channel WHEN 'punchout' THEN 'punchout' ELSE '' END
      FROM erp_sync_order o
      LEFT JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(o.web_reference, ''), o.erp_id)
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s
     ORDER BY o.id"""


# What an order's lines add up to: its value and its pieces, as ordered and as cancelled.
_SUMS = """
    SELECT l.order_id,
           sum(l.quantity * l.net_price) FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')),
           sum(l.quantity_cancelled * l.net_price) FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')),
           sum(l.quantity) FILTER (WHERE l.item_type = 'goods'),
           sum(l.quantity_cancelled) FILTER (WHERE l.item_type = 'goods')
      FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s
     GROUP BY l.order_id"""


def _orders(as_of: dt.datetime, *, with_lines: bool) -> list[OrderRow]:
    given = {"as_of": as_of}
    lines = _lines(given) if with_lines else _sums(given)
    return [_order(row, lines.get(row[0], ())) for row in _read(_ORDERS, given)]


def _lines(given: dict[str, Any]) -> dict[int, tuple[OrderLine, ...]]:
    rows = groupby(_read(_LINES, given), itemgetter(0))
    return {order: tuple(OrderLine(*row[1:]) for row in own) for order, own in rows}


def _sums(given: dict[str, Any]) -> dict[int, tuple[OrderLine, ...]]:
    """Return two lines an order that add up to what all its lines do: the amount, and the pieces of goods."""
    found = {}
    for order, amount, cancelled, pieces, taken_back in _read(_SUMS, given):
        lines = [] if amount is None else [OrderLine("service", amount, cancelled, ONE)]
        if pieces is not None:
            lines.append(OrderLine("goods", pieces, taken_back, ZERO))
        found[order] = tuple(lines)
    return found


def _has_promises() -> bool:
    """Whether anything is known of single lines that a metric asks for: a promised day, a delivery."""
    if mirror.DeliveryLine.objects.exists():
        return True
    promised = Q(promised_on__isnull=False) | Q(first_promised_on__isnull=False)
    return mirror.OrderLine.objects.filter(promised).exists()


def _order(row: tuple[Any, ...], lines: tuple[OrderLine, ...]) -> OrderRow:
    (_pk, order_id, shop_ref, account_id, channel, placed_at, status, currency, time_known, session_id, from_shop,
     is_test, label, quote_id, submitted_by, impersonator_id, via) = row  # fmt: skip
    return OrderRow(
        order_id, shop_ref, account_id, channel, placed_at, status, currency, lines, time_known, session_id, from_shop,
        is_test, label, quote_id, submitted_by, impersonator_id, via,
    )  # fmt: skip


_DELIVERIES = """
    SELECT d.erp_id || '/' || l.id, o.erp_id, ol.line_no::text, l.quantity, d.shipped_on, d.delivered_on
      FROM erp_sync_deliveryline l
      JOIN erp_sync_delivery d ON d.id = l.delivery_id
      JOIN erp_sync_order o ON o.erp_id = l.order_erp_id
      JOIN erp_sync_orderline ol ON ol.erp_id = l.order_line_erp_id AND ol.order_id = o.id
     WHERE d.gone_at IS NULL AND d.state <> 'cancelled'"""


def _deliveries() -> list[Delivery]:
    return [Delivery(*row) for row in _read(_DELIVERIES, {})]


# --- money ---

# An ERP that tells the cost of what was ordered and not of what was billed: it is the same goods. Files say what they
# say.
_INVOICE_LINES = """
    SELECT l.invoice_id, l.item_type, l.quantity, l.net_price, l.list_price,
           coalesce(l.unit_cost, CASE WHEN %(is_live)s THEN ol.unit_cost END), l.order_erp_id,
           coalesce(ol.line_no::text, ''), l.line_no::text
      FROM erp_sync_invoiceline l LEFT JOIN erp_sync_orderline ol ON ol.erp_id = l.order_line_erp_id
           AND l.order_line_erp_id <> '' AND ol.order_id = (SELECT id FROM erp_sync_order WHERE erp_id = l.order_erp_id)
     ORDER BY l.invoice_id, l.line_no, l.id"""


def _invoices(zone: ZoneInfo, orders: Sequence[OrderRow], *, is_live: bool) -> list[Invoice]:
    """Return documents; one that names a single order belongs to it."""
    ids = {(row.account_id, row.label): row.order_id for row in orders}
    lines = {
        invoice: tuple(InvoiceLine(*row[1:]) for row in rows)
        for invoice, rows in groupby(_read(_INVOICE_LINES, {"is_live": is_live}), itemgetter(0))
    }
    rows = mirror.Invoice.objects.filter(gone_at=None).exclude(state="cancelled").order_by("pk")
    fields = ("pk", "erp_id", "customer_erp_id", "kind", "currency", "paid_at", "paid_on", "number", "order_numbers")
    return [
        Invoice(
            erp_id, account, kind, currency, paid_at or (paid_on and _midnight(paid_on, zone)), number,
            ids.get((account, numbers[0]), "") if len(numbers) == 1 else "", invoiced_on, total, lines.get(pk, ()),
        )
        for pk, erp_id, account, kind, currency, paid_at, paid_on, number, numbers, invoiced_on, total in (
            rows.values_list(*fields, "invoiced_on", "total").iterator(CHUNK)
        )
    ]  # fmt: skip


def _payments(zone: ZoneInfo) -> list[Payment]:
    rows = mirror.Payment.objects.filter(gone_at=None).order_by("pk")
    fields = ("invoice_erp_id", "paid_at", "paid_on", "amount", "currency", "via", "state", "erp_id")
    return [
        Payment(invoice, paid_at or _midnight(paid_on, zone), amount, currency, via, state, erp_id)
        for invoice, paid_at, paid_on, amount, currency, via, state, erp_id in rows.values_list(*fields).iterator(CHUNK)
    ]


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the company's midnight of a day that the ERP knows without a time (C3)."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)


def _rates() -> dict[str, list[tuple[dt.date, Any]]]:
    found: dict[str, list[tuple[dt.date, Any]]] = {}
    for currency, since, rate in plans.ExchangeRate.objects.values_list("currency", "since_on", "rate"):
        found.setdefault(currency, []).append((since, rate))
    return found


# --- events, quotes, voices, goals ---


def _events(as_of: dt.datetime, kinds: Collection[str]) -> list[Event]:
    rows = EventRow.objects.filter(kind__in=list(kinds), occurred_at__lt=as_of)
    fields = ("event_id", "occurred_at", "kind", "actor", "account_id", "user_id", "session_id", "impersonator_id")
    return [Event(*row) for row in rows.values_list(*fields, "object_id", "props", "is_test").iterator(CHUNK)]


def _quotes(as_of: dt.datetime) -> list[Quote]:
    fields = ("quote_id", "account_id", "requested_at", "requested_by", "first_response_at", "status", "decided_at")
    rows = QuoteFact.objects.filter(requested_at__lt=as_of, is_test=False).order_by("pk")
    return [Quote(*row) for row in rows.values_list(*fields, "order_key")]


def _enquiries(as_of: dt.datetime) -> list[Enquiry]:
    rows = voice.Enquiry.objects.filter(occurred_at__lt=as_of).order_by("pk")
    return [
        Enquiry(*row)
        for row in rows.values_list("enquiry_id", "account_id", "occurred_at", "medium", "topic", "intent")
    ]


def _leads(as_of: dt.datetime) -> list[Lead]:
    rows = voice.Lead.objects.filter(created_at__lt=as_of).order_by("pk")
    return [Lead(*row) for row in rows.values_list("lead_id", "created_at", "source", "identity_key", "account_id")]


def _goals() -> list[Goal]:
    fields = ("goal_id", "metric", "baseline", "target", "start_on", "due_on")
    return [Goal(*row) for row in _values(plans.Goal, *fields)]
