"""How ERPNext's answers are read, without a server; what it says here was recorded, or stands in Frappe's source."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.adapters.erpnext.client import in_requests
from erp_sync.adapters.erpnext.faults import Busy, Conflict, Missing, Stale, Taken, failure
from erp_sync.adapters.erpnext.prices import net_price
from erp_sync.adapters.erpnext.setup import Options
from erp_sync.adapters.erpnext.steps import Steps
from erp_sync.adapters.erpnext.totals import Priced, Rounding, totals
from erp_sync.adapters.erpnext.zone import SiteZone
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Answer
from erp_sync.records import Channel
from tests.erp_sync.adapters.erpnext.erpnext_sample import erp_at, line_to
from tests.erp_sync.adapters.erpnext.stub import wholesaler as w
from tests.erp_sync.adapters.erpnext.stub.application import KEY, SECRET, StubErpNext

MADRID = SiteZone(ZoneInfo("Europe/Madrid"))
EVENING = dt.datetime(2026, 11, 21, 21, 40, tzinfo=dt.UTC)


def _answer(status: int, told: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, httpx2.Headers(headers or {}), json.dumps(told).encode() if told is not None else b"")


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (417, {"exc_type": "ValidationError", "exception": "frappe.exceptions.ValidationError: No."}, ErpRejected),
        (417, {"exc_type": "UniqueValidationError"}, Taken),
        (409, {"exc_type": "DuplicateEntryError"}, Taken),
        (404, {"exc_type": "DoesNotExistError"}, Missing),
        (404, None, ErpMisconfigured),
        (403, {"exc_type": "PermissionError"}, ErpMisconfigured),
        (401, {"exc_type": "AuthenticationError"}, ErpMisconfigured),
        (417, {"exc_type": "TimestampMismatchError"}, Stale),
        (417, {"exc_type": "MultiplePricingRuleConflict"}, Conflict),
        (417, {"exc_type": "QueryDeadlockError"}, Busy),
        (500, {"exc_type": "QueryTimeoutError"}, Busy),
        (417, {"exc_type": "DataError", "exception": "x: Field not permitted in query: b2b_key"}, ErpMisconfigured),
        (500, {"exception": "OperationalError: (1054, \"Unknown column 'b2b_key' in 'SELECT'\")"}, ErpMisconfigured),
        (500, {"exc_type": "TypeError", "exc": "Traceback: secret"}, ErpBroken),
        (500, None, ErpUnavailable),
        (418, None, ErpBroken),
    ],
)
def test_an_error_is_told_by_what_to_do_next(status: int, told: Any, kind: type[ErpError]) -> None:
    error = failure("list Item", _answer(status, told))
    assert type(error) is kind
    assert "secret" not in str(error)
    assert getattr(error, "nothing_sent", False) is False


def test_too_many_calls_are_told_with_the_time_to_wait_and_as_never_sent() -> None:
    error = failure("list Item", _answer(429, None, {"Retry-After": "12"}))
    assert isinstance(error, Busy)
    assert error.nothing_sent
    assert "12 s" in str(error)


def test_the_words_for_people_come_out_of_json_in_json_and_lose_their_markup() -> None:
    first = {"message": "Item <strong>A&amp;B</strong> is <a href='http://erp/x'>closed</a>.<br>Ask <b>us</b>."}
    told = {
        "exc_type": "ValidationError",
        "exc": "Traceback: secret",
        "exception": "frappe.exceptions.ValidationError: other words",
        "_server_messages": json.dumps([json.dumps(first), json.dumps(first), "plain words"]),
    }
    error = failure("POST Sales Order", _answer(417, told))
    assert str(error) == "Item A&B is closed. Ask us. plain words"
    told["_server_messages"] = "[broken"
    assert str(failure("POST Sales Order", _answer(417, told))) == "other words"
    del told["exception"]
    assert len(str(failure("POST Sales Order", _answer(417, told))).split()) > 3


def test_texts_lose_control_signs_and_markup_and_have_a_longest_length() -> None:
    assert to.line("a\x1b[31m\nb\x00") == "a [31m b"
    assert to.plain("<div><p>Made of <b>steel</b></p><p>&lt;script&gt;</p></div>") == "Made of steel\n<script>"
    assert len(to.text("x" * 10_000)) == to.LONGEST_NAME
    assert to.line(None) == ""


def test_numbers_are_exact_or_refused() -> None:
    assert to.quantity(Decimal("13.999999999999998")) == 14
    assert to.price(Decimal("8.550000000000001")) == Decimal("8.55")
    assert to.number(None) == 0
    for wrong in ("12", True, [1]):
        with pytest.raises(ErpBroken):
            to.number(wrong)


@pytest.mark.parametrize(
    ("row", "price"),
    [
        ({"rate": Decimal("8.55"), "price_list_rate": 9, "discount_percentage": 5}, "8.55"),
        ({"rate": 0, "price_list_rate": 12, "discount_percentage": 0}, "12"),
        ({"rate": 0, "price_list_rate": 12, "discount_percentage": 20}, "9.6"),
        ({"rate": 0, "price_list_rate": 12, "discount_amount": 2}, "10"),
        ({"rate": 0, "price_list_rate": 12, "rate_with_margin": 15, "discount_percentage": 10}, "13.5"),
        ({"rate": 0, "price_list_rate": 0}, None),
    ],
)
def test_a_price_stands_in_the_rate_or_in_the_lists_rate_less_its_discount(row: Any, price: str | None) -> None:
    assert net_price(row) == (None if price is None else Decimal(price))


def test_steps_of_stock_units_are_told_in_sales_units() -> None:
    steps = Steps(frozenset({Decimal(6)}), {"NUT": frozenset({Decimal(100), Decimal(1200)})})
    assert steps.of("NUT", Decimal(12)) == [1, 9, 100]
    assert steps.of("BOLT", Decimal(1)) == [1, 6]


def test_times_are_of_the_site_and_stay_exact_to_the_microsecond() -> None:
    told = "2026-11-21 22:12:07.448132"
    moment = MADRID.utc(told, EVENING)
    assert moment == dt.datetime(2026, 11, 21, 21, 12, 7, 448132, tzinfo=dt.UTC)
    assert MADRID.since(moment) == told
    assert MADRID.since(dt.datetime(2026, 7, 1, tzinfo=dt.UTC)) == "2026-07-01 02:00:00"
    assert MADRID.day(dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)) == dt.date(2026, 11, 22)
    for wrong in ("soon", "2026-11-21 22:12:07+01:00", None):
        with pytest.raises(ErpBroken):
            MADRID.utc(wrong, EVENING)


def test_the_hour_that_comes_twice_is_asked_for_from_its_first_beginning() -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    second = first + dt.timedelta(hours=1)
    assert MADRID.since(first) == "2026-10-25 01:30:00"
    assert MADRID.since(second) == "2026-10-25 02:30:00"
    told = "2026-10-25 02:30:00.000000"
    assert MADRID.utc(told, first) == first
    assert MADRID.utc(told, second) == second
    assert MADRID.since(dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)) == "2026-03-29 03:30:00"


def test_tax_is_rounded_once_for_each_row_and_halves_go_to_even() -> None:
    tax = [{"charge_type": "On Net Total", "account_head": "VAT", "rate": 21}]
    lines = [Priced(Decimal(1), Decimal("0.125")), Priced(Decimal(3), Decimal("0.105"))]
    even = totals("EUR", lines, tax, Rounding(2, "even"))
    assert (even.line_amounts, even.untaxed, even.tax) == (
        (Decimal("0.12"), Decimal("0.32")),
        Decimal("0.44"),
        Decimal("0.09"),
    )
    up = totals("EUR", lines, tax, Rounding(2, "up"))
    assert (up.untaxed, up.tax, up.total) == (Decimal("0.45"), Decimal("0.09"), Decimal("0.54"))


def test_each_kind_of_tax_row_is_calculated_and_others_are_refused() -> None:
    lines = [Priced(Decimal(2), Decimal(50), {"VAT": Decimal(10)}), Priced(Decimal(1), Decimal(100))]
    rows: list[dict[str, Any]] = [
        {"charge_type": "On Net Total", "account_head": "VAT", "rate": 21},  # 10 + 21
        {"charge_type": "Actual", "account_head": "Freight", "tax_amount": Decimal("7.5")},
        {"charge_type": "On Previous Row Amount", "account_head": "Surcharge", "rate": 10, "row_id": "1"},  # 3.10
        {"charge_type": "On Previous Row Total", "account_head": "City", "rate": 1, "row_id": "1"},  # 2.31
        {"charge_type": "On Item Quantity", "account_head": "Eco", "rate": Decimal("0.5")},  # 1.50
    ]
    assert totals("EUR", lines, rows, Rounding(2, "even")).tax == Decimal("45.41")
    for wrong in ({"charge_type": "Strange"}, {"charge_type": "On Net Total", "included_in_print_rate": 1}):
        with pytest.raises(ErpMisconfigured, match="cannot calculate"):
            totals("EUR", lines, [wrong], Rounding(2, "even"))


def test_the_channel_of_an_order_is_what_the_rules_say() -> None:
    rules = to.channel_rules([("source", "Phone", "phone"), ("order_type", "*", "rep")])
    assert to.channel_of({"source": "phone"}, rules) is Channel.PHONE
    assert to.channel_of({"source": None, "order_type": "Sales"}, rules) is Channel.REP
    assert to.channel_of({"source": "other"}, to.channel_rules()) is Channel.UNKNOWN
    with pytest.raises(ErpMisconfigured, match="channels"):
        to.channel_rules([("source", "phone", "telegraph")])


def test_wrong_options_are_told_by_their_name() -> None:
    with pytest.raises(ErpMisconfigured, match="nosuch"):
        Options.of({"nosuch": 1})
    with pytest.raises(ErpMisconfigured, match="halves"):
        Options.of({"halves": "down"})
    assert Options.of({"warehouses": ["A"], "halves": "up"}).warehouses == ("A",)


def test_settings_without_a_key_are_refused() -> None:
    with pytest.raises(ErpMisconfigured, match="ERP_USER and ERP_PASSWORD"):
        ErpNextErp.from_settings(url="https://erp.test", database="", user="", password="", options={})


def test_names_go_out_in_parts_that_a_web_server_takes_each_once() -> None:
    names = [f"SAL-ORD-2026-{number:05}" for number in range(200)] * 2
    parts = list(in_requests(names))
    assert [name for part in parts for name in part] == names[:200]
    assert len(parts) > 1
    assert list(in_requests([])) == []


def test_a_site_of_many_is_asked_for_by_its_name() -> None:
    line = line_to(w.wholesaler())
    line.application = StubErpNext(w.wholesaler(), host="shop.example.com")
    with pytest.raises(ErpMisconfigured, match="ERP_URL"):
        erp_at(line).credit("Acme", deadline_s=30)
    erp = ErpNextErp.from_settings(
        url="https://erp.test", database="shop.example.com", user=KEY, password=SECRET, options={"company": w.COMPANY}
    )
    erp._client.http._transport = line  # noqa: SLF001 (in place of the network)
    assert erp.credit("Small SA", deadline_s=30).limit == 500
    assert line.requests[-1].headers["authorization"] == f"token {KEY}:{SECRET}"
