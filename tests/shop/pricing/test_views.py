"""The cells that a page fetches after it was shown: asked again by themselves while the ERP is late, then no more."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from erp_sync.adapters.fake import FakeErp
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db
PRICES = "/items/prices/"


def test_answered_cells_ask_no_more(client: Client) -> None:
    people.acting(client)
    catalogue.item("A-1", price="2.00")
    page = client.get(PRICES, {"sku": "A-1"}).content.decode()
    assert "€2.00" in page
    assert "The ERP" not in page
    assert "hx-get" not in page


def test_unanswered_cells_are_asked_again_at_most_twice(client: Client, erp: FakeErp) -> None:
    people.acting(client)
    catalogue.item("A-1", price="2.00")
    erp.book.is_down = True
    first = client.get(PRICES, {"sku": "A-1"}).content.decode()
    assert "sku=A-1&amp;tried=1" in first
    assert "tried=2" in client.get(PRICES, {"sku": "A-1", "tried": "1"}).content.decode()
    last = client.get(PRICES, {"sku": "A-1", "tried": "2"}).content.decode()
    assert "hx-get" not in last
    assert "Asking your price" in first
    assert "Price on request" not in first
    assert "The ERP is slow to answer" in first
    assert "Price on request" in last
    assert "The ERP did not answer" in last


@pytest.mark.parametrize("tried", ["x", "-1", "99999999999999999999", "1.5"])
def test_senseless_count_ends_the_asking(client: Client, erp: FakeErp, tried: str) -> None:
    people.acting(client)
    catalogue.item("A-1", price="2.00")
    erp.book.is_down = True
    answer = client.get(PRICES, {"sku": "A-1", "tried": tried})
    assert answer.status_code == 200
    assert "hx-get" not in answer.content.decode()


def test_every_page_that_fetches_prices_has_a_place_for_what_the_erp_does_not_say() -> None:
    pages = [page.read_text(encoding="utf-8") for page in Path(settings.BASE_DIR, "templates").rglob("*.html")]
    fetching = [page for page in pages if 'hx-get="{{ found.pending_url }}"' in page]
    assert len(fetching) == 3
    assert all('id="silence" role="status"' in page for page in fetching)
