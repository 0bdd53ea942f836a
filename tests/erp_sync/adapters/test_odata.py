"""Literals, keys, queries and next pages of OData: nothing gets out of its quotes, and no link leads elsewhere."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from erp_sync.adapters import odata
from erp_sync.errors import ErpBroken

BASE = "https://erp.example:7048/BC/api"
PATH = "/v2.0/items?$filter=x"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("O'Brien' or 1 eq 1", "'O''Brien'' or 1 eq 1'"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (dt.date(2026, 1, 31), "2026-01-31"),
        (dt.datetime(2026, 1, 31, 1, 2, 3, 456789, dt.timezone(dt.timedelta(hours=1))), "2026-01-31T00:02:03.456Z"),
        (UUID("11111111-2222-3333-4444-555555555555"), "11111111-2222-3333-4444-555555555555"),
    ],
)
def test_a_value_stays_inside_its_quotes(value: odata.Literal, told: str) -> None:
    assert odata.literal(value) == told


@pytest.mark.parametrize("value", ["a\r\nX: y", dt.datetime(2026, 1, 1)])  # noqa: DTZ001 (that is the point)
def test_what_cannot_be_told_is_refused(value: odata.Literal) -> None:
    with pytest.raises(ErpBroken):
        odata.literal(value)


def test_a_key_and_a_query_are_quoted_for_an_address() -> None:
    assert odata.key("A/B?C#'") == "'A%2FB%3FC%23'''"
    assert odata.query({"$filter": "a eq 'x & y'", "$top": ""}) == "?$filter=a%20eq%20%27x%20%26%20y%27"
    assert odata.query({}) == ""


def test_filters_are_joined_and_cut_in_parts() -> None:
    assert odata.any_of("number", ["a", "b"]) == "(number eq 'a' or number eq 'b')"
    assert odata.all_of("", odata.any_of("number", ["a"]), "x gt 1") == "number eq 'a' and x gt 1"
    assert list(odata.chunks(["a", "", "b", "a", "c"], 2)) == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://erp.example:7048/BC/api/v2.0/items?$skiptoken=5", "/v2.0/items?$skiptoken=5"),
        ("items?$skip=20", "/v2.0/items?$skip=20"),
        ("", ""),
    ],
)
def test_the_next_page_is_below_the_base(link: str, path: str) -> None:
    assert odata.next_path({"@odata.nextLink": link}, base_url=BASE, path=PATH) == path


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/BC/api/v2.0/items",
        "http://erp.example:7048/BC/api/v2.0/items",
        "https://erp.example/BC/api/v2.0/items",
        "https://erp.example:7048@evil.example/BC/api/v2.0/items",
        "//evil.example/BC/api/v2.0/items",
        "https://erp.example:7048/BC/admin",
        "https://erp.example:7048/BC/api/../../admin/items",
        "file:///etc/passwd",
    ],
)
def test_a_link_to_elsewhere_is_never_asked(link: str) -> None:
    with pytest.raises(ErpBroken):
        odata.next_path({"@odata.nextLink": link}, base_url=BASE, path=PATH)


def test_a_row_without_its_version_cannot_be_changed() -> None:
    assert odata.tag_of({"odata.etag": 'W/"1"'}) == 'W/"1"'
    with pytest.raises(ErpBroken):
        odata.tag_of({"id": 1})


@pytest.mark.parametrize("answer", [None, [], {"value": "x"}, {"value": [1]}])
def test_an_answer_that_is_no_list_is_told_so(answer: object) -> None:
    with pytest.raises(ErpBroken):
        odata.rows_of(answer)
