"""The frame of every page: where one is, whose basket, how old the data are; and the pages for what went wrong."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config import errors
from erp_sync.mirror.models import SyncState
from shop import shell
from shop.carts.models import Cart, CartLine
from tests.builders import people

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 11, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _fresh_shell() -> Iterator[None]:
    """The age of the data is kept in the process for some seconds."""
    shell.frame.cache_clear()
    yield
    shell.frame.cache_clear()


def test_the_foot_says_how_old_the_data_of_the_erp_are(client: Client) -> None:
    SyncState.objects.create(kind="orders", last_success_at=NOON)
    people.acting(client)
    assert "ERP data as of 2 Mar 2026, 12:02" in client.get("/").content.decode()


def test_before_the_first_pull_the_foot_says_nothing(client: Client) -> None:
    people.acting(client)
    assert "ERP data as of" not in client.get("/").content.decode()


def test_the_head_counts_the_lines_of_his_own_basket_only(client: Client) -> None:
    actor, other = people.acting(client), people.buyer()
    for whose, skus in ((actor, "AB"), (other, "CDE")):
        cart = Cart.objects.create(
            user=whose.user, sold_to=whose.sold_to, order_key=f"00000000-0000-0000-0000-00000000000{len(skus)}"
        )
        for sku in skus:
            CartLine.objects.create(cart=cart, sku=sku, quantity=1, added_at=NOON)
    assert 'id="basket-count">2<' in client.get("/").content.decode()


def test_the_language_is_switched_to_and_fro(client: Client) -> None:
    people.acting(client)
    assert 'value="es" lang="es"' in client.get("/").content.decode()
    client.post("/i18n/setlang/", {"language": "es", "next": "/"})
    page = client.get("/").content.decode()
    assert '<html lang="es">' in page
    assert 'value="en" lang="en"' in page


def test_a_reps_own_rooms_stand_behind_his_desk_among_those_of_his_customer(client: Client) -> None:
    company = people.sold_to()
    people.log_in(client, people.assisting(company, people.rep(company)))
    rooms = [
        client.get(page).content.decode().partition('class="site-nav')[2].partition("</nav>")[0]
        for page in ("/", "/rep/")
    ]
    assert ["/rep/messages/" in page for page in rooms] == [False, True]
    assert ["/rep/" in page for page in rooms] == [True, True]


def test_a_stranger_sees_no_room_and_no_search(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert 'role="search"' not in page
    assert "site-nav" not in page


def test_no_page_has_code_or_style_in_it_that_the_policy_would_refuse(client: Client) -> None:
    people.acting(client)
    for address in ("/", "/items/", "/basket/", "/orders/", "/invoices/", "/account/", "/orders/none/"):
        page = client.get(address).content.decode()
        assert " style=" not in page, address
        assert "<style" not in page, address
        assert " onclick=" not in page, address
        assert "<script>" not in page, address


def test_a_missing_page_answers_404_with_a_way_on(client: Client) -> None:
    people.acting(client)
    answer = client.get("/orders/none/")
    assert answer.status_code == 404
    assert 'href="/orders/"' in answer.content.decode()


def test_the_page_for_our_own_failure_asks_the_database_for_nothing() -> None:
    with CaptureQueriesContext(connection) as caught:
        answer = errors.server_error(RequestFactory().get("/checkout/"))
    assert answer.status_code == 500
    assert "Your basket is kept" in answer.content.decode()
    assert len(caught) == 0


def test_the_page_for_a_stale_form_says_that_nothing_was_sent() -> None:
    answer = errors.csrf_failure(RequestFactory().get("/checkout/"))
    assert answer.status_code == 403
    assert "Nothing was sent" in answer.content.decode()
