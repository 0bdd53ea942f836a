"""A sales rep orders for a customer, visibly; the manager sees both kinds of orders in adoption."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.books import Books
from tests.e2e.conftest import Enter
from tests.e2e.steps import Placed, add, check_out, confirmed, empty_basket, row_of
from tests.e2e.visitor import TWO, Variant, Visitor
from tests.e2e.words import money

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW, WASHER = "TOR-0440-ZN", "ARA-0008-ZN"
COMPANY = "Obras Levante"
MIRRORED_S = 90.0
WHOLE_PERIOD = "/admin/adoption/adoptionreport/figure/order/?period=last_12"


def act_for(who: Visitor, reason: str) -> None:
    """Begin an assisted session from the desk."""
    who.open("/rep/")
    left_open = who.page.locator("main .alert form[action$='/rep/end/'] button")
    if left_open.count():  # by a test that failed
        left_open.click()
        expect(left_open).to_have_count(0)
    row = who.page.locator("main tbody tr").filter(has_text=COMPANY)
    row.locator("input[name=reason]").fill(reason)
    row.locator("form button").click()
    banner = who.page.get_by_role("region", name=who.words("Assisted session"))
    expect(banner).to_contain_text(COMPANY)
    expect(banner).to_contain_text(reason)
    who.look()


def end_session(who: Visitor) -> None:
    """End the assisted session from its banner."""
    banner = who.page.locator(".assisted")
    banner.get_by_role("button", name=who.words("End"), exact=True).click()
    expect(banner).to_have_count(0)


def order_for_customer(who: Visitor, reason: str) -> Placed:
    """Order washers in an assisted session and end it."""
    act_for(who, reason)
    empty_basket(who)
    add(who, WASHER, "50")
    placed = confirmed(who, check_out(who, f"PO-{uuid4().hex[:8]}"))
    end_session(who)
    return placed


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_rep_orders_for_a_customer_who_sees_it_and_keeps_his_own_basket(
    enter: Enter, books: Books, variant: Variant
) -> None:
    buyer, rep = enter(variant, "buyer"), enter(variant, "rep")
    empty_basket(buyer)
    add(buyer, SCREW, "3")
    reason = f"phone call {uuid4().hex[:6]}"
    placed = order_for_customer(rep, reason)
    (sale,) = books.sales_of(placed.reference)
    assert (sale.number, sale.customer, sale.medium) == (placed.number, "C0001", "rep")
    assert " ".join(money(variant.language, sale.total).split()) == placed.total
    buyer.open("/basket/")
    expect(row_of(buyer, SCREW).locator("input[name=quantity]")).to_have_value("3")
    expect(row_of(buyer, WASHER)).to_have_count(0)
    buyer.open("/account/acted-for-us/")
    entry = buyer.page.locator("main tbody tr").filter(has_text=reason)
    buyer.follow(entry.locator(f"a[href*='{placed.reference}'], a[href*='{placed.number}']"))
    expect(buyer.page.locator(".page-head .channel.web_assisted")).to_be_visible()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_what_is_the_customers_own_is_shut_to_a_rep_who_acts_for_him(enter: Enter, variant: Variant) -> None:
    rep = enter(variant, "rep")
    act_for(rep, "looking for a part")
    rep.open("/account/people/", status=403)
    expect(rep.page.locator("h1")).to_have_text(rep.words("Not while you act for a customer"))
    rep.press("End the assisted session")
    expect(rep.page.locator(".assisted")).to_have_count(0)
    expect(rep.page).to_have_url(re.compile("/rep/$"))


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_rep_reads_the_sheet_and_hands_over_a_basket_that_the_buyer_orders(
    enter: Enter, books: Books, variant: Variant
) -> None:
    buyer, rep = enter(variant, "buyer"), enter(variant, "rep")
    rep.open("/rep/")
    rep.follow(rep.page.locator("main tbody tr a.row-link").filter(has_text=COMPANY))
    expect(rep.page.locator("section[aria-labelledby=usual] li").first).to_be_visible()
    act_for(rep, f"visit {uuid4().hex[:6]}")
    empty_basket(rep)
    add(rep, WASHER, "100")
    rep.open("/basket/hand-over/")
    rep.page.get_by_role("radio", name=re.compile("Laura Gil")).check()
    rep.page.locator("textarea[name=note]").fill("As we said on Tuesday")
    rep.press("Hand over")
    expect(row_of(rep, WASHER)).to_have_count(0)
    end_session(rep)
    empty_basket(buyer)
    buyer.open("/notices/")
    buyer.follow(buyer.page.locator(".notice").filter(has_text="Ana Ruiz").locator("a").first)
    buyer.press("Put into the basket")
    expect(row_of(buyer, WASHER).locator("input[name=quantity]")).to_have_value("100")
    placed = confirmed(buyer, check_out(buyer, f"PO-{uuid4().hex[:8]}"))
    (sale,) = books.sales_of(placed.reference)
    assert (sale.number, sale.customer) == (placed.number, "C0001")


@dataclass(frozen=True)
class Share:
    """Order adoption as the manager reads it: `part` of `whole` orders."""

    part: int
    whole: int


def order_adoption(manager: Visitor) -> Share:
    """Read numerator and denominator of order adoption."""
    manager.open(WHOLE_PERIOD)
    facts = manager.page.locator("dl.facts dd")
    part, whole = (int(re.sub(r"\D", "", manager.read(facts.nth(place)).split(" ")[0])) for place in (0, 1))
    return Share(part, whole)


def summed(manager: Visitor, expected: Share) -> None:
    """Wait until the sums know it: a page shows those of before while somebody else sums."""
    deadline = time.monotonic() + MIRRORED_S
    while (found := order_adoption(manager)) != expected:
        assert time.monotonic() < deadline, f"{found} instead of {expected}"


def mirrored(who: Visitor, placed: Placed) -> None:
    """Wait until the order came back from the ERP: the list shows it by the ERP's number alone."""
    deadline = time.monotonic() + MIRRORED_S
    who.open("/orders/")
    link = who.page.locator(f"main a.row-link[href='/orders/{placed.number}/']")
    while not link.count():
        assert time.monotonic() < deadline, f"{placed.number} was not pulled into the mirror"
        who.page.reload()


