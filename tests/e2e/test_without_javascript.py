"""The shop in a browser that runs no scripts: everything is there, with a click more."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.steps import REFERENCE, check_out, open_until, row_of, search
from tests.e2e.visitor import TWO, Variant, Visitor
from tests.e2e.words import money

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW = "TOR-0440-ZN"
ASKED_AGAIN = 60


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_orders_without_javascript(enter: Enter, books: Books, variant: Variant) -> None:
    who = enter(variant, "buyer", script=False)
    _empty_basket(who)
    search(who, SCREW)
    row = row_of(who, SCREW)
    open_until(who, f"/items/?q={SCREW}&prices=wait", row.locator(".price-net"))
    expect(row.locator("details.stamp summary").first).to_contain_text("ERP ·")
    row.locator("input[name=quantity]").fill("2")
    row.locator("form.qty-form button:not([type=button])").click()
    expect(who.page.locator("#basket-count")).to_contain_text("1")
    who.open("/basket/?prices=wait")
    expect(row_of(who, SCREW).locator("input[name=quantity]")).to_have_value("2")
    placed = check_out(who, f"PO-{uuid4().hex[:8]}")
    _wait_until_confirmed(who)
    (sale,) = books.sales_of(placed.reference)
    assert " ".join(money(variant.language, sale.total).split()) == placed.total


def _empty_basket(who: Visitor) -> None:
    who.open("/basket/")
    remove = who.page.locator("#basket button[value=remove]")
    while left := remove.count():
        remove.first.click()
        expect(remove).to_have_count(left - 1)


def _wait_until_confirmed(who: Visitor) -> None:
    """Load the page again, as somebody without scripts does, until the ERP has answered."""
    assert REFERENCE.search(who.page.url)
    for _attempt in range(ASKED_AGAIN):
        if who.page.locator("#placed-state .alert.good").count():
            return
        who.page.reload()
    raise AssertionError("the order was not confirmed")
