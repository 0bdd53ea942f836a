"""How Odoo's answers are read, without a server; what it says here was recorded from a real one."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.faults import Busy, Fault, Missing, failure, loaded
from erp_sync.adapters.odoo.wires import Access
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline, ErpHttp
from erp_sync.records import Channel

CENT = Decimal("0.01")
NOT_CONFIRMED = "Some orders are not in a state requiring confirmation."
VERSION = {"jsonrpc": "2.0", "result": {"server_version": "19.0"}}


@pytest.mark.parametrize(
    ("name", "status", "message", "kind"),
    [
        ("odoo.exceptions.UserError", 422, NOT_CONFIRMED, ErpRejected),
        ("odoo.exceptions.MissingError", 404, "Record does not exist or has been deleted.\n(Record: …)", Missing),
        ("odoo.exceptions.AccessError", 403, "Private methods (such as 'x') cannot be called.", ErpMisconfigured),
        ("werkzeug.exceptions.NotFound", 404, "the model 'res.nope' does not exist", ErpMisconfigured),
        ("werkzeug.exceptions.UnprocessableEntity", 422, "missing a required argument: 'domain'", Fault),
        ("builtins.ValueError", 500, "Invalid field 'nope' on 'res.partner'", Fault),
        ("psycopg2.errors.SerializationFailure", 500, "could not serialize access", Busy),
        ("psycopg2.OperationalError", 500, 'database "nosuch" does not exist', ErpMisconfigured),
    ],
)
def test_an_error_is_told_by_what_to_do_next(name: str, status: int, message: str, kind: type[ErpError]) -> None:
    told = {"name": name, "message": message, "arguments": [message], "debug": "Traceback: secret"}
    error = failure("sale.order.x", told, status=status)
    assert type(error) is kind
    assert "secret" not in str(error)


def test_an_import_that_lost_against_another_one_is_looked_at_again_and_other_words_are_a_no() -> None:
    assert loaded("x", {"ids": [34], "messages": [], "nextrow": 0}) == [34]
    with pytest.raises(Busy):
        loaded("x", {"ids": False, "messages": [{"message": "could not serialize access due to concurrent update"}]})
    with pytest.raises(ErpRejected, match="No matching record"):
        loaded("x", {"ids": False, "messages": [{"message": "No matching record found for database id '9'"}]})
    with pytest.raises(ErpBroken):
        loaded("x", ["nonsense"])


def test_a_price_is_exact_with_the_discount_taken_off_and_an_included_tax_left_out() -> None:
    row = {"price_unit": Decimal("4.4624999999999995"), "discount": 0, "product_uom_qty": 4, "price_subtotal": 17.85}
    row["price_subtotal"] = Decimal("17.85")
    assert to.net_price(row, CENT) == Decimal("4.4625")
    discounted = {**row, "price_unit": Decimal(10), "discount": Decimal(12), "price_subtotal": Decimal("35.2")}
    assert to.net_price(discounted, CENT) == Decimal("8.8")
    included = {**row, "price_unit": Decimal(121), "product_uom_qty": 2, "price_subtotal": Decimal(200)}
    assert to.net_price(included, CENT) == Decimal(100)


def test_words_lose_control_signs_and_markup_and_have_a_longest_length() -> None:
    assert to.line("a\x1b[31m\nb\x00") == "a [31m b"
    assert to.line(False) == ""  # noqa: FBT003 (Odoo's null)
    assert to.plain("<p>Box <b>open</b></p><p>&lt;script&gt;</p>") == "Box open\n<script>"
    assert len(to.text("x" * 10_000)) == to.LONGEST_NAME


def test_times_are_utc_and_days_stay_on_their_day() -> None:
    assert to.instant("2026-11-21 21:35:07") == dt.datetime(2026, 11, 21, 21, 35, 7, tzinfo=dt.UTC)
    assert to.noon(dt.date(2026, 3, 1)) == "2026-03-01 12:00:00"
    with pytest.raises(ErpBroken):
        to.instant("yesterday")


def test_a_reference_comes_back_from_its_external_id() -> None:
    assert to.reference_of(to.key_of("WEB-01ABC-V2")) == "WEB-01ABC-V2"
    for wrong in ("WEB_1", "a.b", "x" * 61, ""):
        with pytest.raises(ErpBroken):
            to.key_of(wrong)
    assert s.is_order_name("order_WEB_01ABC")
    assert not any(
        map(s.is_order_name, ("order_WEB_01ABC_l1", "order_WEB_01ABC_n2", "order_WEB_1_note", "quote_RFQ_1"))
    )


def test_lines_that_the_staff_moved_are_counted_instead() -> None:
    assert [number for number, _ in s.numbered([{"sequence": 10}, {"sequence": 30}])] == [1, 3]
    assert [number for number, _ in s.numbered([{"sequence": 10}, {"sequence": 11}])] == [1, 2]


def test_the_medium_tells_the_channel_whatever_its_case() -> None:
    rules = to.channel_rules()
    assert to.channel_of({"medium_id": [4, "Email"]}, rules) is Channel.EMAIL
    assert to.channel_of({"medium_id": False, "create_uid": [7, "edi"]}, rules) is Channel.EDI
    assert to.channel_of({"medium_id": False}, rules) is Channel.UNKNOWN


# --- the wires ---


def _client(answers: list[tuple[int, Any]], protocol: str) -> tuple[OdooClient, list[httpx2.Request]]:
    """Return a client whose server greets and then gives these answers, and what it was sent."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        status, body = (200, VERSION) if request.url.path.endswith("version_info") else answers.pop(0)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=content)

    http = ErpHttp("http://odoo.test", transport=httpx2.MockTransport(answer))
    return OdooClient(http, Access("prod", "webshop", "key"), protocol=protocol), seen


