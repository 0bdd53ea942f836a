"""Reads the practice data set of the definitions into a book, for tests of the metrics."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from adoption.metrics import channel
from adoption.metrics.facts import Account, Book, Calendar, Event, Invoice, OrderLine, OrderRow, Payment, Settings

TINY = Path(__file__).resolve().parent.parent / "data" / "canonical_tiny"


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def read(folder: Path = TINY, settings: Settings | None = None) -> Book:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    users = {row["user_id"]: row for row in rows(folder, "users")}
    accounts = {row["account_id"]: _account(row) for row in rows(folder, "accounts")}
    lines: dict[str, list[OrderLine]] = {}
    for row in rows(folder, "order_lines"):
        lines.setdefault(row["order_id"], []).append(_line(row))
    rates: dict[str, list[tuple[dt.date, Decimal]]] = {}
    for row in rows(folder, "fx"):
        rates.setdefault(row["currency"], []).append((dt.date.fromisoformat(row["date"]), Decimal(row["rate"])))
    return Book(
        as_of=instant(meta["as_of"]),
        timezone=meta["company_tz"],
        currency=meta["company_currency"],
        calendar=meta["company_calendar"],
        accounts=accounts,
        rows=[_order(row, tuple(lines.get(row["order_id"], ())), users) for row in rows(folder, "orders")],
        events=[_event(row, users) for row in rows(folder, "events")],
        invoices=[_invoice(row) for row in rows(folder, "invoices")],
        payments=[_payment(row) for row in rows(folder, "payments")],
        calendars=_calendars(folder),
        rates={currency: sorted(found) for currency, found in rates.items()},
        settings=settings or Settings(),
    )


def _account(row: dict[str, str]) -> Account:
    start, end = row["online_enabled_from"], row["online_enabled_to"]
    span = (dt.date.fromisoformat(start), dt.date.fromisoformat(end) if end else None) if start else None
    return Account(
        account_id=row["account_id"],
        name=row["name"],
        is_test=row["is_test"] == "1",
        is_strategic=row["strategic"] == "1",
        enabled=(span,) if span else (),
        timezone=row["timezone"],
        calendar=row["calendar"],
    )


def _line(row: dict[str, str]) -> OrderLine:
    return OrderLine(
        item_type=row["item_type"],
        ordered=Decimal(row["qty_ordered"]),
        cancelled=Decimal(row["qty_cancelled"] or 0),
        net_price=Decimal(row["net_price"]),
        sku=row["sku"],
    )


def _order(row: dict[str, str], lines: tuple[OrderLine, ...], users: dict[str, dict[str, str]]) -> OrderRow:
    from_shop = row["entry"] == "shop"
    decided = (
        channel.of_shop_order(
            is_assisted=bool(row["impersonator_id"]),
            submitted_by_buyer=users.get(row["submitted_by"], {}).get("role") == "buyer",
            via_punchout=row["via"] == "punchout",
        )
        if from_shop
        else channel.of_erp_order(row["erp_source"])
    )
    is_test_user = users.get(row["submitted_by"], {}).get("is_test") == "1"
    return OrderRow(
        order_id=row["order_id"],
        shop_ref=row["shop_ref"],
        account_id=row["account_id"],
        channel=decided.channel,
        placed_at=instant(row["placed_at"]),
        status=row["status"],
        currency=row["currency"],
        lines=lines,
        time_known=row["time_known"] == "1",
        session_id=row["session_id"],
        from_shop=from_shop,
        is_test=row["is_test"] == "1" or is_test_user,
    )


def _event(row: dict[str, str], users: dict[str, dict[str, str]]) -> Event:
    return Event(
        event_id=row["event_id"],
        occurred_at=instant(row["occurred_at"]),
        kind=row["kind"],
        actor=row["actor"],
        account_id=row["account_id"],
        user_id=row["user_id"],
        session_id=row["session_id"],
        impersonator_id=row["impersonator_id"],
        object_id=row["object_id"],
        props=json.loads(row["props"]) if row["props"] else {},
        is_test=users.get(row["user_id"], {}).get("is_test") == "1",
    )


def _invoice(row: dict[str, str]) -> Invoice:
    return Invoice(
        invoice_id=row["invoice_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        currency=row["currency"],
        paid_at=instant(row["paid_at"]) if row["paid_at"] else None,
    )


def _payment(row: dict[str, str]) -> Payment:
    return Payment(
        invoice_id=row["invoice_id"],
        paid_at=instant(row["paid_at"]),
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        via=row["via"],
        status=row["status"],
    )


def _calendars(folder: Path) -> dict[str, Calendar]:
    hours: dict[str, dict[int, list[tuple[dt.time, dt.time]]]] = {}
    for row in rows(folder, "calendars"):
        span = dt.time.fromisoformat(row["open"]), dt.time.fromisoformat(row["close"])
        hours.setdefault(row["calendar"], {}).setdefault(int(row["weekday"]), []).append(span)
    holidays: dict[str, set[dt.date]] = {}
    for row in rows(folder, "holidays"):
        holidays.setdefault(row["calendar"], set()).add(dt.date.fromisoformat(row["date"]))
    return {
        name: Calendar(
            {day: tuple(sorted(spans)) for day, spans in hours.get(name, {}).items()},
            frozenset(holidays.get(name, ())),
        )
        for name in {*hours, *holidays}
    }
