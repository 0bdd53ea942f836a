"""Small facts for tests of the metrics: say only what matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from adoption.metrics.facts import (
    Account,
    Book,
    Calendar,
    Event,
    Invoice,
    InvoiceLine,
    OrderLine,
    OrderRow,
    Period,
)

WEEKDAYS = {day: ((dt.time(9), dt.time(18)),) for day in range(1, 6)}
OPEN = Calendar(WEEKDAYS)


def at(text: str) -> dt.datetime:
    """An instant; UTC unless it says otherwise."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days(first: str, last: str) -> Period:
    return Period(day(first), day(last))


def account(key: str = "A1", *, since: str | None = "2020-01-01", until: str | None = None, **more: Any) -> Account:
    """A customer that can buy online since a day, or never (None)."""
    span = ((day(since), day(until) if until else None),) if since else ()
    return Account(account_id=key, enabled=span, **more)


def line(quantity: str | int = 1, price: str | int = 10, *, cancelled: str | int = 0, **more: Any) -> OrderLine:
    return OrderLine(
        more.pop("kind", "goods"), Decimal(quantity), Decimal(cancelled), Decimal(price), line_no="1", **more
    )


def order(key: str, when: str, channel: str = "web_self", *lines: OrderLine, **more: Any) -> OrderRow:
    """An order of A1, completed, worth 10.00 unless told otherwise."""
    given: dict[str, Any] = {
        "shop_ref": "",
        "account_id": "A1",
        "status": "completed",
        "currency": "EUR",
        "from_shop": channel in ("web_self", "web_assisted", "punchout"),
    }
    return OrderRow(order_id=key, channel=channel, placed_at=at(when), lines=lines or (line(),), **{**given, **more})


def event(key: str, when: str, kind: str, **more: Any) -> Event:
    """Buyer U1 of A1 does something in session S1."""
    given = {"actor": "buyer", "account_id": "A1", "user_id": "U1", "session_id": "S1"}
    return Event(event_id=key, occurred_at=at(when), kind=kind, **{**given, **more})


def invoice(key: str, on: str, amount: str, *, order_id: str = "", kind: str = "invoice", **more: Any) -> Invoice:
    """A document with one line of goods at this price, cost 6."""
    cost = more.pop("unit_cost", Decimal(6))
    own = InvoiceLine("goods", Decimal(1), Decimal(amount), Decimal(amount), cost, order_id=order_id, line_no="1")
    given = {"account_id": "A1", "currency": "EUR", "order_id": order_id, "invoiced_on": day(on), "lines": (own,)}
    return Invoice(invoice_id=key, kind=kind, **{**given, **more})


def book(
    rows: Iterable[OrderRow] = (), *, as_of: str = "2025-01-01T00:00+01:00", zone: str = "Europe/Madrid", **more: Any
) -> Book:
    """The book of a company in Madrid that opens on weekdays from 9 to 18, with customer A1."""
    accounts = more.pop("accounts", [account()])
    given: dict[str, Any] = {"currency": "EUR", "calendar": "HQ", "calendars": {"HQ": OPEN}}
    return Book(
        as_of=at(as_of),
        timezone=zone,
        accounts={one.account_id: one for one in accounts},
        rows=list(rows),
        **{**given, **more},
    )