@pytest.mark.parametrize("variant", TWO[1:], ids=str)
def test_adoption_moves_by_exactly_what_was_ordered(enter: Enter, books: Books, variant: Variant) -> None:
    buyer, rep, manager = enter(variant, "buyer"), enter(variant, "rep"), enter(variant, "manager")
    empty_basket(buyer)
    add(buyer, SCREW, "1")
    before = order_adoption(manager)
    own = confirmed(buyer, check_out(buyer, f"PO-{uuid4().hex[:8]}"))
    mirrored(buyer, own)
    summed(manager, Share(before.part + 1, before.whole + 1))
    assisted = order_for_customer(rep, "he asked us to")
    mirrored(buyer, assisted)
    summed(manager, Share(before.part + 1, before.whole + 2))
    assert {sale.total > Decimal(0) for one in (own, assisted) for sale in books.sales_of(one.reference)} == {True}


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_manager_sees_every_figure_with_its_rows(enter: Enter, variant: Variant) -> None:
    manager = enter(variant, "manager")
    manager.open("/admin/adoption/adoptionreport/adoption/")
    codes = set(manager.page.locator("main td.lead .quieter, #content td.lead .quieter").all_inner_texts())
    assert {"M1", "M2", "M3", "M5", "M12", "M13", "M16", "M18"} <= {word for code in codes for word in code.split()}
    manager.follow(manager.page.locator("td.lead a.row-link:visible").first)
    expect(manager.page.locator("section[aria-labelledby=rows] tbody tr").first).to_be_visible()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_does_not_get_to_see_adoption(enter: Enter, variant: Variant) -> None:
    buyer = enter(variant, "buyer")
    answer = buyer.page.goto("/admin/adoption/adoptionreport/")
    assert answer is not None
    assert answer.status in {403, 404}
