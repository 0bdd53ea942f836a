"""erp_hostile: what an ERP says is escaped, left out or quarantined, whatever it is; and no page fails for it."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.adapters.fake_http import FakeHttpErp
from erp_sync.errors import ErpBroken
from erp_sync.gateway import reads
from erp_sync.mirror import sync
from erp_sync.mirror.models import Item, Quarantine
from tests.builders import catalogue, people
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

SCRIPT = '"><script>alert(1)</script>'
NAN = Decimal("NaN")


@pytest.fixture
def buyer(client: Client, settings: Any) -> Iterator[Client]:
    settings.ERP_LIMITS = {"refresh_threads": 0, "fresh_s": 0.0, "near_s": 0.0, "negative_s": 0.0}
    gateway.forget()
    fake.shared().reset()
    people.acting(client)
    yield client
    fake.shared().reset()
    gateway.forget()


def say(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let every offer of the ERP come with these."""
    erp = fake.shared()
    real = erp.offers

    def told(context: r.PriceContext, asks: Any, **given: Any) -> list[r.Offer]:
        return [replace(one, **changes) for one in real(context, asks, **given)]

    monkeypatch.setattr(erp, "offers", told)


def test_script_in_every_text_of_an_item_is_escaped(buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    item = catalogue.item(
        "A-1",
        f"Bolt {SCRIPT}",
        brand=f"Brand {SCRIPT}",
        attributes={"material": {"en": SCRIPT, "es": SCRIPT}},
        documents=(r.DocumentRef("d1", f"Sheet {SCRIPT}"),),
        image_url=f"javascript:{SCRIPT}",
        texts={"en": r.Text(f"Bolt {SCRIPT}", f"Long {SCRIPT}")},
    )
    say(monkeypatch, rule=f"List {SCRIPT}")
    for path in (f"/items/{item.sku}/", "/items/?q=Bolt", reverse("item-prices") + f"?sku={item.sku}"):
        answer = buyer.get(path)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "<script>alert(1)" not in page
        assert "javascript:" not in page


def test_control_a_page_that_trusts_the_erp_carries_the_script() -> None:
    page = engines["django"].from_string("{{ name|safe }}").render({"name": SCRIPT})
    assert "<script>alert(1)" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"net_price": NAN},
        {"net_price": Decimal("Infinity")},
        {"net_price": Decimal(-5)},
        {"currency": "USD"},
        {"steps": (r.PriceStep(Decimal(1), NAN),)},
    ],
    ids=["nan", "infinite", "negative", "currency", "step"],
)
def test_a_senseless_price_is_on_request_and_never_shown(
    buyer: Client, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    catalogue.item("A-1", "Bolt", price="12.34")
    prices = reverse("item-prices") + "?sku=A-1"
    assert "12.34" in buyer.get(prices).content.decode()
    gateway.forget()
    cache.clear()
    say(monkeypatch, **changes)
    answer = buyer.get(prices)
    assert answer.status_code == 200
    page = strip_tags(answer.content.decode())
    for word in ("NaN", "Infinity", "∞", "-5", "USD", "12.34"):
        assert word not in page, word


def test_control_without_the_check_the_page_shows_a_price_below_zero(
    buyer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, ask = r.PriceContext("c1", "", "EUR"), r.Ask("A-1", "item-1")
    catalogue.item("A-1", "Bolt")
    say(monkeypatch, net_price=Decimal(-5))
    assert gateway.offers(context, [ask]) == {}
    monkeypatch.setattr(reads, "_is_sensible", lambda offer, context: True)
    assert gateway.offers(context, [ask])["A-1"].offer.net_price == -5


def test_stock_below_zero_breaks_no_page(buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.item("A-1", "Bolt")
    say(monkeypatch, stock=(r.WarehouseStock("", Decimal(-7), Decimal(-7)),))
    page = strip_tags(buyer.get(reverse("item-prices") + "?sku=A-1").content.decode())
    assert "-7" not in page


def test_bad_records_are_quarantined_and_the_others_come_in() -> None:
    erp = fake.FakeErp()
    bad = {
        "nul": facts.item("nul", texts={"en": r.Text("bolt\x00")}),
        "half": facts.item("half", texts={"en": r.Text("bolt \ud800")}),
        "nan": facts.item("nan", list_price=NAN),
        "long": facts.item("long", image_url="http://x/" + "a" * 600),
    }
    for record in [facts.item("good"), *bad.values()]:
        erp.put("items", record)
    sync.pull(kind="items", now=facts.NOW, erp=erp)
    there = set(Item.objects.values_list("erp_id", flat=True))
    kept_out = set(Quarantine.objects.values_list("erp_id", flat=True))
    good = facts.item("good").erp_id
    assert good in there
    assert there | kept_out == {good, *(one.erp_id for one in bad.values())}
    assert not there & kept_out
    for row in Item.objects.all():
        assert "\x00" not in str(row.texts)


# --- on the wire ---


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers every call with `Liar.body`."""

    body = b""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@pytest.fixture
def liar() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10 * 1024 * 1024,
        b'{"currency": "\xff\xfe"}',
        b"[" * 100_000,
        json.dumps([{"sku": "A", "net_price": {"__class__": "x"}}]).encode(),
        b'{"currency": "EUR", "used": "1e999999999", "open_items": "x", "overdue": []}',
        b"null",
    ],
    ids=["10 MB", "bad utf-8", "deep", "shape", "numbers", "nothing"],
)
def test_a_senseless_answer_is_broken_and_nothing_else(liar: str, body: bytes) -> None:
    Liar.body = body
    with pytest.raises(ErpBroken):
        FakeHttpErp(liar).credit("c1", deadline_s=5)
