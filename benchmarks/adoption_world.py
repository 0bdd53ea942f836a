"""Facts by the million, made inside PostgreSQL: accounts, people, orders with lines, events over two years."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from accounts.models import Eligibility, SoldTo
from adoption.events.models import Event, OrderChannel
from adoption.imports.loading import Into, run
from erp_sync.mirror.models import Order, OrderLine

FIRST = dt.date(2024, 1, 1)
DAYS = 731
AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LINES = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; a fifth as many orders as events."""

    events: int
    accounts: int

    @property
    def orders(self) -> int:
        """One order to five events."""
        return self.events // 5

    def __str__(self) -> str:
        return f"{self.events:,} events, {self.orders:,} orders of {LINES} lines, {self.accounts:,} accounts, 24 months"


def _draw(number: str, salt: int) -> str:
    """Return SQL of a number from 0 to 9999 that looks like chance and is always the same."""
    return f"mod(abs(hashint8({number} * 7919 + {salt})::bigint), 10000)"


def _at(number: str, salt: int, count: int) -> str:
    """Return SQL of an instant in the two years: days follow each other, as facts do; hours 7 to 21 UTC."""
    day = f"({number} * {DAYS} / {count + 1})"
    second = f"(25200 + mod(abs(hashint8({number} * 31 + {salt})::bigint), 50400))"
    return f"(timestamptz '{FIRST} 00:00Z' + make_interval(days => {day}::int, secs => {second}::int))"


def build(size: Size, now: dt.datetime) -> None:
    """Write all rows."""
    account = f"'C' || mod(abs(hashint8(g)::bigint), {size.accounts})"
    channel = f"""CASE WHEN {_draw("g", 1)} < 4500 THEN 'web_self' WHEN {_draw("g", 1)} < 5000 THEN 'web_assisted'
        WHEN {_draw("g", 1)} < 5500 THEN 'edi' WHEN {_draw("g", 1)} < 7500 THEN 'phone'
        WHEN {_draw("g", 1)} < 9000 THEN 'email' ELSE 'rep' END"""
    zones = "(ARRAY['Europe/Madrid', 'America/Mexico_City', 'America/New_York', 'Asia/Tokyo', 'Europe/London'])"
    series = "generate_series(1::bigint, {}::bigint) g"
    orders, people = series.format(size.orders), size.accounts * 3
    steps = (
        Into(SoldTo, {"erp_id": "'C' || g", "number": "'C' || g", "name": "'Company ' || g",
                      "timezone": f"{zones}[1 + mod(g, 5)]", "calendar": "'ES'", "is_strategic": "mod(g, 10) = 0"},
             f"generate_series(0, {size.accounts - 1}) g"),
        Into(Eligibility, {"sold_to": "id", "from_on": f"date '{FIRST}'"}, "accounts_soldto"),
        Into(Order, {"erp_id": "'O' || g", "number": "'O' || g", "customer_erp_id": account, "status": "'completed'",
                     "placed_at": _at("g", 2, size.orders), "currency": "'EUR'", "channel_hint": "'unknown'",
                     "web_reference": f"CASE WHEN {_draw('g', 1)} < 5000 THEN 'W' || g ELSE '' END",
                     "version": "%(now)s::timestamptz", "synced_at": "%(now)s::timestamptz"}, orders),
        Into(OrderChannel, {"order_key": f"CASE WHEN {_draw('g', 1)} < 5000 THEN 'W' || g ELSE 'O' || g END",
                            "channel": channel, "rule": f"CASE WHEN {_draw('g', 1)} < 5000 THEN 3 ELSE 5 END",
                            "decided_at": "%(now)s::timestamptz"}, orders),
        Into(OrderLine, {"order": "o.id", "erp_id": "o.erp_id || ':' || n", "line_no": "n",
                         "sku": "'S' || mod(o.id * 13 + n, 5000)", "quantity": "1 + mod(o.id + n, 9)",
                         "net_price": "5 + mod(o.id * 17 + n, 4000) / 100.0"},
             f"erp_sync_order o CROSS JOIN generate_series(1, {LINES}) n"),
        Into(Event, {"event_id": "'E' || g", "occurred_at": _at("g", 3, size.events), "actor": "'buyer'",
                     "session_id": "'S' || g / 4",
                     "account_id": f"'C' || mod(abs(hashint8(g / 4)::bigint), {size.accounts})",
                     "user_id": f"'U' || mod(abs(hashint8(g / 4)::bigint), {people})",
                     "kind": f"""CASE WHEN {_draw("g", 4)} < 2500 THEN 'session_start' WHEN {_draw("g", 4)} < 4500 THEN
                         'login' WHEN {_draw("g", 4)} < 5500 THEN 'order_tracked' WHEN {_draw("g", 4)} < 6000 THEN
                         'invoice_searched' ELSE 'product_view' END""",
                     "object_id": f"CASE WHEN {_draw('g', 4)} BETWEEN 4500 AND 5499 THEN"
                                  f" 'O' || greatest(1, g / 5 - mod(g, 40)) ELSE '' END",
                     "props": f"CASE WHEN {_draw('g', 4)} < 2500 THEN jsonb_build_object('source', 'direct')"
                              " ELSE jsonb_build_object() END"},
             series.format(size.events)),
    )  # fmt: skip
    for step in steps:
        run(step, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
