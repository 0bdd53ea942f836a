"""One demo for all browser tests, one Chromium for each file, a window for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.books import Books
from tests.e2e.demo_shop import DemoShop, attached, demo_shop
from tests.e2e.visitor import PATIENCE_MS, Variant, Visitor, visiting

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


@pytest.fixture
def enter(browser: Browser, demo: DemoShop) -> Iterator[Enter]:
    """Let people in: `enter(variant, role)` gives somebody who has just logged in."""
    with ExitStack() as windows:

        def come_in(variant: Variant, role: str, company: str = "", *, script: bool = True) -> Visitor:
            window: AbstractContextManager[Visitor] = visiting(browser, demo.url, variant, script=script)
            visitor = windows.enter_context(window)
            visitor.log_in(demo.person(role, company))
            return visitor

        yield come_in
