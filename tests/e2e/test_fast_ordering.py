"""Fast ordering against a real Tryton: ten lines by keyboard, a pasted mail, a file, a list, buying again."""

from __future__ import annotations

import io
import re
from uuid import uuid4

import pytest
import xlsxwriter
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.demo_shop import DemoShop
from tests.e2e.steps import empty_basket, row_of
from tests.e2e.visitor import ERP_WRITES_MS, TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW, WASHER = "TOR-0440-ZN", "ARA-0008-ZN"
TEN = 10


def rows(who: Visitor) -> Locator:
    return who.page.locator("#pad tbody tr")


def ready(who: Visitor) -> Locator:
    return rows(who).filter(has=who.page.locator("input[type=checkbox]"))


def empty_pad(who: Visitor) -> None:
    who.open("/quick-order/")
    clear = who.page.locator("#pad button[value=clear]")
    if clear.count():
        clear.click()
        expect(rows(who)).to_have_count(0)
        who.open("/quick-order/")
    who.page.locator("#quick-lines").evaluate("box => { box.value = '' }")


def sold_skus(demo: DemoShop, count: int) -> list[str]:
    """Return items that are sold and stand by themselves: no item of the same beginning."""
    gone = demo.seed["discontinued"].keys() | set(demo.seed["out_of_stock"])
    return [sku for sku in sorted(demo.seed["products"]) if sku not in gone and sku.startswith(("TOR-", "ARA-"))][
        :count
    ]


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_ten_lines_are_ordered_by_keyboard_alone(enter: Enter, demo: DemoShop, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    empty_pad(who)
    keys, item = who.page.keyboard, who.page.locator("#quick-item")
    expect(item).to_be_focused()
    # The first by what is offered while he types, the others by their numbers.
    keys.type(SCREW[:6])
    expect(who.page.locator("#quick-found [data-sku]").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(who.page.locator("#quick-quantity")).to_be_focused()
    keys.press("Enter")
    expect(rows(who)).to_have_count(1)
    for number, sku in enumerate(sold_skus(demo, TEN + 1)[2:], start=2):
        expect(item).to_be_focused()
        keys.type(sku)
        keys.press("Enter")
        keys.type("500")
        keys.press("Enter")
        expect(rows(who)).to_have_count(number)
    expect(item).to_be_focused()
    keys.press("Enter")  # an empty line: on to the basket
    expect(who.page.locator("#pad-bar .primary")).to_be_focused()
    expect(ready(who)).to_have_count(TEN)
    # A bar that is drawn anew while a row is checked swallows a key: wait for the checks.
    expect(who.page.locator(".htmx-request")).to_have_count(0)
    who.page.locator("#pad-bar .primary").press("Enter")
    expect(who.page.locator("#pad .alert.good")).to_be_visible()
    expect(who.page.locator("#basket-count")).to_contain_text(str(TEN))
    who.look()
    keys.press("Enter")  # the link to the basket has the focus
    expect(who.page).to_have_url(re.compile("/basket/"))
    expect(who.page.locator("#basket tbody tr")).to_have_count(TEN)


def correct(who: Visitor, number: int, *, item: str = "", quantity: str = "") -> None:
    """Type over a row that is wrong, and wait until it is ready."""
    row = who.page.locator(f"#{rows(who).nth(number - 1).get_attribute('id')}")
    if item:
        row.locator("input[name^=item-]").fill(item)
        row.locator("input[name^=item-]").press("Tab")
    if quantity:
        row.locator("input[name^=quantity-]").fill(quantity)
        row.locator("input[name^=quantity-]").press("Tab")
    expect(row.locator("input[type=checkbox]")).to_be_checked(timeout=ERP_WRITES_MS)


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_pasted_mail_is_corrected_ordered_and_kept_as_a_list(enter: Enter, demo: DemoShop, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    empty_pad(who)
    old, new = next((old, new) for old, new in demo.seed["discontinued"].items() if new)
    unclear = "1.250" if variant.language == "en" else "1,250"
    # What is corrected once is remembered for the company: so the wrong number is a new one each time.
    mail = f"- 3 x {SCREW}\n{WASHER}\t1500\nNO-{uuid4().hex[:8]}; 4\n{old}, 2\n{SCREW};{unclear}\n"
    who.page.locator("#quick-lines").fill(mail)
    who.page.locator("#quick-paste button").click()
    expect(rows(who)).to_have_count(5)
    who.look()
    expect(ready(who)).to_have_count(3)
    expect(rows(who).nth(3)).to_contain_text(new)
    expect(rows(who).nth(4).locator(".verdict .is-bad").last).to_contain_text(unclear)
    correct(who, 3, item=sold_skus(demo, 3)[2], quantity="500")
    correct(who, 5, quantity="5")
    expect(who.page.locator("#pad-bar .primary")).to_contain_text("5")
    who.page.locator("#pad-bar .primary").click()
    expect(who.page.locator("#pad .alert.good")).to_be_visible()
    who.open("/basket/")
    expect(who.page.locator("#basket tbody tr")).to_have_count(4)
    expect(row_of(who, SCREW).locator("input[name=quantity]")).to_have_value("8")
    # Kept as a list, ordered again with one click, removed and put back.
    who.follow(who.page.locator("a[href*='/lists/new/?from=basket']"))
    name = f"Obra {variant}"
    who.page.locator("#list-name").fill(name)
    who.page.locator("main form .primary").click()
    expect(who.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    who.look()
    who.page.locator("button[value=order]").click()
    expect(who.page).to_have_url(re.compile("/basket/"))
    expect(row_of(who, SCREW).locator("input[name=quantity]")).to_have_value("16")
    who.open("/lists/")
    who.follow(who.page.locator("a.row-link", has_text=name).first)
    who.page.locator("button[value=remove]").click()
    expect(who.page).to_have_url(re.compile(r"/lists/\?removed="))
    who.page.locator("button[value=back]").click()
    expect(who.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    empty_basket(who)


@pytest.mark.parametrize("variant", TWO[:1], ids=str)
def test_a_file_and_the_history_work_without_javascript(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer", script=False)
    who.open("/quick-order/")
    who.page.locator("#quick-paste").locator("xpath=ancestor::details").evaluate("box => { box.open = true }")
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Artículo", "Cantidad"])
    sheet.write_row(1, 0, [SCREW, 4])
    sheet.write_row(2, 0, ["NO-SUCH-8", 1])
    book.close()
    file = {"name": "list.xlsx", "mimeType": "application/octet-stream", "buffer": made.getvalue()}
    before = rows(who).count()
    who.page.locator("#quick-file").set_input_files(file)  # type: ignore[arg-type] # as the documentation has it
    who.page.locator("#quick-paste button").click()
    expect(rows(who)).to_have_count(before + 2)
    who.page.locator("button[value=take]").click()
    expect(who.page.locator(".alert.success, .alert.good").first).to_be_visible()
    who.open("/buy-again/?prices=wait")
    expect(who.page.locator("main tbody tr").first).to_be_visible()
    who.open("/items/?sort=price")
    expect(who.page.locator("main p[role=status], main p.quieter.small").first).to_be_visible()
