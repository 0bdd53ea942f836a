"""Paying invoices against a real Tryton: three at once with credit notes, booked once, in both languages and widths."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.visitor import ERP_WRITES_MS, TWO, Variant, Visitor
from tests.e2e.words import money

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_three_invoices_are_paid_at_once_and_booked_in_tryton_once(
    enter: Enter, books: Books, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    who.open("/invoices/?state=open")
    numbers = tick(who, 3)
    button = who.page.locator("[data-pay-button]")
    expect(button).to_contain_text(re.compile(r"3 .*·"))
    who.follow(button)
    notes = [box.get_attribute("value") or "" for box in who.page.locator("input[name=credit]:checked").all()]
    assert notes or variant != TWO[0], "the seed's credit note is offered to the first who pays"
    due = sum((books.due_of(number) for number in [*numbers, *notes]), Decimal(0))
    expect(who.page.locator("dd.sum")).to_have_text(money(variant.language, due))
    who.page.locator("button[name=do][value=pay]:visible").click()
    expect(who.page).to_have_url(re.compile("/payments/test-provider/"))
    who.look()
    who.page.locator("button[name=do][value=pay]:visible").click()
    expect(who.page).to_have_url(re.compile(r"/payments/WEB-\w+/$"))
    booked(who)
    who.look()
    reference = who.page.url.rstrip("/").rsplit("/", maxsplit=1)[-1]
    paid = books.web_payments(reference)
    assert sum(one.amount for one in paid) == due
    # An invoice of two instalments is two parts of the payment.
    assert {one.invoice for one in paid} == {*numbers, *notes}
    assert all(books.due_of(number) == 0 for number in [*numbers, *notes])
    who.open("/invoices/?state=open")
    for number in numbers:
        expect(who.page.get_by_role("link", name=number, exact=True)).to_have_count(0)
    who.open("/payments/")
    expect(who.page.locator("main")).to_contain_text(numbers[0])


def tick(who: Visitor, count: int) -> list[str]:
    """Tick the last invoices of the page; return their numbers."""
    boxes = who.page.locator("[data-pay]")
    found: list[str] = []
    for at in range(count):
        box: Locator = boxes.nth(boxes.count() - 1 - at)
        found.append(box.get_attribute("value") or "")
        box.check()
    return found


def without_credit_notes(who: Visitor) -> None:
    """Untick the credit notes that are offered: what is charged is then what the invoices ask for."""
    ticked = who.page.locator("input[name=credit]:checked")
    for _time in range(5):
        if not ticked.count():
            return
        ticked.first.uncheck()
        who.page.wait_for_load_state("networkidle")
    expect(ticked).to_have_count(0)


def booked(who: Visitor) -> None:
    """Wait until the page says so by itself: captured, sent to the ERP, shown by the mirror."""
    standing = who.page.locator("#payment-standing")
    expect(standing).to_contain_text(who.words("Booked: your invoices show it"), timeout=2 * ERP_WRITES_MS)


def test_without_javascript_a_part_of_an_invoice_is_paid(enter: Enter, books: Books) -> None:
    who = enter(Variant("en", "desktop"), "buyer", script=False)
    who.open("/invoices/?state=open")
    boxes = who.page.locator("[data-pay]")
    number = boxes.nth(0).get_attribute("value") or ""
    before = books.due_of(number)
    boxes.nth(0).check()
    who.page.locator("[data-pay-button]").click()
    without_credit_notes(who)
    who.page.locator("input.pay-amount").fill("1.25")
    who.page.locator("button[value=count]").click()
    expect(who.page.locator("dd.sum")).to_have_text(money("en", Decimal("1.25")))
    who.page.locator("button[name=do][value=pay]:visible").click()
    who.page.locator("button[name=do][value=pay]:visible").click()
    expect(who.page).to_have_url(re.compile(r"/payments/WEB-\w+/$"))
    reference = who.page.url.rstrip("/").rsplit("/", maxsplit=1)[-1]
    books.wait_for_payment(reference)
    assert books.due_of(number) == before - Decimal("1.25")
