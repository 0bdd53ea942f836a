"""Two companies and a visitor look at every page at the same time: nobody gets another one's page (cache_leak)."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django.fixtures import Settings

from erp_sync import gateway
from erp_sync.adapters import fake
from tests.reliability import matrix, urlconf, world
from tests.reliability.matrix import Case
from tests.reliability.world import SKU, Company, World

pytestmark = pytest.mark.django_db(transaction=True)

PASSES = 3
PUBLIC = {"item-image"}
# What a page may be asked for besides; only in the first pass.
QUERIES: tuple[dict[str, str], ...] = ({}, {"prices": "wait", "q": SKU, "sku": SKU})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks, and which words he must never read."""

    name: str
    client: Client
    company: Company
    other: Company
    foreign: frozenset[str]


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies, committed, so that every thread sees them."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    yield world.build()
    erp.reset()
    gateway.forget()


def visitors(two: World) -> list[Visitor]:
    """Return a buyer of each company and somebody without a log-in."""
    a, b = (frozenset({company.canary, company.price}) for company in (two.a, two.b))
    return [
        Visitor("buyer of alfa", world.log_in(two.a.buyer), two.a, two.b, b),
        Visitor("buyer of beta", world.log_in(two.b.buyer), two.b, two.a, a),
        Visitor("visitor", world.log_in(None), two.a, two.b, a | b),
    ]


def pages_of(visitor: Visitor, two: World, name: str = "") -> list[Case]:
    """Return every page that can be looked at (or those of that name), the visitor's own objects in the addresses."""
    ours = [route for route in urlconf.routes() if not route.is_admin and not route.name.endswith("logout")]
    ours = [route for route in ours if name in {"", route.name}]
    return matrix.cases(ours, mine=visitor.company, other=visitor.other, world=two)


def look_around(visitor: Visitor, pages: list[Case], start: threading.Barrier) -> list[str]:
    """Open every page PASSES times, what is no page once; return what is wrong."""
    try:
        start.wait(timeout=30)
        found: list[str] = []
        for turn in range(PASSES):
            pages = [case for case in pages if _look(visitor, case, QUERIES if turn == 0 else QUERIES[:1], found)]
        return found
    finally:
        connections.close_all()


def _look(visitor: Visitor, case: Case, queries: tuple[dict[str, str], ...], found: list[str]) -> bool:
    """Note what is wrong with a page; return whether it is one, and not an address that takes forms only."""
    for query in queries:
        path = case.route.path(case.values("own"))
        response = visitor.client.get(path, QUERY_STRING=urlencode(query))
        found += _faults(visitor, case, query, response)
        if response.status_code == 405:
            return False
    return True


def _faults(visitor: Visitor, case: Case, query: dict[str, str], response: HttpResponseBase) -> list[str]:
    text = _text(response)
    where = f"{visitor.name} {case.route.text}{'?' + urlencode(query) if query else ''}"
    wrong = [f"{where}: shows {word}" for word in sorted(visitor.foreign) if word in text]
    if response.status_code >= 500:
        wrong.append(f"{where}: {response.status_code}")
    return wrong + _bad_headers(where, visitor, case, response)


def _text(response: HttpResponseBase) -> str:
    streamed: Any = response
    body: bytes = b"".join(streamed.streaming_content) if response.streaming else streamed.content
    return body.decode(errors="replace") + str(response.headers)


def _bad_headers(where: str, visitor: Visitor, case: Case, response: HttpResponseBase) -> list[str]:
    """Say what A8 forbids: what is personal may be kept by nobody, what is public says so."""
    said = response.headers.get("Cache-Control", "")
    if case.route.name in PUBLIC and response.status_code == 200:
        return [] if "public" in said and not response.cookies else [f"{where}: a picture with {said!r}"]
    if "sessionid" in visitor.client.cookies and said != "private, no-store":
        return [f"{where}: {response.status_code} with {said!r}"]
    return [f"{where}: public"] if "public" in said or "s-maxage" in said else []


def faults_of(two: World, name: str = "") -> list[str]:
    everybody = visitors(two)
    start = threading.Barrier(len(everybody))
    rounds = [(visitor, pages_of(visitor, two, name), start) for visitor in everybody]
    with ThreadPoolExecutor(len(everybody)) as pool:
        found = list(pool.map(lambda one: look_around(*one), rounds))
    return [fault for faults in found for fault in faults]


def test_nobody_gets_another_ones_page(two: World) -> None:
    assert faults_of(two) == []


def test_control_a_cached_page_crosses_over(two: World, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.reliability.cached_urls"
    assert any(" orders/: shows" in fault for fault in faults_of(two, "order-list"))


def test_control_a_page_without_the_header_is_noticed(two: World, settings: Settings) -> None:
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("private_when_logged_in")]
    assert any("order" in fault and " with " in fault for fault in faults_of(two, "order-list"))
