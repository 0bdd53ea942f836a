"""A manager opens every page of the report on Monday: it says something, in his language, to everybody's eyes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.visitor import TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

REPORT = "/admin/adoption/adoptionreport"
PAGES = {
    "today": "Today",
    "adoption": "Adoption",
    "channels": "Channels",
    "money": "Money",
    "service": "Service",
    "plan": "Plan and goals",
    "coaching": "Coaching",
}
# Cells that hold a number, and those of them that hold none.
NUMBERS = ".adoption td.num:not(details td), .adoption .kpi .value"
DASH = re.compile(r"^\s*–?\s*$")  # noqa: RUF001 (what the page shows)


def says_something(who: Visitor) -> None:
    """Most numbers of the page are numbers, and each chart has its table."""
    cells = who.page.locator(NUMBERS).all_inner_texts()
    told = [text for text in cells if not DASH.match(text)]
    assert len(told) > len(cells) / 2, f"{who.page.url}: {len(told)} of {len(cells)} numbers"
    charts = who.page.locator(".adoption svg.chart").count()
    assert who.page.locator(".adoption section:has(> svg.chart) > details table").count() == charts


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_every_page_of_the_report_speaks(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "manager")
    for key, title in PAGES.items():
        who.open(f"{REPORT}/{key}/?period=last_12")
        expect(who.page.locator("h1").last).to_have_text(who.words(title))
        says_something(who)
    who.follow(who.page.locator(".adoption nav.tabs a").first)
    who.follow(who.page.locator(".adoption a.kpi").first)
    expect(who.page.locator(".adoption details:not(form details)")).to_have_count(1)
    expect(who.page.locator("#rows")).to_be_visible()
    who.open(f"{REPORT}/money/?view=print")
    expect(who.page.locator("#header, .adoption .filters:not(.panel *)")).to_have_count(0)
    who.open("/admin/adoption/cost/file/")
    expect(who.page.get_by_text("2027-01-31").first).to_be_visible()
