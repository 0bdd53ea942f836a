"""A buyer asks, his approver decides on the phone, the rule's administrator looks on: Tryton has the order once."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.steps import Placed, add, confirmed, empty_basket, open_checkout
from tests.e2e.visitor import Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

# Dear enough that a few of them are above the demo's rule.
SKU, PIECES, FEWER = "TAL-0850-DM", "18", "16"
WAITING = re.compile(r"/approvals/(WEB-[^/]+)/")
PAIRS = [
    (Variant("en", "desktop"), Variant("es", "phone")),
    (Variant("es", "phone"), Variant("en", "desktop")),
]


def ask(who: Visitor, po_number: str) -> str:
    """Send what is in the basket for approval, and return its reference."""
    open_checkout(who)
    expect(who.page.locator("#approval-needed")).to_contain_text("Jorge Marín")
    who.page.locator("input[name=customer_reference]").fill(po_number)
    who.page.locator("#place").click()
    expect(who.page).to_have_url(WAITING)
    who.look()
    found = WAITING.search(who.page.url)
    assert found is not None
    return found[1]


def open_from_home(who: Visitor, reference: str) -> None:
    """Find the order on the first page, and open it: the two buttons are in reach without scrolling."""
    who.open("/")
    who.follow(who.page.locator(f"section[aria-labelledby=approvals] a[href='/approvals/{reference}/']").first)
    expect(who.page.locator("form.decide button.primary")).to_be_in_viewport()


def decline_and_change(approver: Visitor, buyer: Visitor, reference: str, po_number: str) -> None:
    """Say no; the buyer reads why, takes two out and sends it again: his words came along."""
    open_from_home(approver, reference)
    approver.page.locator("#decline textarea").fill("16 <b>")
    approver.page.locator("#decline button").click()
    expect(approver.page.locator("main .alert.bad")).to_contain_text("16 <b>")
    buyer.open(f"/approvals/{reference}/")
    expect(buyer.page.locator("main .alert.bad")).to_contain_text("16 <b>")
    buyer.page.locator("main .alert.bad button.primary").click()
    expect(buyer.page).to_have_url(re.compile("/basket/$"))
    box = buyer.page.locator("#basket input[name=quantity]")
    box.fill(FEWER)
    box.press("Enter")
    expect(buyer.page.locator("#basket input[name=quantity]")).to_have_value(FEWER)
    open_checkout(buyer)
    expect(buyer.page.locator("input[name=customer_reference]")).to_have_value(po_number)
    assert ask(buyer, po_number) == reference


@pytest.mark.parametrize(("buying", "deciding"), PAIRS, ids=str)
def test_what_is_approved_is_one_order_in_tryton(
    enter: Enter, books: Books, buying: Variant, deciding: Variant
) -> None:
    buyer, approver = enter(buying, "buyer"), enter(deciding, "approver")
    is_declined = deciding.is_phone
    po_number, quantity = f"PO-{uuid4().hex[:8]}", FEWER if is_declined else PIECES
    empty_basket(buyer)
    add(buyer, SKU, PIECES)
    reference = ask(buyer, po_number)
    if is_declined:
        decline_and_change(approver, buyer, reference, po_number)
    open_from_home(approver, reference)
    approver.page.locator("form.decide button.primary").click()
    good = approver.page.locator("main .alert.good a[href^='/orders/']")
    expect(good).to_be_visible()
    approver.look()
    order_reference = str(good.get_attribute("href")).split("/")[2]
    # Once in Tryton, in the buyer's name, as the version says that was approved.
    buyer.open(f"/orders/{order_reference}/placed/")
    order = confirmed(buyer, Placed(order_reference, "", "", "", dt.date.min))
    (sale,) = books.sales_of(order_reference)
    assert (sale.number, sale.reference, sale.customer) == (order.number, po_number, "C0001")
    assert [(sku, quantity) for sku, quantity, _price in books.goods_of(order.number)] == [(SKU, Decimal(quantity))]
    assert books.orders_with_po(po_number) == 1
    # Pressed again on an old page: a sentence, and nothing more.
    approver.open(f"/approvals/{reference}/")
    expect(approver.page.locator("form.decide")).to_have_count(0)


def test_the_administrator_sets_a_rule_and_reads_it_back(enter: Enter) -> None:
    admin = enter(Variant("es", "phone"), "admin")
    admin.open("/company/rules/new/")
    name = f"Regla {uuid4().hex[:6]}"
    admin.page.locator("input[name=name]").fill(name)
    admin.page.locator("input[name=order_over]").fill("99.999,50")
    admin.page.locator("main form button.primary").click()
    expect(admin.page).to_have_url(re.compile("/company/rules/$"))
    admin.look()
    expect(admin.page.locator("table")).to_contain_text("99.999,50")
    for path in ("/account/people/", "/company/cost-centres/", "/company/places/"):
        admin.open(path)
    admin.open("/company/rules/")
    admin.follow(admin.page.locator("a.row-link", has_text=name))
    admin.page.locator("main form button.danger").click()
    expect(admin.page.locator("table")).not_to_contain_text(name)
