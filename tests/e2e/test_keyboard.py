"""The shop without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.steps import empty_basket
from tests.e2e.visitor import TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

MOST_TABS = 80
IS_QUANTITY = "document.activeElement.matches('[data-qty]')"


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_searches_and_adds_line_after_line_by_keyboard_alone(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    keys = who.page.keyboard
    keys.press("/")
    expect(who.page.locator("[data-search]")).to_be_focused()
    keys.type("ARA-00")
    keys.press("Enter")
    rows = who.page.locator("main table.items tbody tr")
    expect(rows.nth(1)).to_be_visible()
    _tab_to_first_quantity(who)
    for number in range(2):
        row = rows.nth(number)
        expect(row.locator("[data-qty]")).to_be_focused()
        keys.press("ArrowUp")
        keys.press("Enter")
        expect(row.locator(".add-answer [role=status]")).to_be_visible()
        expect(rows.nth(number + 1).locator("[data-qty]")).to_be_focused()
    who.open("/basket/")
    expect(who.page.locator("#basket tbody tr")).to_have_count(2)


def _tab_to_first_quantity(who: Visitor) -> None:
    for _press in range(MOST_TABS):
        who.page.keyboard.press("Tab")
        if who.page.evaluate(IS_QUANTITY):
            return
    raise AssertionError(f"no quantity box within {MOST_TABS} tabs")


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_the_first_tab_leads_past_the_head_to_the_content(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    who.open("/orders/")
    who.page.keyboard.press("Tab")
    expect(who.page.locator("a.skip")).to_be_focused()
    who.page.keyboard.press("Enter")
    expect(who.page.locator("#main")).to_be_focused()
