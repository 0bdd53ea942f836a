"""Reads the tables that facts come from as plain rows: mirror of the ERP, events, companies, what people add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Eligibility, RepAssignment, SoldTo
from accounts.models import User as Person
from adoption.events.models import Event as EventRow
from adoption.metrics.facts import (
    Account,
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
    User,
)
from adoption.plans import models as planned
from adoption.quotes.models import QuoteFact
from adoption.voice import models as voice
from erp_sync.mirror import models as mirror

CHUNK = 20_000
PLAN = ("year", "metric", "scope", "amount", "seasonality")
ZERO, ONE = Decimal(0), Decimal(1)


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


def accounts(today: dt.date) -> dict[str, Account]:
    """Return the companies that buy, with their ledger, their rep and what the ERP knows of them."""
    spans: dict[int, list[tuple[Any, ...]]] = {}
    # Thousands of short rows are sorted here: the database takes longer for it than for reading them.
    ledger = Eligibility.objects.order_by().values_list("sold_to", "can_buy", "from_on", "to_on", "reason")
    for sold_to, *row in sorted(ledger, key=itemgetter(2)):
        spans.setdefault(sold_to, []).append(tuple(row))
    reps, customers = _reps(today), _customers()
    fields = ("pk", "erp_id", "name", "is_test", "is_strategic", "timezone", "calendar")
    companies = sorted(SoldTo.objects.order_by().values_list(*fields), key=itemgetter(2, 0))
    return {
        erp_id: Account(
            account_id=erp_id, name=name, is_test=is_test, is_strategic=is_strategic, timezone=zone, calendar=calendar,
            enabled=tuple((first, last) for can_buy, first, last, _reason in spans.get(pk, ()) if can_buy),
            exclusion=_exclusion(spans.get(pk, ()), today), rep_user_id=reps.get(pk, ""), **customers.get(erp_id, {}),
        )
        for pk, erp_id, name, is_test, is_strategic, zone, calendar in companies
    }  # fmt: skip


def _exclusion(ledger: Sequence[tuple[Any, ...]], today: dt.date) -> str:
    """Return why a company can't buy online today, the oldest reason first."""
    for can_buy, first, last, reason in ledger:
        if not can_buy and first <= today and (last is None or last >= today):
            return str(reason)
    return ""


def _reps(today: dt.date) -> dict[int, str]:
    """Return the rep of each company on this day."""
    current = RepAssignment.objects.filter(Q(to_on=None) | Q(to_on__gte=today), from_on__lte=today)
    rows = current.order_by("from_on", "pk").values_list("sold_to_id", "rep__person_key")
    return {sold_to: str(key) for sold_to, key in rows}


def _customers() -> dict[str, dict[str, str]]:
    """Return what only the ERP knows of its customers, by their id.

    Their region is the country, or the city when all are of one country.
    """
    ids, found = dict[int, str](), dict[str, dict[str, str]]()
    for pk, erp_id, currency, price_list in mirror.Customer.objects.order_by().values_list(
        "pk", "erp_id", "currency", "price_list"
    ):
        ids[pk], found[erp_id] = erp_id, {"currency": currency, "segment": price_list}
    places = mirror.Address.objects.order_by().values_list("is_invoice", "pk", "customer_id", "country", "city")
    for _is_invoice, _pk, customer, country, city in sorted(places, key=lambda one: (one[0], -one[1])):
        if customer in ids:
            found[ids[customer]] |= {"country": country, "region": city}
    if len({one.get("country", "") for one in found.values()}) > 1:
        found = {erp_id: one | {"region": one.get("country", "")} for erp_id, one in found.items()}
    return found


