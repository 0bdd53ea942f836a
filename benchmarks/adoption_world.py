"""Facts by the million, made inside PostgreSQL, over two years.

Accounts that come online one after the other, orders with lines, papers, deliveries, payments, quotes, calls, events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from accounts.models import Eligibility, SoldTo
from adoption.events.models import Event, OrderChannel
from adoption.imports.loading import Into, run
from adoption.plans.models import Cost, Plan
from adoption.quotes.models import QuoteFact
from adoption.voice.models import Enquiry, Lead
from erp_sync.mirror import models as mirror

FIRST = dt.date(2024, 1, 1)
DAYS = 731
AS_OF = dt.datetime(2026, 1, 1, 11, tzinfo=dt.UTC)
LINES = 2
# One order to so many events.
EVENTS_AN_ORDER = 10
ORDERS_A_QUOTE = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    events: int
    accounts: int

    @property
    def orders(self) -> int:
        """A tenth of the events."""
        return self.events // EVENTS_AN_ORDER

    def __str__(self) -> str:
        return (
            f"{self.events:,} events, {self.orders:,} orders of {LINES} lines, as many invoices and deliveries,"
            f" {self.accounts:,} accounts, 24 months"
        )


def _draw(number: str, salt: int) -> str:
    """Return SQL of a number from 0 to 9999 that looks like chance and is always the same."""
    return f"mod(abs(hashint8({number} * 7919 + {salt})::bigint), 10000)"


def _day(number: str, count: int) -> str:
    """Return SQL of a day's number: days follow each other, as facts do."""
    return f"({number} * {DAYS} / {count + 1})"


def _at(number: str, salt: int, count: int) -> str:
    """Return SQL of an instant in the two years, between 7 and 21 UTC."""
    second = f"(25200 + mod(abs(hashint8({number} * 31 + {salt})::bigint), 50400))"
    return f"(timestamptz '{FIRST} 00:00Z' + make_interval(days => {_day(number, count)}::int, secs => {second}::int))"


