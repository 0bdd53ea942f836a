"""A buyer asks for a price, his rep answers, the buyer takes one of two lines: Tryton has that order once."""

from __future__ import annotations

import datetime as dt
import re
import time
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from shop.money.formats import plain_quantity
from shop.money.parsing import parse_decimal
from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.steps import Placed, add, confirmed, empty_basket
from tests.e2e.visitor import ERP_WRITES_MS, TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW, WASHER = "TOR-0440-ZN", "ARA-0008-ZN"
QUOTE = re.compile(r"/quotes/(WEB-[^/]+)/")
REFERENCE = re.compile(r"/orders/(WEB-[^/]+)/placed/")
TRIES = 4


def ask_for_basket(who: Visitor, note: str) -> str:
    """Ask for a quote from the basket and return its reference."""
    who.open("/basket/")
    who.follow(who.page.locator("aside a[href$='/quotes/new/?from=basket']"))
    who.page.locator("textarea[name=note]").fill(note)
    who.page.locator("main form aside button.primary").click()
    expect(who.page).to_have_url(QUOTE)
    who.look()
    found = QUOTE.search(who.page.url)
    assert found is not None
    return found[1]


def answer(who: Visitor, reference: str) -> dict[str, Decimal]:
    """Answer every line a cent above the customer's usual price, so that it is this quote's own; return the prices."""
    prices: dict[str, Decimal] = {}
    for _try in range(TRIES):
        who.open(f"/rep/quotes/{reference}/")
        prices = raised(who)
        who.page.locator("input[name=terms]").fill("30 d")
        with who.page.expect_navigation():
            who.page.locator("main form[data-keep] button.primary").click()
        # In the night an automatic answer may come while he writes: then it is his turn again.
        if not who.page.locator("main form[data-keep] .alert").count():
            return prices
    raise AssertionError(f"no answer to {reference} could be sent")


def raised(who: Visitor) -> dict[str, Decimal]:
    """Put a cent on each price; return the price of each SKU."""
    prices = {}
    asked = who.page.locator(".answer-table tbody tr").filter(has=who.page.locator("input[type=checkbox]"))
    for row in asked.all():
        box = row.locator("input[name^=price-]")
        price = parse_decimal(box.input_value(), language=who.variant.language) + Decimal("0.01")
        box.fill(plain_quantity(price, who.variant.language))
        prices[row.locator("input[name^=sku-]").input_value()] = price
    return prices


def accept_only(who: Visitor, reference: str, sku: str, po_number: str) -> str:
    """Accept one line of the quote and return the order's reference."""
    who.open(f"/quotes/{reference}/")
    for row in who.page.locator("section[aria-labelledby=lines] tbody tr").all():
        row.locator("input[type=checkbox]").set_checked(row.locator(".sku").inner_text() == sku)
    who.page.locator("form#accept input[name=customer_reference]").fill(po_number)
    who.page.locator("form#accept button.primary").click()
    expect(who.page).to_have_url(REFERENCE)
    who.look()
    found = REFERENCE.search(who.page.url)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_quote_of_two_lines_becomes_an_order_of_one_at_exactly_its_price(
    enter: Enter, books: Books, variant: Variant
) -> None:
    buyer, rep = enter(variant, "buyer"), enter(variant, "rep")
    empty_basket(buyer)
    add(buyer, SCREW, "40")
    add(buyer, WASHER, "50")
    quote = ask_for_basket(buyer, f"hall {uuid4().hex[:6]}")
    rep.open("/rep/quotes/")
    expect(rep.page.locator(f"a.row-link[href='/rep/quotes/{quote}/']")).to_be_visible()
    prices = answer(rep, quote)
    po_number = f"PO-{uuid4().hex[:8]}"
    reference = accept_only(buyer, quote, SCREW, po_number)
    order = confirmed(buyer, Placed(reference, "", "", "", dt.date.min))
    (sale,) = books.sales_of(reference)
    assert (sale.number, sale.reference, sale.customer) == (order.number, po_number, "C0001")
    assert books.goods_of(order.number) == [(SCREW, Decimal(40), prices[SCREW])]
    assert books.orders_with_po(po_number) == 1
    # The page of the quote tells how it ended, and the second yes is refused by a sentence.
    buyer.open(f"/quotes/{quote}/")
    expect(buyer.page.locator("main .alert.good")).to_be_visible()
    expect(buyer.page.locator("form#accept")).to_have_count(0)


@pytest.mark.parametrize("variant", TWO[:1], ids=str)
def test_a_quote_that_tryton_alone_made_is_in_the_buyers_list(enter: Enter, books: Books, variant: Variant) -> None:
    number = books.open_quotation("C0001")
    buyer = enter(variant, "buyer")
    row = buyer.page.locator("a.row-link", has_text=number)
    deadline = time.monotonic() + ERP_WRITES_MS / 1000
    buyer.open(f"/quotes/?q={number}")
    while not row.count():
        assert time.monotonic() < deadline, f"{number} is not in the list"
        buyer.page.wait_for_timeout(3_000)
        buyer.page.reload()
    buyer.follow(row)
    expect(buyer.page.locator("form#accept")).to_be_visible()
