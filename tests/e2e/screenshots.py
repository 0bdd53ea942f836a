"""Pictures of the main pages, and what axe says of each: `make screenshots` beside a running shop.

Where the shop is and who can log in is read from VAR_DIR/demo.json, which `make demo` writes; `--url` names another
address. The pictures lie in VAR_DIR/screenshots, with index.html to look at them side by side and axe.json beside it.
Answers 1 when a page is missing or axe finds something serious.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
LANGUAGES = ("en", "es")
SERIOUS = {"serious", "critical"}
CHROMIUM = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/chromium-headless-shell",
)
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
PATIENCE_MS = 15_000
REPORT = "/admin/adoption/adoptionreport/"
TABS = ("today", "adoption", "channels", "money", "service", "plan", "coaching")


@dataclass(frozen=True)
class Shot:
    """A page to look at: who sees it, and how its address is found."""

    name: str
    role: str
    find: Callable[[Page], str]


@dataclass
class Report:
    """What was taken, what was missing, what axe found."""

    folder: Path
    pictures: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)


def at(path: str) -> Callable[[Page], str]:
    """Return a finder of a fixed address."""
    return lambda page: path


def first(start: str, pattern: str) -> Callable[[Page], str]:
    """Return a finder: the first link on `start` that matches a CSS selector."""

    def find(page: Page) -> str:
        page.goto(start)
        return page.locator(pattern).first.get_attribute("href", timeout=PATIENCE_MS) or ""

    return find


SHOTS = (
    Shot("01-log-in", "", at("/accounts/login/")),
    Shot("02-home", "buyer", at("/")),
    Shot("03-list", "buyer", at("/items/")),
    Shot("04-item", "buyer", first("/items/", "main .lead a[href^='/items/'], main .item-name a[href^='/items/']")),
    Shot("05-basket", "buyer", at("/basket/")),
    Shot("06-checkout", "buyer", at("/checkout/")),
    Shot("07-orders", "buyer", at("/orders/")),
    Shot("08-order", "buyer", first("/orders/", "main tbody a.row-link[href^='/orders/']")),
    Shot("09-reorder", "buyer", first("/orders/", "main a[href$='/reorder/']")),
    Shot("10-invoices", "buyer", at("/invoices/")),
    Shot("11-rep-desk", "rep", at("/rep/")),
    Shot("12-adoption", "manager", first("/admin/", "a[href*='/adoption/']")),
    Shot("14-quotes", "buyer", at("/quotes/")),
    Shot("15-quote", "buyer", first("/quotes/", "main tbody a.row-link[href^='/quotes/']")),
    Shot("16-ask-for-a-quote", "buyer", at("/quotes/new/?from=basket")),
    Shot("17-quotes-to-answer", "rep", at("/rep/quotes/")),
    Shot("18-answer", "rep", first("/rep/quotes/", "main tbody a.row-link[href^='/rep/quotes/']")),
    Shot("20-deliveries", "buyer", at("/deliveries/?state=all")),
    Shot("21-delivery", "buyer", first("/deliveries/?state=all", "main tbody a[href^='/deliveries/']")),
    Shot("22-missing-goods", "buyer", at("/missing-goods/")),
    Shot("23-missing-goods-print", "buyer", at("/missing-goods/print/")),
    Shot("24-missing-goods-links", "buyer", at("/missing-goods/links/")),
    Shot("25-returns", "buyer", at("/returns/")),
    Shot("26-return", "buyer", first("/returns/", "main tbody a.row-link[href^='/returns/']")),
    Shot("27-statement", "buyer", at("/invoices/statement/")),
    Shot("28-pay", "buyer", at("/payments/new/?all=open")),
    Shot("29-payments", "buyer", at("/payments/")),
    Shot("30-notices", "buyer", at("/notices/")),
    Shot("31-notice-settings", "buyer", at("/notices/settings/")),
    Shot("32-rep-messages", "rep", at("/rep/messages/")),
    *(
        Shot(f"4{number}-report-{key}", "manager", at(f"{REPORT}{key}/?period=last_12"))
        for number, key in enumerate(TABS)
    ),
    Shot("47-report-figure", "manager", at(f"{REPORT}figure/order/?period=last_12")),
    Shot("48-writes-to-the-erp", "manager", at("/admin/erp_sync/outboxrow/")),
    Shot("13-not-found", "buyer", at("/orders/none-such/")),
)


def main() -> int:
    """Take every picture and write the contact sheet."""
    options = _options()
    var_dir = Path(os.environ.get("VAR_DIR", "var"))
    demo = json.loads((var_dir / "demo.json").read_text()) if (var_dir / "demo.json").exists() else {}
    url = options.url or demo.get("url", "")
    if not url:
        _say("No shop is known here. Start one with `make demo`, or name it: --url http://127.0.0.1:8000")
        return 2
    report = Report(folder=var_dir / "screenshots")
    report.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, _browser(playwright) as browser:
        people = {person["role"]: person for person in demo.get("people", [])}
        _take_all(browser, url.rstrip("/"), people, options.only, report)
    _write(report)
    return _summary(report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take pictures of the main pages and run axe on each.")
    parser.add_argument("--url", default="", help="address of a running shop (default: that of VAR_DIR/demo.json)")
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    return parser.parse_args()


@contextmanager
def _browser(playwright: Playwright) -> Iterator[Browser]:
    """Open the machine's Chromium, else Playwright's own."""
    path = next((name for name in CHROMIUM if Path(name).exists()), None)
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


def _take_all(browser: Browser, url: str, people: dict[str, Any], only: str, report: Report) -> None:
    shots = [shot for shot in SHOTS if only in shot.name]
    states = {role: _log_in(browser, url, people[role]) for role in {shot.role for shot in shots} if role in people}
    if "buyer" in states:
        _fill_basket(browser, url, states["buyer"])
    for role in {shot.role: None for shot in shots}:
        wanted = [shot for shot in shots if shot.role == role]
        if role and role not in states:
            report.missing += [f"{shot.name}: nobody can log in as {role}" for shot in wanted]
            continue
        addresses: dict[str, str] = {}
        for language, theme, width in product(LANGUAGES, THEMES, WIDTHS):
            with _context(browser, url, states.get(role), language, theme, width) as context:
                page = context.new_page()
                for shot in wanted:
                    _try(page, shot, addresses, f"{language}-{width}-{theme}", report)


def _try(page: Page, shot: Shot, addresses: dict[str, str], variant: str, report: Report) -> None:
    """Take one picture; what fails is noted, and a page that could not be found is not looked for again."""
    if shot.name in addresses and not addresses[shot.name]:
        return
    try:
        if shot.name not in addresses:
            addresses[shot.name] = ""
            addresses[shot.name] = shot.find(page)
        _take(page, shot, addresses[shot.name], variant, report)
    except Error as error:
        report.missing.append(f"{shot.name} ({variant}): {error.message.splitlines()[0]}")


@contextmanager
def _context(browser: Browser, url: str, state: Any, language: str, theme: str, width: str) -> Iterator[BrowserContext]:
    size = WIDTHS[width]
    context = browser.new_context(
        base_url=url,
        storage_state=state,
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": size[0], "height": size[1]},
        has_touch=width == "phone",
        is_mobile=width == "phone",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": url}])
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


def _log_in(browser: Browser, url: str, person: dict[str, str]) -> Any:
    """Return the cookies of somebody who has just logged in."""
    with _context(browser, url, None, "en", "light", "desktop") as context:
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", person["email"])
        page.fill("input[name=password]", person["password"])
        page.click("main form:has(input[name=password]) button")
        page.wait_for_load_state("networkidle")
        return context.storage_state()


def _fill_basket(browser: Browser, url: str, state: Any) -> None:
    """Put the first two items of the list into the buyer's basket."""
    with _context(browser, url, state, "en", "light", "desktop") as context:
        page = context.new_page()
        page.goto("/items/")
        forms = page.locator("main form[action='/basket/add/']")
        for number in range(min(2, forms.count())):
            forms.nth(number).locator("button:not([type=button])").first.click()
            page.wait_for_load_state("networkidle")
            page.goto("/items/")


