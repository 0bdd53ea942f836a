"""Brings the facts together that the metrics are computed from: mirror of the ERP, events, companies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Eligibility, SoldTo
from adoption.events.channels import decide_new
from adoption.events.models import Event as EventRow
from adoption.events.models import OrderChannel
from adoption.metrics.facts import Account, Book, Calendar, Event, Invoice, OrderLine, OrderRow, Payment
from erp_sync.mirror.models import Invoice as MirrorInvoice
from erp_sync.mirror.models import Order as MirrorOrder
from erp_sync.mirror.models import OrderLine as MirrorLine
from erp_sync.mirror.models import Payment as MirrorPayment

# What this version's metrics look at; product views and the like stay where they are.
KINDS = ("login", "order_tracked", "invoice_searched")
DRAFTS = ("draft", "quotation")


def book(*, as_of: dt.datetime) -> Book:
    """Return everything known before `as_of`: nine queries, whatever the period."""
    decide_new(now=as_of)
    accounts = _accounts(as_of)
    rows = _orders(as_of)
    return Book(
        as_of=as_of,
        timezone=settings.COMPANY_TZ,
        currency=settings.COMPANY_CURRENCY,
        calendar=settings.COMPANY_CALENDAR,
        accounts=accounts,
        rows=rows,
        events=_events(as_of),
        invoices=_invoices(),
        payments=_payments(),
        calendars=_calendars({one.calendar for one in accounts.values()} | {settings.COMPANY_CALENDAR}, rows, as_of),
    )


def _accounts(as_of: dt.datetime) -> dict[str, Account]:
    today = as_of.astimezone(ZoneInfo(settings.COMPANY_TZ)).date()
    spans: dict[int, list[Eligibility]] = {}
    for row in Eligibility.objects.order_by("from_on"):
        spans.setdefault(row.sold_to_id, []).append(row)
    return {one.erp_id: _account(one, spans.get(one.pk, []), today) for one in SoldTo.objects.all()}


def _account(company: SoldTo, ledger: list[Eligibility], today: dt.date) -> Account:
    excluded = [one for one in ledger if not one.can_buy and one.from_on <= today and not _is_over(one, today)]
    return Account(
        account_id=company.erp_id,
        name=company.name,
        is_test=company.is_test,
        is_strategic=company.is_strategic,
        enabled=tuple((one.from_on, one.to_on) for one in ledger if one.can_buy),
        timezone=company.timezone,
        calendar=company.calendar,
        exclusion=excluded[0].reason if excluded else "",
    )


def _is_over(entry: Eligibility, today: dt.date) -> bool:
    return entry.to_on is not None and entry.to_on < today


def _orders(as_of: dt.datetime) -> list[OrderRow]:
    lines: dict[int, list[OrderLine]] = {}
    fields = ("order_id", "item_type", "quantity", "quantity_cancelled", "net_price", "sku")
    for order_id, kind, quantity, cancelled, price, sku in MirrorLine.objects.values_list(*fields).iterator():
        lines.setdefault(order_id, []).append(OrderLine(kind, quantity, cancelled, price, sku))
    channels = dict(OrderChannel.objects.values_list("order_key", "channel"))
    wanted = MirrorOrder.objects.filter(gone_at=None, is_return=False, placed_at__lt=as_of).exclude(status__in=DRAFTS)
    return [_order(row, lines.get(row.pk, []), channels) for row in wanted.iterator()]


def _order(row: MirrorOrder, lines: Iterable[OrderLine], channels: dict[str, str]) -> OrderRow:
    return OrderRow(
        order_id=row.erp_id,
        shop_ref=row.web_reference,
        account_id=row.customer_erp_id,
        channel=channels.get(row.web_reference or row.erp_id, "erp_other"),
        placed_at=row.placed_at,
        status=row.status,
        currency=row.currency,
        lines=tuple(lines),
        time_known=row.time_known,
        from_shop=bool(row.web_reference),
        label=row.number,
    )


def _events(as_of: dt.datetime) -> list[Event]:
    rows = EventRow.objects.filter(kind__in=KINDS, occurred_at__lt=as_of)
    return [
        Event(
            event_id=row.event_id,
            occurred_at=row.occurred_at,
            kind=row.kind,
            actor=row.actor,
            account_id=row.account_id,
            user_id=row.user_id,
            session_id=row.session_id,
            impersonator_id=row.impersonator_id,
            object_id=row.object_id,
            props=row.props,
            is_test=row.is_test,
        )
        for row in rows.iterator()
    ]


def _invoices() -> list[Invoice]:
    rows = MirrorInvoice.objects.filter(gone_at=None).exclude(state="cancelled")
    return [
        Invoice(row.erp_id, row.customer_erp_id, row.kind, row.currency, _paid_at(row.paid_on), row.number)
        for row in rows.iterator()
    ]


def _payments() -> list[Payment]:
    rows = MirrorPayment.objects.filter(gone_at=None)
    return [
        Payment(row.invoice_erp_id, _midnight(row.paid_on), row.amount, row.currency, row.via, row.state)
        for row in rows.iterator()
    ]


def _midnight(day: dt.date) -> dt.datetime:
    """Return the company's midnight of a day that the ERP knows without a time (C3)."""
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(settings.COMPANY_TZ))


def _paid_at(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else _midnight(day)


def _calendars(codes: set[str], rows: list[OrderRow], as_of: dt.datetime) -> dict[str, Calendar]:
    """Return opening hours and public holidays by calendar code; a code without known holidays has none."""
    first = min((row.placed_at.year for row in rows), default=as_of.year)
    years = range(first - 1, as_of.year + 2)
    hours = {
        day: tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in spans)
        for day, spans in settings.OPENING_HOURS.items()
    }
    import holidays  # 9 MiB, which no web worker needs before somebody opens a report

    known = holidays.list_supported_countries()
    return {
        code: Calendar(hours, frozenset(holidays.country_holidays(code, years=years)) if code in known else frozenset())
        for code in codes
        if code
    }
