"""The list of items: his prices, few queries, one question to the ERP, nothing that waits."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.signals import Fact
from erp_sync.adapters.fake import FakeErp
from shop.pricing.price_view import cell_of
from shop.signals import shop_fact
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db
LIST = reverse("item-list")
PRICES = reverse("item-prices")
# Savepoints of the event (and of the test's own transaction) are no work for the database.
BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")


def page(client: Client, address: str = "", **query: str) -> str:
    answer = client.get(address or LIST, query)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, address: str, **query: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        page(client, address, **query)
    return sum(1 for q in caught.captured_queries if not q["sql"].startswith(BOOKKEEPING))


@pytest.mark.usefixtures("warm_mirror")
@pytest.mark.parametrize("words", ["", "screw"])
def test_a_list_costs_the_same_few_queries_whatever_its_length(client: Client, words: str) -> None:
    actor = people.acting(client)
    for number in range(100):
        item = catalogue.item(name=f"Hex screw {number}", brand="Acme")
        catalogue.own_part_number(customer_erp_id=actor.sold_to.erp_id, sku=item.sku, number=f"OWN-{number}")
    page(client, q=words, prices="wait", size="96")

    short = queries(client, LIST, q=words, size="24")
    long = queries(client, LIST, q=words, size="96")

    assert short == long
    assert long <= 8


def test_the_first_answer_asks_no_erp_and_the_cells_ask_once_for_all(client: Client, erp: FakeErp) -> None:
    items = [catalogue.item(price="12.40") for _ in range(24)]
    people.acting(client)

    first = page(client)
    asked_by_page = list(erp.book.calls)
    address = re.search(r'hx-get="(/items/prices/[^"]+)"', first)
    assert address is not None
    cells = page(client, address[1].replace("&amp;", "&"))
    warm = page(client)

    assert asked_by_page == []
    assert erp.book.calls == ["offers"]
    assert "12.40" not in first
    assert cells.count("€12.40") == 24
    assert all(f'id="{cell_of(item.sku)}-price"' in first for item in items)
    assert all(f'id="{cell_of(item.sku)}-price" hx-swap-oob="innerHTML"' in cells for item in items)
    assert warm.count("€12.40") == 24
    assert 'hx-get="/items/prices/' not in warm


def test_without_javascript_one_link_shows_all_prices(client: Client, erp: FakeErp) -> None:
    catalogue.item(price="12.40")
    people.acting(client)

    first = page(client)
    waited = page(client, prices="wait")

    assert '<noscript><p><a href="?prices=wait">' in first
    assert "€12.40" in waited
    assert erp.book.calls == ["offers"]


def test_a_company_never_sees_the_price_or_the_numbers_of_another(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    erp.set_price("GOLD", item.sku, (1, "7.77"))
    gold = people.buyer(people.sold_to(price_list="GOLD"))
    catalogue.own_part_number(customer_erp_id=gold.sold_to.erp_id, sku=item.sku, number="GOLD-4411")
    other = Client()
    people.log_in(client, gold)
    people.acting(other)

    seen_by_gold = page(client, prices="wait")
    seen_by_other = page(other, prices="wait")

    assert "€7.77" in seen_by_gold
    assert "GOLD-4411" in seen_by_gold
    assert "€7.77" not in seen_by_other
    assert "GOLD-4411" not in seen_by_other
    assert item.sku not in page(other, q="GOLD-4411")
    assert item.sku in page(client, q="GOLD-4411")


@pytest.mark.parametrize("address", [LIST, PRICES, "/items/X/", "/items/X/documents/1/"])
def test_an_anonymous_visitor_is_sent_to_the_log_in(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_a_personal_page_is_kept_by_no_cache(client: Client) -> None:
    people.acting(client)

    assert client.get(LIST).headers["Cache-Control"] == "private, no-store"
    assert client.get(PRICES).headers["Cache-Control"] == "private, no-store"


def test_when_the_erp_is_down_last_known_prices_are_shown_with_their_age(client: Client, erp: FakeErp) -> None:
    known = catalogue.item(price="12.40")
    unknown = catalogue.item(price="13.50")
    people.acting(client)
    page(client, PRICES, sku=known.sku)
    erp.book.is_down = True

    with time_machine.travel(timezone.now() + dt.timedelta(hours=1), tick=True):
        answer = client.get(PRICES, {"sku": [known.sku, unknown.sku], "tried": "2"})

    cells = answer.content.decode()
    assert answer.status_code == 200
    assert "€12.40" in cells
    assert "ERP offline" in cells
    assert "Price on request" in cells
    assert "13.50" not in cells
    assert "0.00" not in cells


def test_no_price_is_taken_from_the_address(client: Client) -> None:
    item = catalogue.item(price="12.40")
    people.acting(client)
    tampered = {"sku": item.sku, "price": "0.01", "net_price": "0.01", "currency": "USD"}

    cells = page(client, PRICES, **tampered)

    assert "€12.40" in cells
    assert "0.01" not in cells
    assert "$" not in cells


def test_more_than_a_hundred_items_at_once_are_refused(client: Client, erp: FakeErp) -> None:
    people.acting(client)

    answer = client.get(PRICES, {"sku": [f"S{n}" for n in range(101)]})

    assert answer.status_code == 400
    assert erp.book.calls == []


def test_the_choice_of_the_view_is_remembered(client: Client) -> None:
    catalogue.item()
    people.acting(client)

    before = page(client)
    page(client, view="cards")
    after = page(client)

    assert 'class="item-cards"' not in before
    assert 'class="item-cards"' in after


def test_filters_narrow_the_list_and_can_be_cleared(client: Client) -> None:
    screws = catalogue.category("Screws", name_es="Tornillos")
    catalogue.category("Tools")
    catalogue.item("A-1", brand="Acme", category_erp_ids=(screws.erp_id,))
    catalogue.item("B-1", brand="Bolt & Co", category_erp_ids=(screws.erp_id,))
    catalogue.item("C-1", brand="Acme")
    people.acting(client)

    by_category = page(client, category=screws.erp_id)
    by_both = page(client, category=screws.erp_id, f="brand=Bolt & Co")
    nothing = page(client, category=screws.erp_id, f="brand=Nobody")

    assert ["A-1" in by_category, "B-1" in by_category, "C-1" in by_category] == [True, True, False]
    assert ["A-1" in by_both, "B-1" in by_both, "C-1" in by_both] == [False, True, False]
    assert "<h1>Screws</h1>" in by_category
    assert "Nothing fits all of these filters" in nothing
    assert "Clear all filters" in nothing


def test_a_page_beyond_the_end_is_the_last_one(client: Client) -> None:
    for number in range(30):
        catalogue.item(f"S-{number:02}")
    people.acting(client)

    last = page(client, page="99")

    assert "S-29" in last
    assert "S-00" not in last


def test_withdrawn_items_are_not_listed(client: Client) -> None:
    catalogue.item("OLD-1", is_active=False)
    people.acting(client)

    assert "OLD-1" not in page(client)


def test_a_search_is_announced_once_with_its_hits(client: Client) -> None:
    catalogue.item(name="Brass hinge")
    actor = people.acting(client)
    facts: list[Fact] = []

    def note(event: Fact, **_: object) -> None:
        facts.append(event)

    shop_fact.connect(note)
    try:
        page(client, q="hinge")
        page(client, q="hinge", page="2")
        page(client, q="hinge", prices="wait")
        page(client, q="hinge", sort="name")
        page(client, q="hinge", f="brand=Acme")
        page(client)
        page(client, q="hinge")
    finally:
        shop_fact.disconnect(note)

    assert [(f.kind, f.props) for f in facts] == [("search", {"query": "hinge", "hits": "1"})] * 2
    assert len({f.event_id for f in facts}) == 2
    assert {f.who.account_id for f in facts} == {actor.sold_to.erp_id}


def test_words_of_the_erp_are_escaped(client: Client) -> None:
    catalogue.item("X-1", name="<script>alert(1)</script>", brand='"><img src=x>')
    people.acting(client)

    seen = page(client, prices="wait") + page(client, q="<script>alert(1)</script>")

    assert "<script>alert" not in seen
    assert "<img src=x" not in seen
    assert "&lt;script&gt;" in seen


def test_the_quantity_box_starts_at_the_least_that_can_be_ordered(client: Client) -> None:
    catalogue.item(minimum=Decimal(20), multiple=Decimal(10))
    people.acting(client)

    seen = page(client)

    assert 'value="20"' in seen
    assert 'data-multiple="10"' in seen


def test_an_item_goes_into_the_basket_from_the_list_and_the_buyer_stays_there(client: Client) -> None:
    item = catalogue.item(name="Hinge")
    people.acting(client)

    form = {"sku": item.sku, "quantity": "3", "next": f"{LIST}?q=hinge", "price": "0.01"}
    answer = client.post(reverse("basket-add"), form)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{LIST}?q=hinge"
    assert f'value="{LIST}?q=hinge"' in page(client, q="hinge")


def test_a_lone_root_of_the_categories_is_the_catalogue_itself(client: Client) -> None:
    root = catalogue.category("Everything")
    screws = catalogue.category("Screws", parent=root)
    catalogue.item("A-1", category_erp_ids=(screws.erp_id,))
    people.acting(client)

    everything = page(client)
    inside = page(client, category=screws.erp_id)

    assert "Everything" not in everything + inside
    assert f"category={screws.erp_id}" in everything
    assert "<h1>Screws</h1>" in inside
    assert "A-1" in inside
