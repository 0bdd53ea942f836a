"""Canonical files into the database: all or nothing, again changes nothing, any order, what is wrong is named."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Eligibility, User
from adoption import facts
from adoption.books.models import CompanyBook
from adoption.events.models import Event, OrderChannel
from adoption.imports import reading
from adoption.imports.errors import BadFiles
from adoption.imports.services import Report, import_source
from adoption.metrics.facts import Book, Period
from adoption.metrics.finance import finance
from erp_sync.mirror.models import Order, OrderLine
from tests.adoption import canonical

pytestmark = pytest.mark.django_db

TINY = canonical.TINY
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
# What an import says of itself, and keys that the database gives.
ITS_OWN = {"synced_at", "version", "date_joined", "created_at", "decided_at", "imported_at", "id"}


def load(folder: Path = TINY) -> Report:
    return import_source(source=reading.folder(folder), now=NOW, say=lambda _text: None)


def stored() -> Book:
    own = facts.company()
    assert own.as_of is not None
    return facts.book(as_of=own.as_of)


def snapshot() -> dict[str, list[str]]:
    """Every row of every table that an import writes, without its keys and without when it came."""
    names = ("soldto", "eligibility", "user", "membership", "repassignment")
    models = [apps.get_model("accounts", name) for name in names]
    models += [*apps.get_app_config("adoption").get_models(), *apps.get_app_config("erp_sync").get_models()]
    found = {}
    for model in models:
        if model._meta.proxy:
            continue
        columns = [f.attname for f in model._meta.concrete_fields if f.name not in ITS_OWN and not f.is_relation]
        if columns:
            found[model._meta.label] = sorted(str(row) for row in model._default_manager.values_list(*columns))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "canonical_tiny"
    shutil.copytree(TINY, target)
    return target


def change(place: Path, edit: Callable[[list[list[str]]], list[list[str]]]) -> None:
    with place.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with place.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(edit(rows))


def set_cell(place: Path, line: int, column: str, value: str) -> None:
    def edit(rows: list[list[str]]) -> list[list[str]]:
        rows[line - 1][rows[0].index(column)] = value
        return rows

    change(place, edit)


def refusal(folder: Path) -> str:
    with pytest.raises(BadFiles) as caught:
        load(folder)
    return str(caught.value)


def test_the_stored_book_is_the_book_of_the_files() -> None:
    load()
    mine, theirs = stored(), canonical.read(TINY)
    for name in ("timezone", "currency", "calendar", "as_of", "calendars"):
        assert getattr(mine, name) == getattr(theirs, name), name
    assert [order.key for order in mine.orders] == [order.key for order in theirs.orders]
    for ours, given in zip(mine.orders, theirs.orders, strict=True):
        for field in ("account_id", "channel", "placed_at", "placed_on", "time_known", "value", "units", "session_id"):
            assert getattr(ours, field) == getattr(given, field), (given.key, field)
    for kind in facts.KINDS:
        assert [one.event_id for one in mine.events_of(kind)] == [one.event_id for one in theirs.events_of(kind)], kind
    assert sorted((one.order_id, one.line_no, one.quantity, str(one.done_on)) for one in mine.deliveries) == sorted(
        (one.order_id, one.line_no, one.quantity, str(one.done_on)) for one in theirs.deliveries
    )


def test_importing_twice_changes_nothing() -> None:
    load()
    before = snapshot()
    assert load().repeated["events"] == 1
    assert snapshot() == before


def test_order_and_repetition_of_rows_change_nothing(folder: Path) -> None:
    load()
    before = snapshot()
    for model in (Order, OrderLine, Event, OrderChannel, Eligibility):
        model._default_manager.all().delete()
    draw = random.Random(7)  # noqa: S311 not a secret
    for place in folder.glob("*.csv"):

        def mix(rows: list[list[str]]) -> list[list[str]]:
            body = [*rows[1:], *draw.sample(rows[1:], k=min(3, len(rows) - 1))]
            draw.shuffle(body)
            return [rows[0], *body]

        change(place, mix)
    report = load(folder)
    assert report.repeated["orders"] == 3
    assert snapshot() == before


def test_order_of_columns_and_packing_change_nothing(folder: Path) -> None:
    load()
    before = snapshot()
    change(folder / "orders.csv", lambda rows: [[*row[::-1], "x"] for row in rows])
    packed = (folder / "events.csv").read_bytes()
    with gzip.open(folder / "events.csv.gz", "wb") as file:
        file.write(b"\xef\xbb\xbf" + packed)
    (folder / "events.csv").unlink()
    load(folder)
    assert snapshot() == before


def test_the_latest_import_of_a_fact_wins(folder: Path) -> None:
    load()
    set_cell(folder / "orders.csv", 2, "status", "cancelled")
    change(folder / "order_lines.csv", lambda rows: [row for row in rows if row[0] != "O02"])
    load(folder)
    assert Order.objects.get(erp_id="O01").status == "cancelled"
    assert not OrderLine.objects.filter(order__erp_id="O02").exists()


def test_a_channel_stays_as_it_was_first_decided(folder: Path) -> None:
    load()
    set_cell(folder / "orders.csv", 2, "erp_source", "email")
    load(folder)
    assert OrderChannel.objects.get(order_key="O01").channel == "phone"


WRONG: list[tuple[str, int, str, str, str]] = [
    ("orders", 3, "placed_at", "2024-06-03 08:00:00", "no time zone"),
    ("orders", 3, "placed_at", "03.06.2024", "no instant"),
    ("orders", 3, "account_id", "A99", "'A99' is not in accounts.csv"),
    ("orders", 3, "status", "done", "none of draft, open"),
    ("orders", 3, "currency", "euro", "no currency"),
    ("orders", 3, "currency", "", "empty"),
    ("order_lines", 2, "qty_ordered", "-1", "less than 0"),
    ("order_lines", 2, "qty_ordered", "1,5", "no number"),
    ("order_lines", 2, "qty_ordered", "NaN", "no number"),
    ("order_lines", 2, "qty_cancelled", "11", "more was cancelled"),
    ("order_lines", 2, "order_id", "O77", "'O77' is not in orders.csv"),
    ("order_lines", 2, "promised_date", "2024-02-30", "not in the calendar"),
    ("order_lines", 2, "item_type", "thing", "none of goods"),
    ("invoice_lines", 2, "qty", "-3", "less than 0"),
    ("deliveries", 2, "qty", "-3", "less than 0"),
    ("deliveries", 2, "line_no", "9", "is not in order_lines.csv"),
    ("accounts", 2, "timezone", "Europe/Madird", "no time zone"),
    ("accounts", 2, "online_enabled_to", "2020-01-01", "ends before it begins"),
    ("accounts", 2, "strategic", "yes", "neither 0 nor 1"),
    ("events", 2, "props", "{source", "no JSON object"),
    ("fx", 2, "rate", "0", "not more than 0"),
    ("calendars", 2, "close", "08:00", "closes before it opens"),
    ("calendars", 2, "weekday", "8", "whole number from 1 to 7"),
    ("goals", 2, "due", "2024-01-01", "due before it begins"),
    ("enquiries", 2, "medium", "pigeon", "none of phone"),
    ("plans", 2, "amount", "-5", "less than 0"),
    ("quotes", 2, "first_response_at", "2020-01-01T00:00:00Z", "answered before it was asked"),
]


@pytest.mark.parametrize(("file", "line", "column", "value", "reason"), WRONG)
def test_a_bad_row_is_named_and_nothing_is_imported(
    folder: Path, file: str, line: int, column: str, value: str, reason: str
) -> None:
    set_cell(folder / f"{file}.csv", line, column, value)
    text = refusal(folder)
    assert f"{file}.csv, line {line}, column {column}: " in text
    assert reason in text
    assert not Order.objects.exists()
    assert not User.objects.exists()
    assert not CompanyBook.objects.exists()


def test_a_bad_file_leaves_what_was_there(folder: Path) -> None:
    load()
    before = snapshot()
    set_cell(folder / "payments.csv", 2, "amount", "many")
    set_cell(folder / "orders.csv", 2, "status", "cancelled")
    assert refusal(folder).startswith("payments.csv, line 2, column amount: 'many' is no number")
    assert snapshot() == before


def test_two_versions_of_a_fact_in_one_file_are_refused(folder: Path) -> None:
    change(folder / "orders.csv", lambda rows: [*rows, [*rows[1][:-1], "1"]])
    assert "orders.csv, line 18, column order_id: line 2 says something else" in refusal(folder)


def test_many_problems_are_counted(folder: Path) -> None:
    def spoil(rows: list[list[str]]) -> list[list[str]]:
        return [rows[0], *([*row[:1], "when", *row[2:]] for row in rows[1:])]

    change(folder / "events.csv", spoil)
    text = refusal(folder)
    assert text.count("events.csv, line ") == 20
    assert text.endswith("and 8 more")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("order_id;status\n", "the columns shop_ref, account_id"),
        ("order_id,sku\nO01,X\n", "line 1, column shop_ref: the columns shop_ref, "),
        ("", "the columns order_id"),
    ],
)
def test_wrong_columns_are_named(folder: Path, content: str, reason: str) -> None:
    (folder / "orders.csv").write_text(content, encoding="utf-8")
    if ";" in content:
        reason = "must be separated by commas"
    assert reason in refusal(folder)


def test_a_row_with_too_few_cells_is_named(folder: Path) -> None:
    change(folder / "fx.csv", lambda rows: [*rows, ["MXN", "2024-12-01"]])
    assert "fx.csv, line 5: it has 2 cells, 3 were expected" in refusal(folder)


@pytest.mark.parametrize(("encoding", "reason"), [("latin-1", "not UTF-8"), ("utf-16", "written in UTF-16")])
def test_another_encoding_is_named(folder: Path, encoding: str, reason: str) -> None:
    place = folder / "accounts.csv"
    place.write_bytes(place.read_text(encoding="utf-8").replace("Uno", "Úno").encode(encoding))
    assert reason in refusal(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "meta.json: it is missing"),
        ("{", "no JSON text"),
        ('{"company_tz": "Madrid", "company_currency": "EUR", "company_calendar": "ES", "as_of": "x"}', "no time zone"),
        ('{"company_tz": "UTC", "company_currency": "EUR", "company_calendar": "ES"}', "column as_of: it is missing"),
    ],
)
def test_a_wrong_meta_is_named(folder: Path, content: str | None, reason: str) -> None:
    place = folder / "meta.json"
    place.unlink() if content is None else place.write_text(content, encoding="utf-8")
    assert reason in refusal(folder)


def test_orders_without_a_rate_are_told(folder: Path) -> None:
    change(folder / "fx.csv", lambda rows: rows[:1])
    assert "orders in MXN have no exchange rate" in " ".join(load(folder).notes)
    assert sum(order.value is None for order in stored().orders) > 0


def test_an_absent_file_is_told(folder: Path) -> None:
    (folder / "leads.csv").unlink()
    assert "leads.csv" in " ".join(load(folder).notes)


def test_the_command_says_what_came_in_and_what_is_wrong(folder: Path) -> None:
    out = StringIO()
    call_command("import_canonical", str(folder), stdout=out, stderr=StringIO())
    assert "events                 28 rows, 1 of them repeated" in out.getvalue()
    set_cell(folder / "orders.csv", 2, "status", "gone")
    with pytest.raises(CommandError, match=r"Nothing was imported.\norders.csv, line 2, column status"):
        call_command("import_canonical", str(folder), stdout=out, stderr=StringIO())
    with pytest.raises(CommandError, match="there is no such folder"):
        call_command("import_canonical", str(folder / "nowhere"), stdout=out, stderr=StringIO())


def test_reports_follow_the_imported_company() -> None:
    load()
    own = facts.company()
    meta = json.loads((TINY / "meta.json").read_text(encoding="utf-8"))
    assert (own.timezone, own.currency, own.calendar) == (
        meta["company_tz"], meta["company_currency"], meta["company_calendar"],
    )  # fmt: skip
    assert own.instant(NOW) == dt.datetime.fromisoformat(meta["as_of"])


def test_a_book_takes_the_same_questions_whatever_is_in_it(django_assert_max_num_queries: Any) -> None:
    load()
    with django_assert_max_num_queries(32):
        stored()
    assert {f.name for f in fields(Book)} >= {"deliveries", "quotes", "leads"}


def test_orders_without_their_lines_add_up_to_the_same() -> None:
    load()
    own = facts.company()
    assert own.as_of is not None
    short = facts.book(as_of=own.as_of, with_lines=False)
    full = stored()
    assert max(len(row.lines) for row in short.rows) == 2
    assert [(one.key, one.value, one.units, one.is_counted) for one in short.all_orders] == [
        (one.key, one.value, one.units, one.is_counted) for one in full.all_orders
    ]
    year = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert finance(short, year).demand == finance(full, year).demand > 0


def test_nothing_temporary_remains() -> None:
    load()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = 'twice'")
        assert cursor.fetchone() == (0,)
