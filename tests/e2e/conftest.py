"""One demo for all browser tests, one Chromium for each file, a window for each test."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.books import Books
from tests.e2e.demo_shop import DemoShop, attached, demo_shop
from tests.e2e.visitor import PATIENCE_MS, Cookies, Variant, Visitor, visiting

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Enter = Callable[..., Visitor]


@dataclass
class Known:
    """What is known of a person in one variant from earlier tests.

    Attributes:
        cookies: Of the visit that began with the log-in form.
        looked_at: Pages that axe has seen.
    """

    cookies: Cookies = field(default_factory=list)
    looked_at: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture(scope="session")
def demo(chromium: str) -> Iterator[DemoShop]:
    """Give the complete demo; E2E_VAR_DIR names one that runs already."""
    running = os.environ.get("E2E_VAR_DIR", "")
    if running:
        yield attached(Path(running))
        return
    # The same environment that the adapter's tests install.
    venv = settings.VAR_DIR / "erp-for-tests" / "erp" / "venv"
    with demo_shop(settings.VAR_DIR / "e2e", erp_venv=venv) as shop:
        yield shop


@pytest.fixture(scope="session")
def books(demo: DemoShop) -> Books:
    """Give Tryton's own answers."""
    return Books(demo.summary["erp"])


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Give a Chromium. One a file: Playwright's event loop must be gone when other tests use the database."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def known() -> dict[tuple[str, str], Known]:
    """Give what is known of each person in each variant."""
    return defaultdict(Known)


@pytest.fixture
def enter(browser: Browser, demo: DemoShop, known: dict[tuple[str, str], Known]) -> Iterator[Enter]:
    """Let people in: `enter(variant, role)` gives somebody who is logged in, by the form the first time."""
    with ExitStack() as windows:

        def come_in(variant: Variant, role: str, company: str = "", *, script: bool = True) -> Visitor:
            window: AbstractContextManager[Visitor] = visiting(browser, demo.url, variant, script=script)
            visitor, person = windows.enter_context(window), demo.person(role, company)
            of_him = known[person["email"], f"{variant} {script}"]
            visitor.looked_at = of_him.looked_at
            if not of_him.cookies or not visitor.come_back(of_him.cookies):
                visitor.log_in(person)
                found = visitor.page.context.cookies()
                of_him.cookies = [{"name": one["name"], "value": one["value"], "url": demo.url} for one in found]
            return visitor

        yield come_in
