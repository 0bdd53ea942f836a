"""After the order, against a real Tryton: what is missing, what goes back, what is changed, what is asked."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.builders import files
from tests.e2e.conftest import Enter
from tests.e2e.demo_shop import DemoShop
from tests.e2e.steps import add, check_out, confirmed, empty_basket
from tests.e2e.visitor import ERP_WRITES_MS, TWO, Variant, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.tryton, pytest.mark.slow]

SCREW = "TOR-0440-ZN"
CUSTOMER = "C0001"
AGAIN_MS = 3_000


def partly_shipped(demo: DemoShop) -> str:
    """Return the number of an order of which something was delivered and something was not."""
    return str(demo.seed["stories"][CUSTOMER]["partly_shipped_order"]["number"])


def until(who: Visitor, shown: Locator) -> None:
    """Load the page again until the ERP's answer is on it."""
    for _again in range(ERP_WRITES_MS // AGAIN_MS):
        if shown.count():
            break
        who.page.wait_for_timeout(AGAIN_MS)
        who.page.reload()
    expect(shown.first).to_be_visible()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_sees_what_is_on_its_way_and_what_is_missing_over_all_orders(
    enter: Enter, demo: DemoShop, variant: Variant, tmp_path: Path
) -> None:
    number, who = partly_shipped(demo), enter(variant, "buyer")
    who.open("/deliveries/?state=all")
    who.follow(who.page.locator("main table td.lead a").first)
    expect(who.page.locator("main table .sku").first).to_be_visible()
    who.open("/missing-goods/")
    expect(who.page.locator("main table tbody tr").first).to_be_visible()
    who.page.locator("details.more summary").first.click()
    who.page.locator("input[name=order]").fill(number)
    who.page.locator("select[name=level]").select_option("item")
    who.press("Filter")
    expect(who.page).to_have_url(re.compile("level=item"))
    row = who.page.locator("main table tbody tr")
    expect(row).to_have_count(1)
    sku = who.read(row.locator(".sku"))
    assert sku in saved(who, "csv", tmp_path)
    assert sku in saved(who, "xlsx", tmp_path)
    who.follow(who.page.locator("main a[href*='/missing-goods/print/']"))
    expect(who.page.locator("main table .sku")).to_have_text(sku)


def saved(who: Visitor, file_format: str, folder: Path) -> str:
    """Download the report and return what is written in it."""
    with who.page.expect_download() as download:
        who.page.locator(f"main a[href*='format={file_format}']").click()
    path = folder / f"report.{file_format}"
    download.value.save_as(path)
    if file_format == "csv":
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
        assert len(rows) == 2
        return " ".join(rows[1])
    with zipfile.ZipFile(path) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_a_link_to_the_report_needs_no_log_in_and_ends(enter: Enter, demo: DemoShop) -> None:
    variant = TWO[0]
    who = enter(variant, "buyer")
    who.open(f"/missing-goods/links/?order={partly_shipped(demo)}")
    who.page.locator("input[name=label]").fill("Building site")
    who.press("Make a link")
    address = who.page.locator("#link-address").input_value()
    browser = who.page.context.browser
    assert browser is not None
    stranger = browser.new_page()
    answer = stranger.goto(address)
    assert answer is not None
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
    expect(stranger.locator("main table tbody tr").first).to_be_visible()
    expect(stranger.locator("main table a")).to_have_count(0)
    who.look()
    who.page.locator("form[action*='/end/'] button").first.click()
    expect(who.page.locator("form[action*='/end/']")).to_have_count(0)
    gone = stranger.goto(address)
    assert gone is not None
    assert gone.status == 404
    stranger.close()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_returns_a_piece_with_a_photo_and_follows_it(enter: Enter, demo: DemoShop, variant: Variant) -> None:
    number, who = partly_shipped(demo), enter(variant, "buyer")
    who.open(f"/orders/{number}/")
    who.follow(who.page.locator("main a[href^='/returns/new/']").first)
    who.page.locator("input[name=quantity]").fill("1000000")
    who.page.locator("select[name=reason]").select_option("damaged")
    who.page.locator("textarea[name=description]").fill("The box was wet.")
    photo: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": files.png()}
    who.page.locator("input[name=files]").set_input_files([photo])
    who.press("Ask for the return")
    # More than was delivered: a sentence, and what was typed is still there.
    expect(who.page.locator(".alert.bad").first).to_be_visible()
    expect(who.page.locator("textarea[name=description]")).to_have_value("The box was wet.")
    who.page.locator("input[name=quantity]").fill("1")
    who.page.locator("input[name=files]").set_input_files([photo])
    who.press("Ask for the return")
    expect(who.page).to_have_url(re.compile(r"/returns/WEB-"))
    who.look()
    expect(who.page.locator("main a[href^='/files/']")).to_be_visible()
    heading = who.page.locator("h1", has_not_text="WEB-")
    until(who, heading)  # the ERP's number stands where ours did
    expect(heading).to_contain_text(re.compile(r"\bD\d{4}\b"))
    who.page.locator("textarea[name=text]").fill("Shall I send it back at once?")
    who.press("Send message")
    expect(who.page.locator(".talk-line").last).to_contain_text("Shall I send it back at once?")
    who.open("/returns/")
    expect(who.page.locator("main table tbody tr").first).to_be_visible()


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_buyer_changes_and_then_cancels_an_order_and_reads_the_erps_answer(enter: Enter, variant: Variant) -> None:
    who = enter(variant, "buyer")
    empty_basket(who)
    add(who, SCREW, "10")
    order = confirmed(who, check_out(who, f"AFTER {variant}"))
    page = f"/orders/{order.number}/"
    who.open(page)
    change = who.page.locator("main a[href$='/change/']")
    until(who, change)
    who.follow(change)
    who.page.locator("input[name=customer_reference]").fill(f"AFTER {variant} B")
    who.press("Ask for this change")
    expect(who.page).to_have_url(re.compile(re.escape(page)))
    until(who, who.page.locator(".alert.good", has_text=who.words("Our ERP has changed this order")))
    cancel = who.page.locator("main a[href$='/cancel/']")
    until(who, cancel)
    who.follow(cancel)
    who.page.locator("textarea[name=reason]").fill("Ordered twice")
    who.press("Cancel this order")
    until(who, who.page.locator(".alert.good", has_text=who.words("Our ERP has cancelled this order")))
    until(who, who.page.locator(".steps .off"))


@pytest.mark.parametrize("variant", TWO, ids=str)
def test_a_message_on_an_order_reaches_the_rep_and_his_answer_comes_back(
    enter: Enter, demo: DemoShop, variant: Variant
) -> None:
    number, asked = partly_shipped(demo), f"Where is the rest? {variant}"
    who = enter(variant, "buyer")
    who.open(f"/orders/{number}/")
    who.page.locator("textarea[name=text]").fill(asked)
    who.press("Send message")
    expect(who.page.locator(".talk-line").last).to_contain_text(asked)
    rep = enter(variant, "rep")
    rep.open("/rep/messages/")
    rep.follow(rep.page.locator("main a.row-link", has_text=number).first)
    expect(rep.page.locator(".talk-line").last).to_contain_text(asked)
    rep.page.locator("textarea[name=text]").fill("It comes tomorrow.")
    rep.press("Send message")
    expect(rep.page.locator(".talk-line").last).to_contain_text("It comes tomorrow.")
    who.page.reload()
    expect(who.page.locator(".talk-line").last).to_contain_text("It comes tomorrow.")
