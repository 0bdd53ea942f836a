"""The stub refuses what Business Central refuses: else the tests on it would prove nothing."""

import json
from typing import Any

import httpx2
import pytest

from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.sample import World

API = f"{stub.URL}/api/v2.0/companies({stub.COMPANY})"
LINES = "salesOrderLines"


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.stub.expire()  # a token is out there
    return world


def asked(world: World, method: str, place: str, body: Any = None, **headers: str) -> httpx2.Response:
    """Return the stub's answer to a request."""
    content = None if body is None else json.dumps(body).encode()
    sent = {
        "Authorization": f"Bearer token-{world.stub.tokens}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return world.stub(
        httpx2.Request(method, place if "://" in place else f"{API}/{place}", content=content, headers=sent)
    )


def order_place(world: World) -> str:
    return f"salesOrders({next(iter(world.book.rows['salesOrders']))})"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"shopNumber": "1"}, "Could not find a property named 'shopNumber'"),
        ({"number": "1"}, "read-only"),
        ({"externalDocumentNumber": "x" * 36}, "at most 35"),
        ({"externalDocumentNumber": 5}, "Cannot convert"),
        ({"orderDate": "2026-02-30"}, "Cannot convert"),
        ({"customerId": "C1"}, "Cannot convert"),
        ({LINES: [{"lineType": "Item", "sequence": 1}]}, "read-only"),
        ({LINES: [{"lineType": "Item", "quantity": "3"}]}, "Cannot convert"),
        ({LINES: [{"lineType": "Comment", "description": "x" * 101}]}, "at most 100"),
        ({}, "does not exist"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(world: World, body: dict[str, Any], words: str) -> None:
    before = len(world.book.rows["salesOrders"])
    answer = asked(world, "POST", "salesOrders", body)
    assert answer.status_code in {400, 404}
    assert words in answer.json()["error"]["message"]
    assert len(world.book.rows["salesOrders"]) == before


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("salesOrders?$filter=customerPo eq 'x'", 400),
        ("salesOrders?$filter=number eq 5", 400),
        ("salesOrders?$filter=(number eq 'a' or status eq 'b')", 400),
        ("salesOrders?$filter=contains(number,'a')", 400),
        ("salesOrders?$filter=number has 'a'", 501),
        ("salesOrders?$filter=lastModifiedDateTime ge 2026-01-01", 400),
        ("salesOrders?$select=customerPo", 400),
        ("salesOrders?$orderby=customerPo", 400),
        ("salesOrders?$expand=customer", 400),
        ("salesOrders?$top=5", 501),
        ("salesOrders?$skip=5", 501),
        ("salesOrderLines", 400),
        ("priceLists", 404),
        ("salesOrders(aaaaaaaa-0000-0000-0000-000000000000)", 404),
        (f"{stub.URL}/api/v1.0/companies", 404),
        ("https://elsewhere.test/v2.0/tenant/production/api/v2.0/companies", 404),
    ],
)
def test_a_question_that_it_does_not_understand_is_refused(world: World, place: str, status: int) -> None:
    assert asked(world, "GET", place).status_code == status


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PATCH", {}, 400),
        ("PATCH", {"If_Match": 'W/"older"'}, 409),
        ("DELETE", {}, 400),
        ("DELETE", {"If_Match": 'W/"older"'}, 409),
    ],
)
def test_nothing_is_changed_without_the_version_that_was_read(
    world: World, method: str, headers: dict[str, str], status: int
) -> None:
    place = order_place(world)
    answer = asked(world, method, place, {"externalDocumentNumber": "x"}, **headers)
    assert answer.status_code == status
    told = asked(world, "GET", place).json()
    assert told["externalDocumentNumber"].startswith("EDI-")
    changed = asked(world, "PATCH", place, {"partialShipping": True}, If_Match=told["@odata.etag"])
    assert (changed.status_code, changed.json()["partialShipping"]) == (200, True)


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("POST", "salesShipments"),
        ("POST", "itemLedgerEntries"),
        ("PUT", "items"),
        ("PATCH", "salesShipments"),
        ("DELETE", "salesShipments"),
    ],
)
def test_a_verb_that_the_entity_lacks_is_refused(world: World, method: str, place: str) -> None:
    if method in {"PATCH", "DELETE"}:
        place = f"{place}({next(iter(world.book.rows[place]))})"
    assert asked(world, method, place, {}, If_Match="*").status_code == 405


def test_without_a_token_that_holds_nobody_gets_in(world: World) -> None:
    assert asked(world, "GET", "items", Authorization="Bearer token-0").status_code == 401
    form = b"grant_type=client_credentials&client_id=app-id&client_secret=wrong&scope=x"
    assert world.stub(httpx2.Request("POST", stub.TOKEN_URL, content=form)).status_code == 401


def test_pages_come_in_twos_and_their_links_lead_through_all(world: World) -> None:
    seen, place = [], "items?$select=number&$orderby=lastModifiedDateTime"
    while place:
        told = asked(world, "GET", place, Prefer="odata.maxpagesize=100").json()
        assert len(told["value"]) <= 2
        assert all(set(row) == {"@odata.etag", "number"} for row in told["value"])
        seen += [row["number"] for row in told["value"]]
        place = told.get("@odata.nextLink", "")
    assert seen == list("ABCD")


def test_a_quote_becomes_an_order_once_and_a_billed_order_is_gone() -> None:
    world = World()
    world.stub.expire()
    quote = next(iter(world.book.rows["salesQuotes"]))
    place = f"salesQuotes({quote})/Microsoft.NAV.makeOrder"
    assert [asked(world, "POST", place).status_code for _ in range(2)] == [204, 404]
    order = next(reversed(world.book.rows["salesOrders"].values()))
    world.book.ship(order)
    world.book.bill(order)
    assert asked(world, "GET", f"salesOrders({order['id']})").status_code == 404
    assert asked(world, "POST", f"salesInvoices({quote})/Microsoft.NAV.shred").status_code == 404
