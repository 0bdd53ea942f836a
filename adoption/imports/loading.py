"""From the temporary tables into those that the ERP's mirror and the shop fill: one statement a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from accounts.models import Eligibility, Membership, RepAssignment, SoldTo, User
from adoption.books.models import CompanyBook
from adoption.events.models import Event, OrderChannel
from adoption.metrics.channel import ERP_SOURCES
from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan
from adoption.quotes.models import QuoteFact
from adoption.voice.models import Enquiry, Lead
from erp_sync.mirror import models as mirror

LONG_AGO = dt.date(1970, 1, 1)
DOMAIN = "imported.invalid"


@dataclass(frozen=True, slots=True)
class Into:
    """A table that is filled from others.

    Attributes:
        values: SQL by field; a field that isn't named gets its default.
        source: SQL after FROM.
        key: Fields by which a row is known; () = rows are only added.
        keep: SQL that must be true for a known row to be changed.
    """

    model: type[Model]
    values: Mapping[str, str]
    source: str
    key: tuple[str, ...] = ()
    keep: str = ""
    before: tuple[str, ...] = field(default=())


def run(into: Into, now: dt.datetime) -> int:
    """Do it; return how many rows were written."""
    given: dict[str, Any] = {"now": now, "long_ago": LONG_AGO}
    statement, parameters = _statement(into, given)
    with connection.cursor() as cursor:
        for clearing in into.before:
            cursor.execute(clearing, given)
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _statement(into: Into, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    fields = [one for one in into.model._meta.concrete_fields if not one.primary_key or one.name in into.values]
    values = dict(into.values)
    parameters = dict(given)
    for one in fields:
        if one.name not in values:
            values[one.name] = f"%({one.name})s::{one.db_type(connection)}"
            parameters[one.name] = _default(one)
    columns = {one.name: f'"{one.column}"' for one in fields}
    sql = (
        f'INSERT INTO "{into.model._meta.db_table}" ({", ".join(columns.values())})'
        f" SELECT {', '.join(values[one.name] for one in fields)} FROM {into.source}"
    )
    if into.key:
        changed = [name for name in into.values if name not in into.key]
        sets = ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in changed)
        sql += f" ON CONFLICT ({', '.join(columns[name] for name in into.key)}) DO UPDATE SET {sets}"
        sql += f" WHERE {into.keep}" if into.keep else ""
    return sql, parameters


def _default(one: Field) -> object:
    value = one.get_default()
    return "" if value is None and not one.null else one.get_db_prep_save(value, connection)


# An order from the shop: rules 1 to 4 of the channels; from the ERP: 5 and 6 (adoption/metrics/channel.py).
_BUYER = """EXISTS (SELECT 1 FROM accounts_user u WHERE u.person_key = nullif(o.submitted_by, '')::uuid
    AND u.staff_role = '' AND NOT u.is_staff)"""
_SOURCES = ", ".join(f"'{source}'" for source in sorted(ERP_SOURCES))
_RULE = f"""CASE WHEN o.entry = 'erp' AND o.via <> 'punchout'
    THEN CASE WHEN o.erp_source IN ({_SOURCES}) THEN 5 ELSE 6 END
    WHEN o.impersonator_id <> '' THEN 1 WHEN o.via = 'punchout' THEN 2 WHEN {_BUYER} THEN 3 ELSE 4 END"""
_CHANNEL = """CASE rule WHEN 1 THEN 'web_assisted' WHEN 2 THEN 'punchout' WHEN 3 THEN 'web_self'
    WHEN 4 THEN 'web_assisted' WHEN 5 THEN erp_source ELSE 'erp_other' END"""

_MIRROR = {"synced_at": "%(now)s::timestamptz", "gone_at": "NULL::timestamptz"}
_ZONE = "(SELECT timezone FROM adoption_companybook)"


def _same(*names: str, of: str = "s") -> dict[str, str]:
    return {name: f"{of}.{name}" for name in names}


ACCOUNTS = (
    Into(
        SoldTo,
        {"erp_id": "s.account_id", "number": "s.account_id", "name": "coalesce(nullif(s.name, ''), s.account_id)",
         "timezone": "s.timezone", "calendar": "s.calendar", "is_strategic": "s.strategic", "is_test": "s.is_test"},
        "stage_accounts s", ("erp_id",),
    ),
    Into(
        mirror.Customer,
        {"erp_id": "s.account_id", "number": "s.account_id", "name": "coalesce(nullif(s.name, ''), s.account_id)",
         "currency": "s.currency", "version": "%(now)s::timestamptz", **_MIRROR},
        "stage_accounts s", ("erp_id",),
    ),
    Into(
        mirror.Address,
        {"customer": "c.id", "erp_id": "s.account_id || ':1'", "country": "s.country"},
        "stage_accounts s JOIN erp_sync_customer c ON c.erp_id = s.account_id", ("customer", "erp_id"),
    ),
    Into(
        Eligibility,
        {"sold_to": "c.id", "from_on": "s.online_enabled_from", "to_on": "s.online_enabled_to"},
        "stage_accounts s JOIN accounts_soldto c ON c.erp_id = s.account_id WHERE s.online_enabled_from IS NOT NULL",
        before=(
            "DELETE FROM accounts_eligibility e USING accounts_soldto c, stage_accounts s"
            " WHERE e.sold_to_id = c.id AND c.erp_id = s.account_id AND e.can_buy",
        ),
    ),
    Into(
        User,
        {"person_key": "s.user_id::uuid", "email": f"s.user_id || '@{DOMAIN}'", "first_name": "left(s.user_id, 8)",
         "password": "'!imported'", "staff_role": "CASE s.role WHEN 'rep' THEN 'rep' ELSE '' END",
         "is_active": "false", "is_superuser": "false", "is_staff": "s.role = 'staff'", "is_test": "s.is_test",
         "date_joined": "%(now)s::timestamptz"},
        "stage_users s", ("person_key",),
    ),
    Into(
        Membership,
        {"user": "u.id", "sold_to": "c.id", "created_at": "%(now)s::timestamptz"},
        "stage_users s JOIN accounts_user u ON u.person_key = s.user_id::uuid"
        " JOIN accounts_soldto c ON c.erp_id = s.account_id",
        before=(
            "DELETE FROM accounts_membership m USING accounts_user u, stage_users s"
            " WHERE m.user_id = u.id AND u.person_key = s.user_id::uuid",
        ),
    ),
    Into(
        RepAssignment,
        {"rep": "u.id", "sold_to": "c.id", "from_on": "%(long_ago)s::date"},
        "stage_accounts s JOIN accounts_user u ON u.person_key = nullif(s.rep_user_id, '')::uuid"
        " JOIN accounts_soldto c ON c.erp_id = s.account_id",
        before=(
            "DELETE FROM accounts_repassignment a USING accounts_soldto c, stage_accounts s"
            " WHERE a.sold_to_id = c.id AND c.erp_id = s.account_id AND a.from_on = %(long_ago)s::date",
        ),
    ),
)  # fmt: skip

ORDERS = (
    Into(
        mirror.Order,
        {"erp_id": "s.order_id", "number": "s.order_id", "customer_erp_id": "s.account_id",
         "web_reference": "s.shop_ref",
         "channel_hint": "CASE s.entry WHEN 'shop' THEN 'shop' ELSE coalesce(nullif(s.erp_source, ''), 'unknown') END",
         "quote_erp_id": "s.quote_id", "version": "s.placed_at", **_same("status", "placed_at", "time_known"),
         **_same("currency", "is_test"), **_MIRROR},
        "stage_orders s", ("erp_id",),
    ),
    Into(
        OrderChannel,
        {"order_key": "order_key", "channel": _CHANNEL, "rule": "rule", "decided_at": "%(now)s::timestamptz",
         "session_id": "session_id", "submitted_by": "submitted_by", "impersonator_id": "impersonator_id",
         "quote_id": "quote_id"},
        "(SELECT DISTINCT ON (coalesce(nullif(o.shop_ref, ''), o.order_id))"
        f" coalesce(nullif(o.shop_ref, ''), o.order_id) AS order_key, {_RULE} AS rule, o.* FROM stage_orders o"
        " ORDER BY coalesce(nullif(o.shop_ref, ''), o.order_id), o.entry = 'erp', o.placed_at, o.order_id) d",
        ("order_key",), keep="adoption_orderchannel.rule > 4 AND EXCLUDED.rule <= 4",
    ),
    Into(
        mirror.OrderLine,
        {"order": "o.id", "erp_id": "s.order_id || ':' || s.line_no", "line_no": "s.line_no", "sku": "s.sku",
         "item_type": "s.item_type", "quantity": "s.qty_ordered", "quantity_cancelled": "s.qty_cancelled",
         "net_price": "s.net_price", "list_price": "s.list_price", "unit_cost": "s.unit_cost",
         "promised_on": "s.promised_date", "first_promised_on": "s.promised_date"},
        "stage_order_lines s JOIN erp_sync_order o ON o.erp_id = s.order_id", ("order", "line_no"),
        before=(
            "DELETE FROM erp_sync_orderline l USING erp_sync_order o, stage_orders s"
            " WHERE l.order_id = o.id AND o.erp_id = s.order_id AND NOT EXISTS"
            " (SELECT 1 FROM stage_order_lines t WHERE t.order_id = s.order_id AND t.line_no = l.line_no)",
        ),
    ),
)  # fmt: skip

_DELIVERED = "(SELECT DISTINCT ON (delivery_id) * FROM stage_deliveries ORDER BY delivery_id, order_id, line_no)"
DOCUMENTS = (
    Into(
        mirror.Delivery,
        {"erp_id": "s.delivery_id", "number": "s.delivery_id", "customer_erp_id": "o.customer_erp_id",
         "state": "CASE WHEN s.delivered_date IS NULL THEN 'shipped' ELSE 'delivered' END",
         "shipped_on": "s.shipped_date", "delivered_on": "s.delivered_date", "version": "%(now)s::timestamptz",
         **_MIRROR},
        f"{_DELIVERED} s JOIN erp_sync_order o ON o.erp_id = s.order_id", ("erp_id",),
    ),
    Into(
        mirror.DeliveryLine,
        {"delivery": "d.id", "order_erp_id": "s.order_id", "order_line_erp_id": "s.order_id || ':' || s.line_no",
         "quantity": "s.qty"},
        "stage_deliveries s JOIN erp_sync_delivery d ON d.erp_id = s.delivery_id",
        before=(
            "DELETE FROM erp_sync_deliveryline l USING erp_sync_delivery d, stage_deliveries s"
            " WHERE l.delivery_id = d.id AND d.erp_id = s.delivery_id",
        ),
    ),
    Into(
        mirror.Invoice,
        {"erp_id": "s.invoice_id", "number": "s.invoice_id", "customer_erp_id": "s.account_id", "kind": "s.kind",
         "state": "CASE WHEN s.paid_at IS NULL THEN 'open' ELSE 'paid' END", "invoiced_on": "s.invoice_date",
         "paid_on": f"(s.paid_at AT TIME ZONE {_ZONE})::date", "paid_at": "s.paid_at", "currency": "s.currency",
         "untaxed_total": "s.total", "tax_total": "0", "total": "s.total",
         "amount_due": "CASE WHEN s.paid_at IS NULL THEN s.total ELSE 0 END",
         "order_numbers": "CASE s.order_id WHEN '' THEN ARRAY[]::varchar[] ELSE ARRAY[s.order_id]::varchar[] END",
         "version": "%(now)s::timestamptz", **_MIRROR},
        "stage_invoices s", ("erp_id",),
    ),
    Into(
        mirror.InvoiceLine,
        {"invoice": "i.id", "erp_id": "s.invoice_id || ':' || s.line_no", "line_no": "s.line_no",
         "item_type": "s.item_type", "quantity": "s.qty", "net_price": "s.net_price", "list_price": "s.list_price",
         "unit_cost": "s.unit_cost", "amount": "round(s.qty * s.net_price, 2)", "order_erp_id": "s.order_id",
         "order_line_erp_id": "CASE WHEN s.order_id = '' OR s.order_line_no = '' THEN ''"
                              " ELSE s.order_id || ':' || s.order_line_no END"},
        "stage_invoice_lines s JOIN erp_sync_invoice i ON i.erp_id = s.invoice_id",
        before=(
            "DELETE FROM erp_sync_invoiceline l USING erp_sync_invoice i WHERE l.invoice_id = i.id AND"
            " (EXISTS (SELECT 1 FROM stage_invoices s WHERE s.invoice_id = i.erp_id)"
            " OR EXISTS (SELECT 1 FROM stage_invoice_lines s WHERE s.invoice_id = i.erp_id AND s.line_no = l.line_no))",
        ),
    ),
    Into(
        mirror.Payment,
        {"erp_id": "s.payment_id", "customer_erp_id": "i.customer_erp_id", "invoice_erp_id": "s.invoice_id",
         "paid_on": f"(s.paid_at AT TIME ZONE {_ZONE})::date", "paid_at": "s.paid_at", "amount": "s.amount",
         "currency": "s.currency", "via": "s.via", "state": "s.status", "version": "s.paid_at", **_MIRROR},
        "stage_payments s JOIN erp_sync_invoice i ON i.erp_id = s.invoice_id", ("erp_id",),
    ),
)  # fmt: skip

OTHERS = (
    Into(
        Event,
        {**_same("event_id", "occurred_at", "kind", "session_id", "account_id", "user_id", "actor", "impersonator_id"),
         **_same("object_type", "object_id", "props")},
        "stage_events s", ("event_id",),
    ),
    Into(
        QuoteFact,
        {**_same("quote_id", "account_id", "requested_at", "requested_by", "first_response_at", "status"),
         "decided_at": "s.decided_at", "order_key": "s.order_id"},
        "stage_quotes s", ("quote_id",),
    ),
    Into(Enquiry, _same("enquiry_id", "account_id", "occurred_at", "medium", "topic", "intent"),
         "stage_enquiries s", ("enquiry_id",)),
    Into(Lead, _same("lead_id", "created_at", "source", "identity_key", "account_id"), "stage_leads s", ("lead_id",)),
    Into(
        Cost,
        {"occurred_on": "s.date", "channel": "s.channel", "kind": "s.kind", "amount": "sum(s.amount)",
         "currency": "s.currency"},
        "stage_costs s GROUP BY s.date, s.channel, s.kind, s.currency",
        ("occurred_on", "channel", "kind", "currency"),
    ),
    Into(Plan, _same("year", "metric", "scope", "amount"), "stage_plans s", ("year", "metric", "scope")),
    Into(
        Goal,
        {**_same("goal_id", "metric", "baseline", "target"), "start_on": "s.start", "due_on": "s.due"},
        "stage_goals s", ("goal_id",),
    ),
    Into(ExchangeRate, {"currency": "s.currency", "since_on": "s.date", "rate": "s.rate"}, "stage_fx s",
         ("currency", "since_on")),
    Into(
        OpeningInterval,
        {"calendar": "s.calendar", "weekday": "s.weekday", "opens": "s.open", "closes": "s.close"}, "stage_calendars s",
        before=("DELETE FROM adoption_openinginterval WHERE calendar IN (SELECT calendar FROM stage_calendars)",),
    ),
    Into(
        Holiday, {"calendar": "s.calendar", "day": "s.date", "name": "string_agg(s.name, ', ' ORDER BY s.name)"},
        "stage_holidays s GROUP BY s.calendar, s.date", ("calendar", "day"),
    ),
)  # fmt: skip


def write(now: dt.datetime, say: Callable[[str], None]) -> None:
    """Fill all tables."""
    for into in (*ACCOUNTS, *ORDERS, *DOCUMENTS, *OTHERS):
        count = run(into, now)
        if count:
            say(f"wrote {count:,} {into.model._meta.verbose_name_plural}")


def write_book(  # what a data set says about itself
    *, timezone: str, currency: str, calendar: str, as_of: str, span: Mapping[str, str], source: str, now: dt.datetime
) -> None:
    """Remember whose facts these are."""
    CompanyBook.objects.update_or_create(
        pk=1,
        defaults={
            "timezone": timezone, "currency": currency, "calendar": calendar,
            "as_of": dt.datetime.fromisoformat(as_of), "span": dict(span), "source": source[:200],
            "imported_at": now,
        },
    )  # fmt: skip
