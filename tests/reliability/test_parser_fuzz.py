"""Whatever somebody pastes or sends, only declared errors come out, soon, and no line is lost (parser_fuzz).

FUZZ_EXAMPLES sets how much is tried; some seconds here, minutes before a release.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sheets.reading import Unreadable, read_xlsx
from shop.errors import BadNumber
from shop.money.parsing import parse_decimal
from shop.payments.errors import ProviderUnavailable, WebhookRefused
from shop.payments.providers.base import signed
from shop.payments.providers.fake import HEADER, FakeProvider
from shop.payments.providers.stripe import Stripe
from shop.quick import parsing
from shop.quick.parsing import Parsed, cleaned, read_text
from shop.quick.reading import FileRefused, read_file

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

PIECES = st.sampled_from(
    ["TOR-0440-ZN", "10", "1.234,5", "1,234.5", "9" * 40, "=2*3", "\u202eTOR\u202c", "x", "\u00d7", "uds", '1/2"', '"',
     "'", ",", ";", "\t", "|", " ", "\n", "\r\n", "\u2028", "\x00", "-5", "\u0663", "SKU", "Cantidad", "quantidade",
     "NaN", "1e400", ">", "- "]
)  # fmt: skip
HEADS = ("sku", "cantidad", "quantidade", "item", "ref", "cod", "name", "nom", "desc")
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=60).map("".join)


def lines_of(text: str) -> int:
    """Return how many lines hold more than separators."""
    return sum(1 for line in cleaned(text).split("\n") if line.strip(" \t,;|-_=*>"))


def check_text(text: str, read: Callable[..., Parsed] = read_text) -> None:
    """Every line that says something is a row, a head, or left over; its parts fit their columns."""
    parsed = read(text, most=20)
    rows, left = len(parsed.rows), lines_of(parsed.leftover)
    heads = lines_of(text) - rows - left
    assert 0 <= heads <= sum(1 for line in cleaned(text).split("\n") if _may_be_head(line))
    assert [row.row for row in parsed.rows] == sorted({row.row for row in parsed.rows})
    assert all(len(row.item) <= parsing.LONGEST_ITEM and len(row.quantity) <= 60 for row in parsed.rows)
    for row in parsed.rows:
        check_number(row.quantity)


def _may_be_head(line: str) -> bool:
    folded = line.casefold()
    return any(
        word in folded for word in ("sku", "cantidad", "quantidade", "item", "ref", "cod", "name", "nom", "desc")
    )


def check_number(text: str) -> None:
    for language in ("en", "es"):
        try:
            number = parse_decimal(text, language)
        except BadNumber:
            continue
        assert isinstance(number, Decimal)
        assert number.is_finite()
        assert abs(number) < Decimal(10) ** 12


@fuzzed
@given(TEXTS)
def test_any_pasted_text_becomes_rows(text: str) -> None:
    check_text(text)


@fuzzed
@given(st.text(max_size=60))
def test_any_quantity_is_a_number_or_told_why_not(text: str) -> None:
    check_number(text)


@fuzzed
@given(st.one_of(st.binary(max_size=400), TEXTS.map(lambda text: text.encode("utf-8", "replace"))))
def test_any_file_is_read_or_refused_in_a_sentence(data: bytes) -> None:
    with contextlib.suppress(FileRefused):
        read_file(SimpleUploadedFile("list.csv", data), language="es", most=50)


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1E+2</v></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>TOR</t></is></c><c r="C2" t="str"><f>1+1</f><v>2</v></c></row>'
    "</sheetData></worksheet>"
)
STRINGS = "<sst><si><t>TOR-1</t></si><si><r><t>a</t></r><rPh><t>b</t></rPh></si></sst>"


def workbook(sheet: bytes, strings: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", sheet)
        book.writestr("xl/sharedStrings.xml", strings)
    return made.getvalue()


def test_a_whole_workbook_is_read() -> None:
    rows = read_xlsx(workbook(SHEET.encode(), STRINGS.encode()), most_rows=9)
    assert rows == [(1, ["TOR-1", Decimal(100)]), (2, ["TOR", "", "2"])]


@fuzzed
@given(st.data())
def test_any_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    parts = [bytearray(SHEET.encode()), bytearray(STRINGS.encode())]
    for _change in range(data.draw(st.integers(1, 6))):
        part = parts[data.draw(st.integers(0, 1))]
        at = data.draw(st.integers(0, len(part) - 1))
        part[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"9" * 50, b"1E999999", b"NaN", b"&amp;", b"ZZZ9"]))
        )
    book = bytearray(workbook(bytes(parts[0]), bytes(parts[1])))
    if data.draw(st.booleans()):
        book[data.draw(st.integers(0, len(book) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        rows = read_xlsx(bytes(book), most_rows=9)
    except Unreadable:
        return
    assert all(isinstance(value, str | Decimal) for _number, values in rows for value in values)


KEYS = (
    "id", "type", "data", "object", "client_reference_id", "payment_intent", "amount_total", "currency", "status",
    "payment_status", "account", "standing", "amount", "token", "reference", "livemode", "metadata",
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.sampled_from(["charge", "checkout.session", "captured", "paid", "eur", "100.00", "1e400", "NaN", "-5"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)),
    max_leaves=8,
)  # fmt: skip


def written(value: object) -> bytes:
    return json.dumps(value).encode()


def about(value: object) -> bytes:
    """Return Stripe's message about something."""
    subject = {"object": "checkout.session", "id": "cs_1"} | (value if isinstance(value, dict) else {"status": value})
    return written({"id": "evt_1", "type": "checkout.session.completed", "data": {"object": subject}})


PROVIDERS = (
    (FakeProvider({"webhook_secret": "s"}), HEADER),
    (Stripe({"url": "http://127.0.0.1:9", "secret_key": "sk_test_1", "webhook_secret": "s"}), "Stripe-Signature"),
)


@fuzzed
@given(st.one_of(st.binary(max_size=80), VALUES.map(written), VALUES.map(about)))
def test_any_signed_message_of_a_provider_is_read_or_refused(body: bytes) -> None:
    at = str(int(NOW.timestamp()))
    for provider, header in PROVIDERS:
        headers = {header: f"t={at},v1={signed('s', at.encode() + b'.' + body)}"}
        with contextlib.suppress(WebhookRefused, ProviderUnavailable):
            read = provider.read_webhook(body=body, headers=headers, query={}, now=NOW)
            assert isinstance(read.event_id, str)


@pytest.mark.parametrize("line", ["1" + " " * 900 + "x", "x" * 990, '"' * 990, "1 x " * 240, "a:" * 480, ", " * 490])
def test_no_line_takes_long(line: str) -> None:
    started = time.process_time()
    read_text("\n".join([line] * 100), most=100)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("breaks", ["loses a line", "raises"])
def test_control_a_careless_reader_is_caught(breaks: str) -> None:
    def careless(text: str, *, most: int) -> Parsed:
        if breaks == "raises":
            list(csv.reader(io.StringIO(text), strict=True))
        parsed = read_text(text, most=most)
        return Parsed(tuple(row for row in parsed.rows if "=" not in row.item), parsed.leftover)

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS)
    def tried(text: str) -> None:
        assume(text.strip())
        check_text(text, careless)

    with pytest.raises((AssertionError, csv.Error, ExceptionGroup)):
        tried()