def users(people: QuerySet[Person]) -> dict[str, User]:
    """Return people by their key; a buyer belongs to the first of his companies here."""
    rows = people.order_by("pk", "memberships__pk").values_list(
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
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s {only}
     ORDER BY l.order_id, l.line_no"""
_ORDERS = """
    SELECT o.id, o.erp_id, o.web_reference, o.customer_erp_id, coalesce(c.channel, 'erp_other'), o.placed_at,
           CASE o.status WHEN 'quotation' THEN 'draft' ELSE o.status END, o.currency, o.time_known,
           coalesce(c.session_id, ''), coalesce(c.rule <= 4, o.web_reference <> ''), o.is_test, o.number,
           coalesce(nullif(c.quote_id, ''), o.quote_erp_id), coalesce(c.submitted_by, ''),
           coalesce(c.impersonator_id, ''), CASE c.channel WHEN 'punchout' THEN 'punchout' ELSE '' END
      FROM erp_sync_order o
      LEFT JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(o.web_reference, ''), o.erp_id)
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s {only}
     ORDER BY o.id"""


# What an order's lines add up to: its value and its pieces, as ordered and as cancelled.
_SUMS = """
    SELECT l.order_id,
           sum(l.quantity * l.net_price) FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')),
           sum(l.quantity_cancelled * l.net_price) FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')),
           sum(l.quantity) FILTER (WHERE l.item_type = 'goods'),
           sum(l.quantity_cancelled) FILTER (WHERE l.item_type = 'goods')
      FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s {only}
     GROUP BY l.order_id"""


def orders(as_of: dt.datetime, *, with_lines: bool, ids: list[int] | None = None) -> list[OrderRow]:
    """Return orders, all or a few by their number in the mirror; without lines each has two that add up to all."""
    given = {"as_of": as_of, "ids": ids}
    lines = _lines(given) if with_lines else _sums(given)
    return [_order(row, lines.get(row[0], ())) for row in _read(_ORDERS.format(only=_only(given)), given)]


def _only(given: Mapping[str, Any]) -> str:
    return "" if given["ids"] is None else "AND o.id = ANY (%(ids)s)"


def _lines(given: dict[str, Any]) -> dict[int, tuple[OrderLine, ...]]:
    rows = groupby(_read(_LINES.format(only=_only(given)), given), itemgetter(0))
    return {order: tuple(OrderLine(*row[1:]) for row in own) for order, own in rows}


def _sums(given: dict[str, Any]) -> dict[int, tuple[OrderLine, ...]]:
    """Return two lines an order that add up to what all its lines do: the amount, and the pieces of goods."""
    found = {}
    for order, amount, cancelled, pieces, taken_back in _read(_SUMS.format(only=_only(given)), given):
        lines = [] if amount is None else [OrderLine("service", amount, cancelled, ONE)]
        if pieces is not None:
            lines.append(OrderLine("goods", pieces, taken_back, ZERO))
        found[order] = tuple(lines)
    return found


def has_promises() -> bool:
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
     WHERE d.gone_at IS NULL AND d.state <> 'cancelled' {only}"""


def deliveries(of: Collection[str] | None = None) -> list[Delivery]:
    """Return what left, by line: of all orders, or of those with these ids of the ERP."""
    only = "" if of is None else "AND l.order_erp_id = ANY (%(of)s::text[])"
    return [Delivery(*row) for row in _read(_DELIVERIES.format(only=only), {"of": list(of or ())})]


# --- money ---

# An ERP that tells the cost of what was ordered and not of what was billed: it is the same goods. Files say what they
# say.
_INVOICE_LINES = """
    SELECT l.invoice_id, l.item_type, l.quantity, l.net_price, l.list_price,
           coalesce(l.unit_cost, CASE WHEN %(is_live)s THEN ol.unit_cost END), l.order_erp_id,
           coalesce(ol.line_no::text, ''), l.line_no::text
      FROM erp_sync_invoiceline l LEFT JOIN erp_sync_orderline ol ON ol.erp_id = l.order_line_erp_id
           AND l.order_line_erp_id <> '' AND ol.order_id = (SELECT id FROM erp_sync_order WHERE erp_id = l.order_erp_id)
     {only}
     ORDER BY l.invoice_id, l.line_no, l.id"""


def invoices(
    zone: ZoneInfo, orders: Sequence[OrderRow], *, is_live: bool, ids: list[int] | None = None
) -> list[Invoice]:
    """Return documents, all or a few by their number in the mirror; one that names a single order belongs to it."""
    order_of = {(row.account_id, row.label): row.order_id for row in orders}
    only = "" if ids is None else "WHERE l.invoice_id = ANY (%(ids)s)"
    lines = {
        invoice: tuple(InvoiceLine(*row[1:]) for row in rows)
        for invoice, rows in groupby(
            _read(_INVOICE_LINES.format(only=only), {"is_live": is_live, "ids": ids}), itemgetter(0)
        )
    }
    wanted = Q() if ids is None else Q(pk__in=ids)
    rows = mirror.Invoice.objects.filter(wanted, gone_at=None).exclude(state="cancelled").order_by("pk")
    fields = ("pk", "erp_id", "customer_erp_id", "kind", "currency", "paid_at", "paid_on", "number", "order_numbers")
    return [
        Invoice(
            erp_id, account, kind, currency, paid_at or (paid_on and _midnight(paid_on, zone)), number,
            order_of.get((account, numbers[0]), "") if len(numbers) == 1 else "", invoiced_on, total, lines.get(pk, ()),
        )
        for pk, erp_id, account, kind, currency, paid_at, paid_on, number, numbers, invoiced_on, total in (
            rows.values_list(*fields, "invoiced_on", "total").iterator(CHUNK)
        )
    ]  # fmt: skip


def payments(zone: ZoneInfo, *, ids: list[int] | None = None) -> list[Payment]:
    """Return money received, all or some of it by its number in the mirror."""
    wanted = Q() if ids is None else Q(pk__in=ids)
    rows = mirror.Payment.objects.filter(wanted, gone_at=None).order_by("pk")
    fields = ("invoice_erp_id", "paid_at", "paid_on", "amount", "currency", "via", "state", "erp_id")
    return [
        Payment(invoice, paid_at or _midnight(paid_on, zone), amount, currency, via, state, erp_id)
        for invoice, paid_at, paid_on, amount, currency, via, state, erp_id in rows.values_list(*fields).iterator(CHUNK)
    ]


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the company's midnight of a day that the ERP knows without a time (C3)."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)


