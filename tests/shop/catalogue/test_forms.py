"""The address of a list: read without complaint, written back the same."""

import pytest
from django.http import QueryDict

from shop.catalogue.forms import item_query
from shop.catalogue.query import ItemQuery


def read(address: str, *, view: str = "") -> ItemQuery:
    return item_query(QueryDict(address.lstrip("?")), view=view)


def test_an_address_is_read_back_as_it_was_written() -> None:
    query = ItemQuery(
        query="hex screw m8",
        category="cat-7",
        facets=("brand=Acme & Co", "size=M8"),
        sort="name",
        size=96,
        page=3,
    )

    assert read(query.address(page=3)) == query


@pytest.mark.parametrize(
    "address",
    [
        "page=0",
        "page=-1",
        "page=abc",
        "page=1e9",
        "page=٣",
        "sort=evil;drop",
        "size=1000",
        "view=%3Cscript%3E",
        "f=no-equals-sign",
        "q=%00%00",
    ],
)
def test_a_senseless_value_is_its_default(address: str) -> None:
    assert read(address) == ItemQuery()


def test_a_page_is_bounded_and_so_are_text_and_facets() -> None:
    many = "&".join(f"f=k%3D{n}" for n in range(100))

    query = read(f"page=9999999999999&q={'x' * 500}&{many}")

    assert (query.page, len(query.query), len(query.facets)) == (1, 120, 20)


def test_choosing_a_facet_twice_takes_it_out_and_starts_at_the_first_page() -> None:
    query = ItemQuery(query="screw", facets=("brand=Acme",), page=4)

    assert read(query.with_facet("brand=Acme")) == ItemQuery(query="screw")
    assert read(query.with_facet("size=M8")).facets == ("brand=Acme", "size=M8")
    assert read(query.with_facet("size=M8")).page == 1


def test_the_remembered_view_holds_until_another_is_chosen() -> None:
    assert read("", view="cards").view == "cards"
    assert read("view=table", view="cards").view == "table"
    assert read("", view="nonsense").view == "table"