def _take(page: Page, shot: Shot, address: str, variant: str, report: Report) -> None:
    answer = page.goto(address)
    page.locator(".waiting").first.wait_for(state="detached")
    wanted = 404 if shot.name.endswith("not-found") else 200
    if answer is None or answer.status != wanted:
        raise Error(f"{address} answered {answer.status if answer else 'nothing'}")
    name = f"{shot.name}-{variant}.png"
    page.screenshot(path=report.folder / name, full_page=True, animations="disabled")
    report.pictures.append((name, address))
    too_wide = page.evaluate("document.documentElement.scrollWidth") - (page.viewport_size or {"width": 0})["width"]
    if too_wide > 0:
        report.findings.append(
            {"page": shot.name, "variant": variant, "id": "wider-than-the-screen", "impact": "serious",
             "help": f"{too_wide} px too wide", "nodes": []}
        )  # fmt: skip
    if variant.startswith(LANGUAGES[0]):  # words differ by language, structure and colours do not
        report.findings += [found | {"page": shot.name, "variant": variant} for found in _axe(page)]


def _axe(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds that is serious or critical."""
    results = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        {"id": rule["id"], "impact": rule["impact"], "help": rule["help"],
         "nodes": [" ".join(map(str, node["target"])) for node in rule["nodes"]][:5]}
        for rule in results["violations"]
        if rule["impact"] in SERIOUS
    ]  # fmt: skip


def _write(report: Report) -> None:
    """Write the contact sheet and the findings."""
    cells = "".join(
        f'<figure><a href="{name}"><img src="{name}" loading="lazy" alt="{name}"></a>'
        f"<figcaption>{html.escape(name)}<br>{html.escape(address)}</figcaption></figure>"
        for name, address in report.pictures
    )
    style = (
        "body{font:14px system-ui;margin:24px;background:#eee}main{display:flex;flex-wrap:wrap;gap:16px}"
        "figure{margin:0;width:300px}img{width:100%;height:380px;object-fit:cover;object-position:top}"
    )
    page = f"<!doctype html><meta charset=utf-8><title>Screenshots</title><style>{style}</style><main>{cells}</main>"
    (report.folder / "index.html").write_text(page)
    (report.folder / "axe.json").write_text(json.dumps(report.findings, indent=1))


def _summary(report: Report) -> int:
    _say(f"{len(report.pictures)} pictures in {report.folder / 'index.html'}")
    for line in report.missing:
        _say(f"missing  {line}")
    for found in report.findings:
        where = f"{found['page']} {found['variant']}"
        _say(f"{found['impact']:8} {where}: {found['id']} - {found['help']} {found['nodes'][:2]}")
    _say(f"{len(report.findings)} serious findings, {len(report.missing)} pages missing")
    return 1 if report.missing or report.findings else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