def rates() -> dict[str, list[tuple[dt.date, Any]]]:
    """Return exchange rates by currency."""
    found: dict[str, list[tuple[dt.date, Any]]] = {}
    for currency, since, rate in planned.ExchangeRate.objects.values_list("currency", "since_on", "rate"):
        found.setdefault(currency, []).append((since, rate))
    return found


# --- events, quotes, voices, goals ---


def events(as_of: dt.datetime, kinds: Collection[str], wanted: Q | None = None) -> list[Event]:
    """Return events of some kinds."""
    rows = EventRow.objects.filter(wanted or Q(), kind__in=list(kinds), occurred_at__lt=as_of)
    fields = ("event_id", "occurred_at", "kind", "actor", "account_id", "user_id", "session_id", "impersonator_id")
    return [Event(*row) for row in rows.values_list(*fields, "object_id", "props", "is_test").iterator(CHUNK)]


ORDERS_OF_ACCOUNTS = """
    WITH own AS MATERIALIZED (
        SELECT o.id, o.web_reference
          FROM unnest(%(accounts)s::text[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
            AS a (account, since, until)
         CROSS JOIN LATERAL (
               SELECT o.id, o.web_reference FROM erp_sync_order o
                WHERE o.customer_erp_id = a.account AND o.placed_at BETWEEN a.since AND a.until OFFSET 0) o)
    SELECT id FROM own
     UNION SELECT p.id FROM (SELECT DISTINCT web_reference FROM own WHERE web_reference <> '') w CROSS JOIN LATERAL (
               SELECT o.id FROM erp_sync_order o WHERE o.web_reference = w.web_reference OFFSET 0) p"""
# An order names its quote, or the quote its order; with all parts of the order.
ORDERS_OF_QUOTES = """
    WITH named AS MATERIALIZED (
        SELECT c.order_key FROM adoption_orderchannel c
         WHERE c.quote_id = ANY (ARRAY(SELECT unnest(%(ids)s::text[]))) AND c.quote_id <> ''
         UNION SELECT unnest(%(keys)s::text[])
    ), own AS MATERIALIZED (
        SELECT o.id, o.web_reference FROM erp_sync_order o
         WHERE o.quote_erp_id = ANY (ARRAY(SELECT unnest(%(ids)s::text[]))) AND o.quote_erp_id <> ''
         UNION SELECT p.id, p.web_reference FROM named n CROSS JOIN LATERAL (
                   SELECT o.id, o.web_reference FROM erp_sync_order o
                    WHERE n.order_key <> '' AND n.order_key IN (o.erp_id, o.web_reference) OFFSET 0) p)
    SELECT id FROM own
     UNION SELECT p.id FROM (SELECT DISTINCT web_reference FROM own WHERE web_reference <> '') w CROSS JOIN LATERAL (
               SELECT o.id FROM erp_sync_order o WHERE o.web_reference = w.web_reference OFFSET 0) p"""


def quotes(as_of: dt.datetime, wanted: Q | None = None) -> list[Quote]:
    """Return quotes."""
    fields = ("quote_id", "account_id", "requested_at", "requested_by", "first_response_at", "status", "decided_at")
    rows = QuoteFact.objects.filter(wanted or Q(), requested_at__lt=as_of, is_test=False).order_by("pk")
    return [Quote(*row) for row in rows.values_list(*fields, "order_key")]


def enquiries(as_of: dt.datetime, wanted: Q | None = None) -> list[Enquiry]:
    """Return what was asked offline."""
    rows = voice.Enquiry.objects.filter(wanted or Q(), occurred_at__lt=as_of).order_by("pk")
    return [
        Enquiry(*row)
        for row in rows.values_list("enquiry_id", "account_id", "occurred_at", "medium", "topic", "intent")
    ]


def leads(as_of: dt.datetime) -> list[Lead]:
    """Return who got in touch."""
    rows = voice.Lead.objects.filter(created_at__lt=as_of).order_by("pk")
    return [Lead(*row) for row in rows.values_list("lead_id", "created_at", "source", "identity_key", "account_id")]


def costs() -> list[Cost]:
    """Return what channels cost."""
    return [Cost(*row) for row in _values(planned.Cost, "occurred_on", "channel", "kind", "amount", "currency")]


def plans() -> list[PlanAmount]:
    """Return the plans of years."""
    return [PlanAmount(*row) for row in _values(planned.Plan, *PLAN)]


def goals() -> list[Goal]:
    """Return the goals that were set."""
    fields = ("goal_id", "metric", "baseline", "target", "start_on", "due_on")
    return [Goal(*row) for row in _values(planned.Goal, *fields)]
