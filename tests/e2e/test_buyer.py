"""A buyer's day against a real Tryton: find, order, follow, order again, find an invoice."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from shop.money import formats
from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.demo_shop import DemoShop
from tests.e2e.steps import add, check_out, confirmed, empty_basket, row_of, search
from tests.e2e.visitor import ALL, TWO, Variant, Visitor
from tests.e2e.words import EUR, money

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW, WASHER = "TOR-0440-ZN", "ARA-0008-ZN"
CUSTOMER = "C0001"
# (what is typed, what must be found): a slip of the pen, a part of a SKU
TYPED = {"en": ("scrw", "TOR-"), "es": ("tornlilo", "TOR-")}
FRAGMENT = "0440"


def story(demo: DemoShop, name: str) -> dict[str, Any]:
    """Return an old order of the customer that the seed points out."""
    found: dict[str, Any] = demo.seed["stories"][CUSTOMER][name]
    return found


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_a_buyer_finds_items_by_words_with_a_slip_a_part_of_the_sku_and_his_own_number(
    enter: Enter, books: Books, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    typed, expected = TYPED[variant.language]
    search(who, typed)
    expect(who.page.locator("main .sku", has_text=expected).first).to_be_visible()
    search(who, FRAGMENT)
    expect(row_of(who, SCREW)).to_have_count(1)
    own, sku = books.own_number(CUSTOMER)
    search(who, own)
    expect(row_of(who, sku).locator(".item-meta")).to_contain_text(own)


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_a_buyer_browses_and_sees_his_price_and_stock_with_their_proof(
    enter: Enter, books: Books, demo: DemoShop, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    who.open("/items/")
    categories = who.page.locator("[data-facets]")
    if variant.is_phone:
        categories.locator("summary").first.click()
    who.follow(categories.locator("a[href*='category=']").first)
    search(who, SCREW)
    row = row_of(who, SCREW)
    expect(row.locator(".price-net")).to_have_text(formats.unit_price(price_of(demo, books), EUR, variant.language))
    expect(row.locator(".stock-words")).to_be_visible()
    read_stamp(who)
    who.follow(row.locator("td.lead a"))
    expect(who.page.locator(".offer .price-net")).to_be_visible()
    expect(who.page.locator(".offer .stock-words")).to_be_visible()


def price_of(demo: DemoShop, books: Books) -> Decimal:
    """Return Tryton's price of the screw for the customer."""
    customer = next(one for one in demo.seed["customers"] if one["code"] == CUSTOMER)
    price_list = demo.seed["price_lists"][customer["price_list"]]
    return books.price(SCREW, customer=customer["id"], price_list=price_list, quantity=1)


def read_stamp(who: Visitor) -> None:
    """Open the stamp beside the figures: source, time, rule and request."""
    stamp = row_of(who, SCREW).locator("details.stamp").first
    expect(stamp.locator("summary")).to_contain_text("ERP ·")
    stamp.locator("summary").click()
    for term in ("Source", "As of", "Rule", "Request"):
        expect(stamp.locator("dt", has_text=re.compile(f"^{who.words(term)}$"))).to_be_visible()
    expect(stamp.locator("dd.code")).to_have_text(re.compile(r"\w{4,}"))


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_an_order_is_in_tryton_once_as_the_checkout_showed_it(enter: Enter, books: Books, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    add(who, SCREW, "2")
    add(who, WASHER, "100")
    who.open("/basket/")
    expect(row_of(who, WASHER).locator("input[name=quantity]")).to_have_value("100")
    po_number = f"PO-{uuid4().hex[:8]}"
    placed = confirmed(who, check_out(who, po_number))
    (sale,) = books.sales_of(placed.reference)
    assert (sale.number, sale.customer, sale.reference) == (placed.number, CUSTOMER, po_number)
    assert (sale.ship_to, sale.wanted_on, sale.medium) == (placed.ship_to, placed.wanted_on.isoformat(), "web")
    assert sale.state in {"confirmed", "processing"}
    assert plain(money(variant.language, sale.total)) == placed.total
    assert books.orders_with_po(po_number) == 1
    who.open(f"/orders/{placed.number}/")
    expect(who.page.locator(".panel-foot dd.sum")).to_have_text(money(variant.language, sale.total))
    expect(row_of(who, SCREW).first).to_be_visible()


def plain(text: str) -> str:
    """Return a text with ordinary spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_a_buyer_follows_a_shipped_order_and_orders_it_again(
    enter: Enter, books: Books, demo: DemoShop, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    number = story(demo, "web_order")["number"]
    who.open(f"/orders/?q={number}")
    who.follow(who.page.get_by_role("link", name=number, exact=True))
    expect(who.page.locator("ol.steps li.done").first).to_be_visible()
    tracking = books.tracking_of(number)
    assert tracking
    expect(who.page.locator("main aside[aria-labelledby=deliveries]")).to_contain_text(tracking)
    skus = who.page.locator("main a.row-link + .sku").all_inner_texts()
    who.follow(who.page.locator(".page-head a[href$='/reorder/']"))
    taken = reconciled(who, skus)
    who.press("Put the ticked lines into the basket")
    expect(who.page).to_have_url(re.compile("/basket/$"))
    for sku in taken:
        expect(row_of(who, sku)).to_have_count(1)


def reconciled(who: Visitor, skus: list[str]) -> list[str]:
    """See that every line says what became of it; return the SKUs that are ticked."""
    rows = who.page.locator("main tbody tr")
    expect(rows).to_have_count(len(skus))
    for row in rows.all():
        expect(row.locator(".verdict").first).to_be_visible()
    ticked = rows.filter(has=who.page.locator("input[type=checkbox]:checked"))
    taken = ticked.locator(".sku").all_inner_texts()
    assert taken
    return taken


@pytest.mark.parametrize("variant", ALL, ids=str)
def test_a_buyer_finds_the_invoice_of_an_order_that_was_phoned_in(
    enter: Enter, demo: DemoShop, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    old = story(demo, "phoned_order")
    who.open("/invoices/")
    filters = who.page.locator("main form.filters")
    filters.locator("input[name=q]").fill(old["number"])
    filters.get_by_role("button", name=who.words("Search"), exact=True).click()
    invoice = who.page.get_by_role("link", name=old["invoices"][0], exact=True)
    who.follow(invoice)
    expect(who.page.locator(".totals dd.sum")).to_have_text(money(variant.language, Decimal(old["total"])))
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name=who.words("Download PDF")).click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(content) > 1000
    who.follow(who.page.get_by_role("link", name=old["number"], exact=True))
    expect(who.page.locator(".page-head .channel.phone")).to_be_visible()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_an_order_of_another_company_looks_like_none(enter: Enter, demo: DemoShop, variant: Variant) -> None:
    who = enter(variant, "buyer")
    foreign = demo.seed["stories"]["C0002"]["web_order"]["number"]
    who.open(f"/orders/{foreign}/", status=404)
    seen = who.read(who.page.locator("main"))
    who.open("/orders/H99999/", status=404)
    assert who.read(who.page.locator("main")) == seen