def test_json2_sends_named_arguments_its_key_and_its_database() -> None:
    client, seen = _client([(200, [{"id": 1}])], "json2")
    client.rows("res.partner", [["id", "=", 1]], ["name"], deadline=Deadline(5))
    assert seen[1].url.path == "/json/2/res.partner/search_read"
    assert seen[1].headers["authorization"] == "bearer key"
    assert seen[1].headers["x-odoo-database"] == "prod"
    assert json.loads(seen[1].read())["context"] == {"lang": "en_US", "tz": "UTC"}


def test_jsonrpc_logs_in_once_and_reads_an_answer_without_a_result_as_nothing() -> None:
    done = (200, {"jsonrpc": "2.0", "id": 1})
    client, seen = _client([(200, {"jsonrpc": "2.0", "result": 7}), done, done], "jsonrpc")
    for _ in range(2):
        assert client.call("sale.order", "action_quotation_sent", ids=[5], deadline=Deadline(5)) is None
    sent = [json.loads(request.read())["params"] for request in seen[1:]]
    assert [one["service"] for one in sent] == ["common", "object", "object"]
    assert sent[1]["args"][:6] == ["prod", 7, "key", "sale.order", "action_quotation_sent", [[5]]]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", ErpMisconfigured),
        (404, b"<html>no database</html>", ErpMisconfigured),
        (429, b"slow down", ErpUnavailable),
        (500, b"<html>proxy</html>", ErpUnavailable),
        (503, b"", ErpUnavailable),
        (200, b"<html>", ErpBroken),
        (200, {"id": 1}, ErpBroken),
    ],
)
def test_an_answer_that_is_none_of_odoo_is_told_as_what_it_is(status: int, body: Any, kind: type[ErpError]) -> None:
    client, _seen = _client([(status, body)], "json2")
    with pytest.raises(kind):
        client.rows("res.partner", [], ["name"], deadline=Deadline(5))


def test_an_odoo_that_is_too_old_is_refused() -> None:
    old = {"jsonrpc": "2.0", "result": {"server_version": "16.0"}}
    http = ErpHttp("http://odoo.test", transport=httpx2.MockTransport(lambda _r: httpx2.Response(200, json=old)))
    client = OdooClient(http, Access("prod", "webshop", "key"))
    with pytest.raises(ErpMisconfigured, match="too old"):
        client.rows("res.partner", [], ["name"], deadline=Deadline(5))
