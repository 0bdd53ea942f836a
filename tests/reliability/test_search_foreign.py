"""Whoever searches, exports or prints gets nothing of another company (search_foreign, export_foreign, pdf_foreign).

Each list is asked for every word that somebody may know of the other company: its name, its numbers, its PO. What comes
back (pages, CSV, XLSX, PDF) is read whole. The owner asks the same, so that a list that finds nothing proves nothing.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.mirror import models as mirror
from erp_sync.mirror import selectors as mirror_selectors
from shop.quotes import selectors as quotes
from shop.quotes.models import Quote
from tests.builders import deliveries, people
from tests.reliability import urlconf, world
from tests.reliability.world import Company, World

pytestmark = pytest.mark.django_db

# Where somebody types what he looks for: route -> the parameters that search.
SEARCHES = {
    "order-list": ("q",),
    "invoice-list": ("q",),
    "delivery-list": ("q",),
    "quote-list": ("q",),
    "return-list": ("order",),
    "missing-goods": ("item", "order", "reference"),
    "missing-goods-print": ("item", "order", "reference"),
    "item-list": ("q",),
    "history": ("q",),
    "quick-find": ("item",),
}
OF_REPS = {"rep-quote-list": ("q",), "rep-inbox": ("q",)}
FILES = {
    "missing-goods-export": ({"format": "csv"}, {"format": "xlsx"}),
    "invoice-statement": ({"format": "csv"}, {"format": "xlsx"}, {"format": "pdf"}, {}),
}
# Pages that list without being asked.
LISTS = (
    "home", "basket", "basket-table", "checkout", "payment-list", "payment-new", "notices", "missing-goods-links",
    "approval-list", "rule-list", "centre-list", "company-places", "quote-new", "people", "acted-for-us", "profile",
    "item-prices", "list-index", "quick-order", "watch-list",
)  # fmt: skip
# These change something, or ask before they do; what they write is for bola_matrix and mass_assign. A survey asks its
# own visitor one question; a rep's week names companies of his alone (tests/adoption/coaching), his messages and a head
# office's page those of their own (tests/adoption/capture, tests/shop/branches). Guides know nothing of companies.
WITHOUT_DOCUMENTS = {
    "assisted-end", "basket-add", "basket-line", "company-switch", "healthz", "readyz", "invitation-accept",
    "missing-goods-weekly", "notice-settings", "notices-read", "person-invite", "set_language", "rep-desk",
    "list-new", "list-add", "basket-hand-over", "guest-catalogue",
    "quick-add", "quick-rows", "quick-check", "quick-template",
    "rule-new", "rule-own", "centre-new", "contact", "survey-answer", "survey-visit", "rep-week",
    "rep-requests", "branches-together", "help-index", "help-suggest",
}  # fmt: skip
# These know nothing of companies, or show what the visitor typed and nothing else.
WITHOUT_OWN_WORDS = {"item-list", "item-prices", "payment-new", "quick-find"}
PAPERS = ("quote-pdf", "order-pdf", "invoice-pdf")


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies with one of everything, and goods that are missing."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    found = world.build()
    for company in (found.a, found.b):
        order = deliveries.order(company.sold_to, f"M-{company.invoice_number}", customer_reference=company.canary)
        deliveries.line(order, world.SKU, description=company.canary)
    yield found
    erp.reset()
    gateway.forget()


def words_of(company: Company) -> list[str]:
    """Return what tells that something is the company's: its canary, its price, the numbers of its papers."""
    numbers = Quote.objects.filter(sold_to=company.sold_to).values_list("reference", flat=True)
    price = company.price.replace(",", "")
    papers: tuple[str, ...] = (
        company.invoice_number,
        f"D-{company.invoice_number}",
        f"R-{company.invoice_number}",
        f"M-{company.invoice_number}",
    )
    return [company.canary, company.price, price, company.payment, *company.order_numbers, *papers, *numbers]


def shown(client: Client, name: str, sought: dict[str, str], words: list[str], **parameters: str) -> list[str]:
    """Return which of the words an address answers with; what was typed is only echoed, so it does not count."""
    answer = client.get(reverse(name, kwargs=parameters), sought)
    assert answer.status_code in {200, 302, 404}, (name, sought, answer.status_code)
    text = readable(answer)
    for typed in [*sought.values(), *parameters.values()]:
        text = text.replace(typed, "")
    query = "&".join(f"{key}={value}" for key, value in sought.items())
    return [f"{name}?{query} shows {word}" for word in words if word in text]


def readable(answer: HttpResponseBase) -> str:
    """Return all text of a page, a CSV, a workbook or a PDF, and the headers."""
    any_answer: Any = answer
    body: bytes = b"".join(any_answer.streaming_content) if answer.streaming else any_answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    elif body.startswith(b"%PDF"):
        body = _inflated(body)
    return f"{dict(answer.items())}\n{body.decode(errors='replace')}"


def _inflated(pdf: bytes) -> bytes:
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return pdf + b"\n".join(_opened(one.strip()) for one in streams)


