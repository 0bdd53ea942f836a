"""An offer reaches Tryton to the cent; one that ends between basket and checkout is told before anything is ordered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.steps import REFERENCE, Placed, add, confirmed, empty_basket, open_until
from tests.e2e.visitor import Variant, Visitor
from tests.e2e.words import money

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

# What the demo's staff offer: five percent off gloves.
OFFER = {"en": "Gloves for winter", "es": "Guantes para el invierno"}
GLOVES, PAIRS, SHARE = "GUA-0008-NI", "36", Decimal("0.05")
CENT = Decimal("0.01")
BUYING, WRITING = Variant("es", "phone"), Variant("en", "desktop")
# Goods, discount and tax at least; goods and tax.
WITH_OFFER, WITHOUT = 3, 2
OFFERS = "/admin/shop/offer/"


def fill(who: Visitor) -> None:
    """Put gloves into an empty basket."""
    empty_basket(who)
    add(who, GLOVES, PAIRS)


def sum_of(who: Visitor) -> Locator:
    """Return the total that the page shows."""
    return who.page.locator(".totals dd.sum")


def open_checkout(who: Visitor, *, parts: int) -> None:
    """Open the checkout with the ERP's own totals: so many parts of it and the sum."""
    open_until(who, "/checkout/", who.page.locator(".totals dt").nth(parts))


def switch(staff: Visitor, *, on: bool) -> None:
    """Switch the offer on or off in the administration."""
    staff.open(OFFERS)
    staff.follow(staff.page.get_by_role("link", name=OFFER[staff.variant.language]))
    staff.page.locator("input[name=is_active]").set_checked(on)
    staff.page.locator("input[name=_save]").click()
    expect(staff.page.locator("ul.messagelist li.success")).to_be_visible()


@contextmanager
def switched_off(staff: Visitor) -> Iterator[None]:
    """End the offer, until the block ends."""
    switch(staff, on=False)
    try:
        yield
    finally:
        switch(staff, on=True)


def order(who: Visitor) -> None:
    """Press the checkout's button."""
    who.page.locator("form[data-keep] button.primary").click()


def placed(who: Visitor, total: str) -> Placed:
    """Read which order was placed."""
    expect(who.page).to_have_url(REFERENCE)
    found = REFERENCE.search(who.page.url)
    assert found is not None
    return confirmed(who, Placed(found[1], "", total, "", dt.date.min))


def test_an_offer_is_on_trytons_order_to_the_cent_and_told_when_it_ends_meanwhile(enter: Enter, books: Books) -> None:
    who, staff = enter(BUYING, "buyer"), enter(WRITING, "manager")
    fill(who)
    open_until(who, "/basket/?prices=wait", who.page.locator("#basket .totals dt.is-good", has_text=OFFER["es"]))
    open_checkout(who, parts=WITH_OFFER)
    less, total = who.read(who.page.locator(".totals dd.is-good")), who.read(sum_of(who))
    order(who)
    done = placed(who, total)
    (sale,), ((_sku, pairs, price),) = books.sales_of(done.reference), books.goods_of(done.number)
    taken = (pairs * price * SHARE).quantize(CENT, rounding=ROUND_HALF_UP)
    assert books.discounts_of(done.number) == [(OFFER["es"], -taken)]
    assert (plain(money("es", -taken)), plain(money("es", sale.total))) == (less, total)
    # The same again; it ends while he looks at the checkout.
    fill(who)
    open_checkout(who, parts=WITH_OFFER)
    po_number = f"PO-{uuid4().hex[:8]}"
    who.page.locator("input[name=customer_reference]").fill(po_number)
    with switched_off(staff):
        order(who)
        expect(who.page.get_by_text(who.words("Nothing was ordered, and what you typed is kept."))).to_be_visible()
        open_checkout(who, parts=WITHOUT)
        expect(who.page.locator(".totals dd.is-good")).to_have_count(0)
        expect(who.page.locator("input[name=customer_reference]")).to_have_value(po_number)
        assert books.orders_with_po(po_number) == 0
        dearer = who.read(sum_of(who))
        assert dearer != total
        order(who)
        done = placed(who, dearer)
    (sale,) = books.sales_of(done.reference)
    assert plain(money("es", sale.total)) == dearer
    assert (books.discounts_of(done.number), books.orders_with_po(po_number)) == ([], 1)


def plain(text: str) -> str:
    """Return a text with ordinary spaces, and the minus of a page."""
    return re.sub(r"\s+", " ", text).replace("-", "\N{MINUS SIGN}")
