"""Wrong input, and an ERP that stops: a clear sentence, nothing lost, nothing ordered twice."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import Route, expect

from shop.money import formats
from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.demo_shop import DemoShop
from tests.e2e.steps import add, check_out, confirmed, empty_basket, open_checkout, row_of, search
from tests.e2e.visitor import ERP_WRITES_MS, TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW = "TOR-0440-ZN"
WASHER = "ARA-0008-ZN"  # sold in steps of 50
BACK_S = 60.0
LEAST = "The least you can order is %(least)s."
STEPS = "This item is sold in steps of %(step)s: enter %(below)s or %(above)s."
SESSION = re.compile("session")
ABOVE_ZERO = "Enter a quantity above zero; to take the item out, use Remove."
BAD: list[tuple[str, str, dict[str, int | str]]] = [
    ("0", ABOVE_ZERO, {}),
    ("-50", ABOVE_ZERO, {}),
    ("25", LEAST, {"least": 50}),
    ("75", STEPS, {"step": 50, "below": 50, "above": 100}),
    ("1.234,5", STEPS, {"step": 50, "below": 1200, "above": 1250}),
    ("1000000000", "The most you can order in one line is %(most)s.", {"most": 999_999}),
    ("many", "“%(text)s” is not a number. Use the digits 0 to 9.", {"text": "many"}),
]


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_quantity_that_cannot_be_ordered_is_answered_with_what_to_enter(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    search(who, WASHER)
    row = row_of(who, WASHER)
    for typed, sentence, values in BAD:
        row.locator("input[name=quantity]").fill(typed)
        row.locator("form.qty-form button:not([type=button])").click()
        shown = {
            name: value if isinstance(value, str) else formats.quantity(Decimal(value), variant.language)
            for name, value in values.items()
        }
        expect(row.locator(".add-answer [role=alert]")).to_have_text(who.words(sentence, **shown))
        expect(row.locator("input[name=quantity]")).to_have_value(typed)
    who.open("/basket/")
    expect(who.page.locator("#basket tbody tr")).to_have_count(0)


@pytest.mark.parametrize("variant", TWO[:1], ids=str)
def test_a_line_taken_out_while_its_prices_arrive_is_gone_from_the_page(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    for sku in (SCREW, WASHER):
        add(who, sku, "50")
    who.open("/basket/")
    expect(who.page.locator("#basket:not([hx-get]) button[value=remove]")).to_have_count(2)
    # The prices are asked for in the same moment in which he presses: both answers are on their way at once.
    who.page.evaluate(
        """() => {
            const table = document.getElementById("basket");
            htmx.ajax("GET", "/basket/table/", {source: table, target: table, swap: "outerHTML"})
                .catch(() => {});  // he goes before it
            table.querySelector("button[value=remove]").click();
        }"""
    )
    expect(who.page.locator("#basket:not([hx-get]) button[value=remove]")).to_have_count(1)
    who.open("/basket/")
    expect(who.page.locator("#basket button[value=remove]")).to_have_count(1)


@pytest.mark.parametrize("variant", TWO[:1], ids=str)
def test_a_quantity_typed_while_an_answer_is_on_its_way_is_kept_and_sent(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    for sku in (SCREW, WASHER):
        add(who, sku, "50")
    who.open("/basket/")
    expect(who.page.locator("#basket:not([hx-get]) button[value=remove]")).to_have_count(2)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    who.page.route("**/basket/line/", hold_the_first)
    first, second = who.page.locator("#basket [data-qty]").all()
    first.fill("100")
    with who.page.expect_request("**/basket/line/"):
        second.focus()
    second.press_sequentially("150")
    held[0].continue_()
    expect(first).to_have_attribute("value", "100")  # the answer has come
    expect(second).to_have_value("150")
    expect(second).to_be_focused()
    # Who goes on to the checkout at once orders what he typed.
    who.page.locator("#basket a.primary:visible").click()
    who.page.wait_for_url("**/checkout/**")
    who.open("/basket/")
    expect(second).to_have_value("150")


def test_a_text_sent_after_the_session_ended_comes_back_to_its_writer_only(enter: Enter, demo: DemoShop) -> None:
    who = enter(TWO[0], "buyer")
    who.open("/quotes/new/")
    note = who.page.locator("main form[data-keep] textarea")
    note.fill("Ring before eight")
    who.page.context.clear_cookies(name=SESSION)
    who.page.locator("main form[data-keep] button.primary").click()
    who.page.wait_for_url("**/accounts/login/**")
    who.log_in(demo.person("buyer"))
    who.open("/quotes/new/")
    expect(note).to_have_value("Ring before eight")
    who.page.context.clear_cookies(name=SESSION)
    who.log_in(demo.person("approver"))
    who.open("/quotes/new/")
    expect(note).to_have_value("")
    assert who.page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_an_order_placed_while_the_erp_is_stopped_is_confirmed_once_when_it_is_back(
    enter: Enter, books: Books, demo: DemoShop, variant: Variant
) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    add(who, SCREW, "2")
    open_checkout(who)
    po_number = f"PO-{uuid4().hex[:8]}"
    with demo.erp_stopped():
        for path in ("/", "/items/", f"/items/{SCREW}/", "/basket/", "/orders/", "/invoices/"):
            who.open(path)
        who.open(f"/items/?q={SCREW}&prices=wait")
        expect(row_of(who, SCREW).locator(".price-net")).to_be_visible()
        expect(row_of(who, SCREW).locator("details.stamp").first).to_contain_text("ERP")
        placed = check_out(who, po_number, erp_answers=False)
        waiting = who.page.locator("#placed-state .alert.attention .title")
        expect(waiting).to_have_text(who.words("Waiting for confirmation"), timeout=ERP_WRITES_MS)
        who.open(f"/orders/{placed.reference}/")
        expect(who.page.locator("main")).to_contain_text(who.words("Waiting for confirmation"))
    who.open(f"/orders/{placed.reference}/placed/")
    done = confirmed(who, placed)
    (sale,) = books.sales_of(placed.reference)
    assert (sale.number, sale.reference) == (done.number, po_number)
    assert books.orders_with_po(po_number) == 1
    _wait_until_prices_are_live(who)


def _wait_until_prices_are_live(who: Visitor) -> None:
    """See that the pages notice by themselves that the ERP is back."""
    deadline = time.monotonic() + BACK_S
    offline = row_of(who, SCREW).locator("details.stamp.offline")
    who.open(f"/items/?q={SCREW}&prices=wait")
    while offline.count():
        assert time.monotonic() < deadline, "the pages still say that the ERP is offline"
        who.page.reload()
    expect(row_of(who, SCREW).locator(".price-net")).to_be_visible()
