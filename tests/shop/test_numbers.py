"""Numbers with slashes in addresses."""

import pytest
from django.test import Client
from django.urls import resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from shop.numbers import DocumentNumber
from tests.builders import people


@given(st.text("A/~^0", min_size=1, max_size=12))
def test_every_number_comes_back_from_its_address(number: str) -> None:
    piece = DocumentNumber().to_url(number)
    assert "/" not in piece
    assert DocumentNumber().to_python(piece) == number


@pytest.mark.parametrize("name", ["order-detail", "order-reorder", "order-pdf", "invoice-detail", "invoice-pdf"])
def test_a_number_with_slashes_has_an_address(name: str) -> None:
    address = reverse(name, kwargs={"number": "INV/2026/pdf"})
    assert "INV~2026~pdf" in address
    found = resolve(address)
    assert (found.url_name, found.kwargs) == (name, {"number": "INV/2026/pdf"})


@pytest.mark.django_db
def test_an_unknown_number_with_slashes_is_not_found(client: Client) -> None:
    people.acting(client)
    assert client.get(reverse("invoice-detail", kwargs={"number": "INV/2026/0001"})).status_code == 404
