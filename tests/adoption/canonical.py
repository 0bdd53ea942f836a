"""Reads a data set of the canonical schema into a book, for tests of the metrics."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from adoption.metrics import channel
from adoption.metrics.facts import (
    Account,
    Book,
    Calendar,
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

DATA = Path(__file__).resolve().parent.parent / "data"
TINY = DATA / "canonical_tiny"
DEMO = DATA / "canonical_demo"
KOLKATA = DATA / "canonical_kolkata"
Row = dict[str, str]


def content(folder: Path, name: str) -> str:
    """The text of a file, which may be packed."""
    packed = folder / f"{name}.gz"
    if packed.exists():
        return gzip.decompress(packed.read_bytes()).decode("utf-8")
    return (folder / name).read_text(encoding="utf-8")


def unpacked(folder: Path, target: Path) -> Path:
    """A data set with its packed files unpacked."""
    for place in folder.iterdir():
        plain = target / place.name.removesuffix(".gz")
        plain.write_bytes(gzip.decompress(place.read_bytes()) if place.suffix == ".gz" else place.read_bytes())
    return target


def told(folder: Path, name: str) -> Any:
    return json.loads(content(folder, f"{name}.json"))


def rows(folder: Path, name: str) -> Iterator[Row]:
    yield from csv.DictReader(io.StringIO(content(folder, f"{name}.csv"), newline=""))


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def maybe_instant(text: str) -> dt.datetime | None:
    return instant(text) if text else None


def maybe_day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def maybe_decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def read(folder: Path = TINY, settings: Settings | None = None) -> Book:
    meta = told(folder, "meta")
    users = {row["user_id"]: _user(row) for row in rows(folder, "users")}
    lines = _grouped(folder, "order_lines", "order_id")
    invoice_lines = _grouped(folder, "invoice_lines", "invoice_id")
    rates: dict[str, list[tuple[dt.date, Decimal]]] = {}
    for row in rows(folder, "fx"):
        rates.setdefault(row["currency"], []).append((dt.date.fromisoformat(row["date"]), Decimal(row["rate"])))
    return Book(
        as_of=instant(meta["as_of"]),
        timezone=meta["company_tz"],
        currency=meta["company_currency"],
        calendar=meta["company_calendar"],
        accounts={row["account_id"]: _account(row) for row in rows(folder, "accounts")},
        rows=[_order(row, lines.get(row["order_id"], []), users) for row in rows(folder, "orders")],
        events=[_event(row) for row in rows(folder, "events")],
        invoices=[_invoice(row, invoice_lines.get(row["invoice_id"], [])) for row in rows(folder, "invoices")],
        payments=[_payment(row) for row in rows(folder, "payments")],
        calendars=_calendars(folder),
        rates=rates,
        settings=settings or Settings(),
        users=users,
        deliveries=[_delivery(row) for row in rows(folder, "deliveries")],
        quotes=[_quote(row) for row in rows(folder, "quotes")],
        enquiries=[_enquiry(row) for row in rows(folder, "enquiries")],
        leads=[_lead(row) for row in rows(folder, "leads")],
        costs=[_cost(row) for row in rows(folder, "costs")],
        plans=[
            PlanAmount(int(r["year"]), r["metric"], r["scope"], Decimal(r["amount"])) for r in rows(folder, "plans")
        ],
        goals=[_goal(row) for row in rows(folder, "goals")],
        meta={key: value for key, value in meta.items() if key in ("first_day", "end_exclusive")},
    )


def _grouped(folder: Path, name: str, key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows(folder, name):
        found.setdefault(row[key], []).append(row)
    return found


def _account(row: Row) -> Account:
    start, end = maybe_day(row["online_enabled_from"]), maybe_day(row["online_enabled_to"])
    return Account(
        account_id=row["account_id"],
        name=row["name"],
        is_test=row["is_test"] == "1",
        is_strategic=row["strategic"] == "1",
        enabled=((start, end),) if start else (),
        timezone=row["timezone"],
        calendar=row["calendar"],
        country=row["country"],
        currency=row["currency"],
        rep_user_id=row["rep_user_id"],
    )


def _user(row: Row) -> User:
    return User(row["user_id"], row["account_id"], row["role"], row["is_test"] == "1")


def _line(row: Row) -> OrderLine:
    return OrderLine(
        item_type=row["item_type"],
        ordered=Decimal(row["qty_ordered"]),
        cancelled=Decimal(row["qty_cancelled"] or 0),
        net_price=Decimal(row["net_price"]),
        sku=row["sku"],
        line_no=row["line_no"],
        list_price=maybe_decimal(row["list_price"]),
        unit_cost=maybe_decimal(row["unit_cost"]),
        promised_on=maybe_day(row["promised_date"]),
    )


def _order(row: Row, lines: list[Row], users: dict[str, User]) -> OrderRow:
    submitter = users.get(row["submitted_by"])
    decided = channel.decide(
        entry=row["entry"],
        erp_source=row["erp_source"],
        via=row["via"],
        submitter_role=submitter.role if submitter else "",
        is_impersonated=bool(row["impersonator_id"]),
    )
    return OrderRow(
        order_id=row["order_id"],
        shop_ref=row["shop_ref"],
        account_id=row["account_id"],
        channel=decided.channel,
        placed_at=instant(row["placed_at"]),
        status=row["status"],
        currency=row["currency"],
        lines=tuple({line["line_no"]: _line(line) for line in lines}.values()),
        time_known=row["time_known"] == "1",
        session_id=row["session_id"],
        from_shop=row["entry"] == "shop",
        is_test=row["is_test"] == "1",
        quote_id=row["quote_id"],
        submitted_by=row["submitted_by"],
        impersonator_id=row["impersonator_id"],
        via=row["via"],
    )


def _event(row: Row) -> Event:
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
    )


def _invoice(row: Row, lines: list[Row]) -> Invoice:
    return Invoice(
        invoice_id=row["invoice_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        currency=row["currency"],
        paid_at=maybe_instant(row["paid_at"]),
        order_id=row["order_id"],
        invoiced_on=maybe_day(row["invoice_date"]),
        total=maybe_decimal(row["total"]),
        lines=tuple({line["line_no"]: _invoice_line(line) for line in lines}.values()),
    )


def _invoice_line(row: Row) -> InvoiceLine:
    return InvoiceLine(
        item_type=row["item_type"],
        quantity=Decimal(row["qty"]),
        net_price=Decimal(row["net_price"]),
        list_price=maybe_decimal(row["list_price"]),
        unit_cost=maybe_decimal(row["unit_cost"]),
        order_id=row["order_id"],
        order_line_no=row["order_line_no"],
        line_no=row["line_no"],
    )


def _payment(row: Row) -> Payment:
    return Payment(
        invoice_id=row["invoice_id"],
        paid_at=instant(row["paid_at"]),
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        via=row["via"],
        status=row["status"],
        payment_id=row["payment_id"],
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        delivery_id=row["delivery_id"],
        order_id=row["order_id"],
        line_no=row["line_no"],
        quantity=Decimal(row["qty"]),
        shipped_on=maybe_day(row["shipped_date"]),
        delivered_on=maybe_day(row["delivered_date"]),
    )


def _quote(row: Row) -> Quote:
    return Quote(
        quote_id=row["quote_id"],
        account_id=row["account_id"],
        requested_at=instant(row["requested_at"]),
        requested_by=row["requested_by"],
        first_response_at=maybe_instant(row["first_response_at"]),
        status=row["status"],
        decided_at=maybe_instant(row["decided_at"]),
        order_id=row["order_id"],
    )


def _enquiry(row: Row) -> Enquiry:
    return Enquiry(
        row["enquiry_id"], row["account_id"], instant(row["occurred_at"]), row["medium"], row["topic"], row["intent"]
    )


def _lead(row: Row) -> Lead:
    return Lead(row["lead_id"], instant(row["created_at"]), row["source"], row["identity_key"], row["account_id"])


def _cost(row: Row) -> Cost:
    day = dt.date.fromisoformat(row["date"])
    return Cost(day, row["channel"], row["kind"], Decimal(row["amount"]), row["currency"])


def _goal(row: Row) -> Goal:
    start, due = dt.date.fromisoformat(row["start"]), dt.date.fromisoformat(row["due"])
    return Goal(row["goal_id"], row["metric"], Decimal(row["baseline"]), Decimal(row["target"]), start, due)


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
