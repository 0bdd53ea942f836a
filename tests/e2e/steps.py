"""What a buyer does in the shop, a step each; every step ends when the page shows its result."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from shop.money import formats
from tests.e2e.visitor import ERP_WRITES_MS, Visitor

AGAIN_MS = 3_000
REFERENCE = re.compile(r"/orders/(WEB-[^/]+)/placed/")


@dataclass(frozen=True)
class Placed:
    """An order that was placed.

    Attributes:
        reference: The shop's own reference.
        number: The ERP's number.
        total: Total as the checkout showed it, in words.
        ship_to: Id of the delivery address that was chosen.
        wanted_on: Date that was asked for.
    """

    reference: str
    number: str
    total: str
    ship_to: str
    wanted_on: dt.date


def search(who: Visitor, text: str) -> None:
    """Search by the box at the head of every page."""
    box = who.page.get_by_role("searchbox", name=who.words("Search items"))
    box.fill(text)
    box.press("Enter")
    expect(who.page).to_have_url(re.compile(r"/items/\?q="))
    who.look()


def row_of(who: Visitor, sku: str) -> Locator:
    """Return the row of an item in a list, a basket or an order."""
    sku_there = who.page.locator(".sku", has_text=re.compile(f"^{re.escape(sku)}$"))
    return who.page.locator("main table tbody tr").filter(has=sku_there)


def empty_basket(who: Visitor) -> None:
    """Take every line out of the basket."""
    who.open("/basket/")
    remove = who.page.locator("#basket button[value=remove]")
    while left := remove.count():
        remove.first.click()
        expect(remove).to_have_count(left - 1)


def add(who: Visitor, sku: str, quantity: str) -> None:
    """Find an item by its SKU and put it into the basket."""
    search(who, sku)
    row = row_of(who, sku)
    row.locator("input[name=quantity]").fill(quantity)
    row.locator("form.qty-form button:not([type=button])").click()
    expect(row.locator(".add-answer [role=status]")).to_be_visible()


def open_until(who: Visitor, path: str, shown: Locator) -> None:
    """Open a page again until the ERP's figures are on it: on a busy machine its answer may come too late for one."""
    deadline = time.monotonic() + ERP_WRITES_MS / 1000
    who.open(path)
    while not shown.count() and time.monotonic() < deadline:
        who.page.wait_for_timeout(AGAIN_MS)
        who.open(path)
    expect(shown).to_be_visible()


def open_checkout(who: Visitor) -> None:
    """Open the checkout with the ERP's own totals: goods, freight or tax, and the sum."""
    open_until(who, "/checkout/", who.page.locator(".totals dt").nth(2))


def check_out(who: Visitor, po_number: str, *, erp_answers: bool = True) -> Placed:
    """Order what is in the basket, with PO number, the last of the addresses, and a date two weeks from now."""
    if erp_answers:
        open_checkout(who)
    else:
        who.open("/checkout/")
    wanted_on = dt.datetime.now(formats.company_zone()).date() + dt.timedelta(days=14)
    ship_to = who.page.locator("select[name=ship_to]")
    ship_to.select_option(ship_to.locator("option").last.get_attribute("value"))
    who.page.locator("input[name=customer_reference]").fill(po_number)
    who.page.locator("input[name=requested_on]").fill(wanted_on.isoformat())
    total = who.read(who.page.locator(".totals dd.sum"))
    chosen = ship_to.input_value()
    who.page.locator("form[data-keep] button.primary").click()
    expect(who.page).to_have_url(REFERENCE)
    who.look()
    found = REFERENCE.search(who.page.url)
    assert found is not None
    return Placed(found[1], "", total, chosen, wanted_on)


def confirmed(who: Visitor, placed: Placed) -> Placed:
    """Wait until the page tells the ERP's number, and return the order with it."""
    good = who.page.locator("#placed-state .alert.good")
    expect(good).to_be_visible(timeout=ERP_WRITES_MS)
    number = who.read(who.page.locator("#placed-state dd").first)
    expect(good).to_contain_text(who.words("Confirmed: order %(number)s", number=number))
    return Placed(placed.reference, number, placed.total, placed.ship_to, placed.wanted_on)