def _opened(stream: bytes) -> bytes:
    if stream.endswith(b"~>"):
        stream = base64.a85decode(stream.removesuffix(b"~>"))
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def leaks(who: Any, of: Company, searches: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Search every list for every word of the company; return what of the company is shown."""
    client, words = world.log_in(who), words_of(of)
    return [
        leak
        for name, parameters in searches.items()
        for parameter in parameters
        for word in ["", *words]
        for leak in shown(client, name, {parameter: word} if word else {}, words)
    ]


def in_files(who: Any, of: Company) -> list[str]:
    """Export and print everything; return what of the company is in it."""
    client, words = world.log_in(who), words_of(of)
    asked = [(name, one) for name, kinds in FILES.items() for one in kinds]
    # A filter that names the other company's papers, too.
    asked += [
        ("missing-goods-export", {"format": "csv", key: word}) for key in ("order", "reference") for word in words
    ]
    return [leak for name, sought in asked for leak in shown(client, name, sought, words)]


def in_lists(who: Any, of: Company) -> list[str]:
    client, words = world.log_in(who), words_of(of)
    return [leak for name in LISTS for leak in shown(client, name, {}, words)]


def on_paper(who: Any, of: Company) -> list[str]:
    """Ask for the company's documents by their numbers; return what of it is shown."""
    client, words = world.log_in(who), words_of(of)
    reference = Quote.objects.filter(sold_to=of.sold_to, current_version=1).values_list("reference", flat=True)[0]
    numbers = {"quote-pdf": reference, "order-pdf": of.order_numbers[1], "invoice-pdf": of.invoice_number}
    return [leak for name in PAPERS for leak in shown(client, name, {}, words, number=numbers[name])]


# --- nothing of others --------------------------------------------------------------------------------------------


def test_no_search_finds_anything_of_another_company(two: World) -> None:
    assert leaks(two.a.buyer, two.b, SEARCHES) == []


def test_no_rep_finds_anything_of_a_company_that_is_not_his(two: World) -> None:
    assert leaks(two.a.rep, two.b, OF_REPS) == []
    assert leaks(people.assisting(two.a.sold_to, two.a.rep), two.b, {"order-list": ("q",), "quote-list": ("q",)}) == []


def test_no_export_and_no_list_holds_anything_of_another_company(two: World) -> None:
    assert in_files(two.a.buyer, two.b) == []
    assert in_lists(two.a.buyer, two.b) + in_lists(two.a.admin, two.b) == []


def test_no_paper_of_another_company_is_handed_out(two: World) -> None:
    assert on_paper(two.a.buyer, two.b) == []
    for name in PAPERS:
        number = two.b.invoice_number if name == "invoice-pdf" else two.b.order_numbers[1]
        assert world.log_in(two.a.buyer).get(reverse(name, args=[number])).status_code == 404


def test_every_list_of_documents_is_asked() -> None:
    """A new list or export without a line above is noticed here."""
    known = {*SEARCHES, *OF_REPS, *FILES, *LISTS, *WITHOUT_DOCUMENTS}
    ours = {one.name for one in urlconf.routes() if not one.is_admin and not one.parameters}
    shop = {name for name in ours if name and not name.startswith(("account", "mfa"))}
    assert shop - known == set()


# --- the same finds one's own ---------------------------------------------------------------------------------------


def _names(found: list[str]) -> set[str]:
    return {one.partition("?")[0] for one in found}


def test_control_the_owner_finds_his_own_with_the_same_words(two: World) -> None:
    assert _names(leaks(two.b.buyer, two.b, SEARCHES)) >= SEARCHES.keys() - WITHOUT_OWN_WORDS
    assert _names(leaks(two.b.rep, two.b, OF_REPS)) == OF_REPS.keys()
    assert _names(in_files(two.b.buyer, two.b)) == FILES.keys()
    in_both = in_lists(two.b.buyer, two.b) + in_lists(two.b.admin, two.b)
    assert _names(in_both) >= set(LISTS) - WITHOUT_OWN_WORDS
    assert "quote-pdf" in _names(on_paper(two.b.buyer, two.b))


def test_control_a_list_of_everybodys_quotes_is_caught(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_everybody(actor: Actor) -> QuerySet[Quote]:
        return Quote.objects.all()

    monkeypatch.setattr(quotes, "quotes_of", of_everybody)
    assert leaks(two.a.buyer, two.b, {"quote-list": ("q",)}) != []
    assert "quote-pdf" in _names(on_paper(two.a.buyer, two.b))


def test_control_a_statement_of_everybodys_invoices_is_caught(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_everybody(*, customer_erp_id: str) -> list[mirror.Invoice]:
        return list(mirror.Invoice.objects.all())

    monkeypatch.setattr(mirror_selectors, "open_invoices", of_everybody)
    found = in_files(two.a.buyer, two.b)
    assert {"csv", "xlsx", "pdf"} <= {kind for kind in ("csv", "xlsx", "pdf") if any(kind in one for one in found)}