def build(size: Size, now: dt.datetime) -> None:
    """Write all rows; indexes are built when a table is full."""
    for steps in (_people(size), _orders(size), _papers(), _talk(size), _events(size)):
        tables = {step.model._meta.db_table for step in steps}
        with _without_indexes(sorted(tables)):
            for step in steps:
                run(step, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _without_indexes(tables: list[str]) -> Iterator[None]:
    """Drop all indexes but the primary keys, and keys between tables; make them anew afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        cursor.execute(
            """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname,
                      pg_get_constraintdef(c.oid),
                      i.indrelid::regclass::text
                 FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'x')
                WHERE i.indrelid::regclass::text = ANY (%s) AND NOT i.indisprimary""",
            [tables],
        )
        known = cursor.fetchall()
        for index, _made, constraint, _definition, table in known:
            cursor.execute(
                f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"' if constraint else f"DROP INDEX {index}"
            )
        yield
        for _index, made, constraint, definition, table in known:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {definition}' if constraint else made)
        cursor.execute("RESET session_replication_role")
        for table in tables:
            cursor.execute(f"ANALYZE {table}")


SYNCED = {"version": "%(now)s::timestamptz", "synced_at": "%(now)s::timestamptz"}


def _people(size: Size) -> tuple[Into, ...]:
    zones = "(ARRAY['Europe/Madrid', 'America/Mexico_City', 'America/New_York', 'Asia/Tokyo', 'Europe/London'])"
    return (
        Into(SoldTo, {"erp_id": "'C' || g", "number": "'C' || g", "name": "'Company ' || g",
                      "timezone": f"{zones}[1 + mod(g, 5)]", "calendar": "'ES'", "is_strategic": "mod(g, 50) = 0"},
             f"generate_series(0, {size.accounts - 1}) g"),
        Into(mirror.Customer, {"erp_id": "'C' || g", "number": "'C' || g", "name": "'Company ' || g",
                               "currency": "'EUR'", "price_list": "'L' || mod(g, 3)", **SYNCED},
             f"generate_series(0, {size.accounts - 1}) g"),
        Into(mirror.Address, {"customer": "c.id", "erp_id": "c.erp_id || ':1'",
                              "country": "(ARRAY['ES', 'MX', 'US', 'JP', 'GB'])[1 + mod(c.id, 5)]"},
             "erp_sync_customer c"),
        Into(Eligibility, {"sold_to": "id", "from_on": f"date '{FIRST}'"}, "accounts_soldto WHERE mod(id, 40) <> 0"),
        Into(Plan, {"year": "y", "metric": "m", "amount": "1000000"},
             "generate_series(2025, 2026) y CROSS JOIN unnest(ARRAY['net_sales', 'orders']) m"),
        Into(Cost, {"occurred_on": f"(date '{FIRST}' + make_interval(months => g))::date", "channel": "c",
                    "kind": "'people'", "amount": "9000", "currency": "'EUR'"},
             "generate_series(0, 23) g CROSS JOIN unnest(ARRAY['web_self', 'phone', 'shared']) c"),
    )  # fmt: skip


def _orders(size: Size) -> tuple[Into, ...]:
    """Every account orders online from a day of its own on; one in fifty has gone back to the phone lately."""
    account = f"mod(abs(hashint8(g)::bigint), {size.accounts})"
    starts = f"mod(abs(hashint8({account} + 77)::bigint), {DAYS})"
    day = _day("g", size.orders)
    is_online = f"""({day} >= {starts} AND {_draw("g", 1)} < 6500
        AND NOT (mod({account}, 50) = 7 AND {day} > {DAYS - 90}))"""
    by_shop = f"({is_online} OR {_draw('g', 1)} >= 9500)"
    channel = f"""CASE WHEN {is_online} THEN 'web_self' WHEN {_draw("g", 1)} >= 9500 THEN 'web_assisted'
        WHEN {_draw("g", 1)} >= 9000 THEN 'edi' WHEN {_draw("g", 1)} < 4000 THEN 'phone'
        WHEN {_draw("g", 1)} < 7500 THEN 'email' ELSE 'rep' END"""
    series = f"generate_series(1::bigint, {size.orders}::bigint) g"
    # Every third quote (_talk) becomes an order four days later.
    asked = f"(g - {size.orders * 4 // DAYS})"
    won = f"{asked} > 0 AND mod({asked}, {3 * ORDERS_A_QUOTE}) = 0"
    return (
        Into(mirror.Order, {
            "erp_id": "'O' || g", "number": "'O' || g", "customer_erp_id": f"'C' || {account}",
            "quote_erp_id": f"CASE WHEN {won} THEN 'Q' || {asked} / {ORDERS_A_QUOTE} ELSE '' END",
            "status": f"CASE WHEN {_draw('g', 5)} < 200 THEN 'cancelled' ELSE 'completed' END",
            "placed_at": _at("g", 2, size.orders), "currency": "'EUR'", "channel_hint": "'unknown'",
            "web_reference": f"CASE WHEN {by_shop} THEN 'W' || g ELSE '' END", **SYNCED}, series),
        Into(OrderChannel, {
            "order_key": f"CASE WHEN {by_shop} THEN 'W' || g ELSE 'O' || g END", "channel": channel,
            "rule": f"CASE WHEN {by_shop} THEN 3 ELSE 5 END", "decided_at": "%(now)s::timestamptz",
            "session_id": f"CASE WHEN {is_online} THEN 'S' || (g * {EVENTS_AN_ORDER} / 4) ELSE '' END"}, series),
        Into(mirror.OrderLine, {
            "order": "o.id", "erp_id": "o.erp_id || ':' || n", "line_no": "n",
            "sku": "'S' || mod(o.id * 13 + n, 5000)", "quantity": "1 + mod(o.id + n, 9)",
            "net_price": "5 + mod(o.id * 17 + n, 4000) / 100.0",
            "first_promised_on": "(o.placed_at + interval '5 days')::date"},
             f"erp_sync_order o CROSS JOIN generate_series(1, {LINES}) n"),
    )  # fmt: skip


def _papers() -> tuple[Into, ...]:
    """Goods leave after two to eight days, one order in fifty with something missing; a tenth is paid in the shop."""
    order = "erp_sync_order o WHERE o.status = 'completed'"
    line = "erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id"
    day = "(o.placed_at + make_interval(days => 2 + mod(o.id, 7)::int))::date"
    return (
        Into(mirror.Delivery, {"erp_id": "'D' || o.erp_id", "number": "'D' || o.erp_id",
                               "customer_erp_id": "o.customer_erp_id", "state": "'done'", "shipped_on": day, **SYNCED},
             order),
        Into(mirror.DeliveryLine, {"delivery": "d.id", "order_erp_id": "o.erp_id", "order_line_erp_id": "l.erp_id",
                                   "sku": "l.sku",
                                   "quantity": "CASE WHEN mod(o.id, 50) = 0 THEN 1 ELSE l.quantity END"},
             f"{line} JOIN erp_sync_delivery d ON d.erp_id = 'D' || o.erp_id"),
        Into(mirror.Invoice, {"erp_id": "'I' || o.erp_id", "number": "'I' || o.erp_id",
                              "customer_erp_id": "o.customer_erp_id", "kind": "'invoice'", "state": "'paid'",
                              "invoiced_on": day, "currency": "'EUR'", "untaxed_total": "100", "tax_total": "0",
                              "total": "100", "amount_due": "0", "order_numbers": "ARRAY[o.number]",
                              "paid_at": "o.placed_at + interval '30 days'", **SYNCED}, order),
        Into(mirror.InvoiceLine, {"invoice": "i.id", "erp_id": "'I' || l.erp_id", "line_no": "l.line_no",
                                  "sku": "l.sku", "item_type": "'goods'", "quantity": "l.quantity",
                                  "net_price": "l.net_price", "list_price": "l.net_price * 1.1",
                                  "unit_cost": "l.net_price * 0.7", "amount": "round(l.quantity * l.net_price, 2)",
                                  "order_erp_id": "o.erp_id", "order_line_erp_id": "l.erp_id"},
             f"{line} JOIN erp_sync_invoice i ON i.erp_id = 'I' || o.erp_id"),
        Into(mirror.Payment, {"erp_id": "'P' || i.erp_id", "customer_erp_id": "i.customer_erp_id",
                              "invoice_erp_id": "i.erp_id", "paid_on": "i.paid_at::date", "paid_at": "i.paid_at",
                              "amount": "100", "currency": "'EUR'",
                              "via": "CASE WHEN mod(i.id, 10) = 0 THEN 'web' ELSE 'bank' END",
                              "state": "'succeeded'", **SYNCED},
             f"erp_sync_invoice i WHERE i.paid_at < '{AS_OF:%Y-%m-%d}'"),
    )  # fmt: skip


def _talk(size: Size) -> tuple[Into, ...]:
    account = f"'C' || mod(abs(hashint8(g)::bigint), {size.accounts})"

    def every(part: int) -> str:
        return f"generate_series(1::bigint, {max(size.orders // part, 1)}::bigint) g"

    quotes, calls, leads = (max(size.orders // part, 1) for part in (ORDERS_A_QUOTE, 20, 1000))
    return (
        Into(QuoteFact, {"quote_id": "'Q' || g", "account_id": account, "requested_at": _at("g", 6, quotes),
                         "first_response_at": f"{_at('g', 6, quotes)} + interval '3 hours'",
                         "status": "CASE WHEN mod(g, 3) = 0 THEN 'won' ELSE 'lost' END",
                         "decided_at": f"{_at('g', 6, quotes)} + interval '4 days'"}, every(ORDERS_A_QUOTE)),
        Into(Enquiry, {"enquiry_id": "'N' || g", "account_id": account, "occurred_at": _at("g", 7, calls),
                       "medium": "CASE WHEN mod(g, 3) = 0 THEN 'email' ELSE 'phone' END",
                       "topic": "CASE WHEN mod(g, 2) = 0 THEN 'order_status' ELSE 'price' END",
                       "intent": "CASE WHEN mod(g, 2) = 0 THEN 'service' ELSE 'sales' END"}, every(20)),
        Into(Lead, {"lead_id": "'L' || g", "created_at": _at("g", 8, leads), "source": "'organic_search'",
                    "identity_key": "'lead' || g", "account_id": f"CASE WHEN mod(g, 3) = 0 THEN {account} ELSE '' END"},
             every(1000)),
    )  # fmt: skip


def _events(size: Size) -> tuple[Into, ...]:
    people = size.accounts * 3
    draw = _draw("g", 4)
    kind = f"""CASE WHEN {draw} < 2500 THEN 'session_start' WHEN {draw} < 4500 THEN 'login' WHEN {draw} < 5500
        THEN 'order_tracked' WHEN {draw} < 5900 THEN 'invoice_searched' WHEN {draw} < 6000 THEN 'reorder_clicked'
        WHEN {draw} < 6040 THEN 'survey_prompted' WHEN {draw} < 6060 THEN 'survey_answered' WHEN {draw} < 6100
        THEN 'friction' ELSE 'product_view' END"""
    return (
        Into(Event, {
            "event_id": "'E' || g", "occurred_at": _at("g / 4", 3, size.events // 4), "actor": "'buyer'",
            "session_id": "'S' || g / 4",
            "account_id": f"'C' || mod(abs(hashint8(g / 4 / 10 + 1)::bigint), {size.accounts})",
            "user_id": f"'U' || mod(abs(hashint8(g / 4)::bigint), {people})", "kind": kind,
            "object_id": f"""CASE WHEN {draw} BETWEEN 4500 AND 5499 THEN
                'O' || greatest(1, g / {EVENTS_AN_ORDER} - mod(g, 40)) WHEN {draw} >= 6100
                THEN 'S' || mod(g * 13, 5000) ELSE '' END""",
            "props": f"""CASE WHEN {draw} < 2500
                THEN jsonb_build_object('source', (ARRAY['direct', 'email', 'organic_search'])[1 + mod(g, 3)])
                WHEN {draw} BETWEEN 5500 AND 5899 THEN jsonb_build_object('query', 'F-' || mod(g, 100))
                WHEN {draw} BETWEEN 6000 AND 6059 THEN jsonb_build_object('survey', 'csat', 'score', 1 + mod(g, 5))
                WHEN {draw} BETWEEN 6060 AND 6099 THEN jsonb_build_object('cause', 'out_of_stock', 'about', 'S1')
                ELSE jsonb_build_object() END"""},
             f"generate_series(1::bigint, {size.events}::bigint) g"),
    )  # fmt: skip
