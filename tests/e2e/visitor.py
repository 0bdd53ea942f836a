"""Somebody at a browser: opens pages, reads them, and looks at each with axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect

from tests.e2e.words import words

# Other work may keep the machine busy: a step is given time, and ends as soon as it is done.
PATIENCE_MS = 30_000
ERP_WRITES_MS = 90_000
SERIOUS = {"serious", "critical"}
SPACES = re.compile(r"\s+")
# The parts by which a page tells where things stand: with others of them it is another page to look at.
SHOWN = """() => [...new Set([...document.querySelectorAll(".alert, .empty, main table, main form, dialog[open]")].map(
    part => [part.tagName, ...part.classList].join(".")))].sort().join(" ")"""
Cookies = list[Any]  # Playwright keeps its type of a cookie to set to itself
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@dataclass(frozen=True)
class Variant:
    """In which language and on which screen the shop is used."""

    language: str
    screen: str

    def __str__(self) -> str:
        return f"{self.language}-{self.screen}"

    @property
    def is_phone(self) -> bool:
        """Whether the screen is 390 px wide."""
        return self.screen == "phone"


ALL = [Variant(language, screen) for language in ("en", "es") for screen in SIZES]
# Where the screen makes no difference, each language on one of them.
TWO = [Variant("en", "desktop"), Variant("es", "phone")]


@dataclass
class Visitor:
    """A person with a browser window of his own.

    Attributes:
        page: His window.
        variant: Language and screen.
        faults: What no page may do: an error in the script, an answer of 500 and more.
        looked_at: Pages that axe has seen of this person in this variant, also in earlier tests: the address with
            numbers taken out, and what was shown.
    """

    page: Page
    variant: Variant
    has_script: bool = True
    faults: list[str] = field(default_factory=list)
    looked_at: set[tuple[str, str]] = field(default_factory=set)

    def words(self, text: str, /, **values: object) -> str:
        """Return a text of the shop in his language."""
        return words(self.variant.language, text, **values)

    def log_in(self, person: dict[str, str]) -> None:
        """Log in by the form."""
        self.open("/accounts/login/")
        self.page.get_by_label(self.words("Email")).fill(person["email"])
        self.page.locator("input[name=password]").fill(person["password"])
        self.press("Log in")
        expect(self.page).not_to_have_url(re.compile("/accounts/login/"))

    def come_back(self, cookies: Cookies) -> bool:
        """Open the first page with the cookies of an earlier visit; False when its session has ended."""
        self.page.context.add_cookies(cookies)
        self.page.goto("/")
        return "/accounts/login/" not in self.page.url

    def open(self, path: str, *, status: int = 200) -> None:
        """Open an address and look at the page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        self.look()

    def press(self, text: str, /, **values: object) -> None:
        """Press the button of the page's own part that says this."""
        self.page.locator("main").get_by_role("button", name=self.words(text, **values), exact=True).first.click()

    def follow(self, link: Locator) -> None:
        """Follow a link to another page and look at that."""
        before = self.page.url
        link.click()
        expect(self.page).not_to_have_url(before)
        self.page.wait_for_load_state()
        self.look()

    def look(self) -> None:
        """Ask axe about the page, once for each kind and state of a page, and see that it fits the screen."""
        assert self.page.locator("html").get_attribute("lang") == self.variant.language
        if not self.has_script:
            return
        expect(self.page.locator(".waiting")).to_have_count(0)
        kind = re.sub(r"[^/]*\d[^/]*", "N", urlsplit(self.page.url).path), str(self.page.evaluate(SHOWN))
        if kind in self.looked_at:
            return
        self.looked_at.add(kind)
        found = axe(self.page)
        assert not found, f"{self.page.url}: {found}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"

    def read(self, place: Locator) -> str:
        """Return the words of a place as a person reads them, each space one space."""
        return SPACES.sub(" ", place.inner_text()).strip()


def axe(page: Page) -> list[str]:
    """Return what axe calls serious or critical."""
    rules = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']} ({rule['help']}): {[' '.join(map(str, node['target'])) for node in rule['nodes']][:5]}"
        for rule in rules
        if rule["impact"] in SERIOUS
    ]


@contextmanager
def visiting(browser: Browser, url: str, variant: Variant, *, script: bool = True) -> Iterator[Visitor]:
    """Give a fresh window; at the end nothing may have gone wrong in it."""
    with _context(browser, url, variant, script=script) as context:
        visitor = Visitor(context.new_page(), variant, has_script=script)
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        visitor.page.on("response", lambda response: _note(visitor, response))
        yield visitor
        assert not visitor.faults


def _note(visitor: Visitor, response: Response) -> None:
    if response.status >= 500:
        visitor.faults.append(f"{response.status} {response.url}")


@contextmanager
def _context(browser: Browser, url: str, variant: Variant, *, script: bool) -> Iterator[BrowserContext]:
    width, height = SIZES[variant.screen]
    context = browser.new_context(
        base_url=url,
        locale=variant.language,
        viewport={"width": width, "height": height},
        has_touch=variant.is_phone,
        is_mobile=variant.is_phone,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "django_language", "value": variant.language, "url": url}])
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()
