"""The ERP fails in six ways: every page answers, soon, with what is known (erp_outage)."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from accounts.models import Role
from erp_sync import adapters, gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.conf import limits
from erp_sync.gateway.breaker import Breaker
from erp_sync.http import ErpHttp
from erp_sync.mirror.writing import write
from shop.carts import services as carts
from shop.lists import services as lists
from tests.builders import approvals, catalogue, people, quotes
from tests.builders.ticks import Ticks
from tests.reliability.conftest import HTTP_ADAPTER
from tests.reliability.faults import OUTAGES, FaultProxy, Mode
from tests.reliability.pages import addresses

pytestmark = pytest.mark.django_db

FIRST_S = 2.0
PRICE = "12.34"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page answered, after how long, and how often it asked the ERP meanwhile."""

    status: int
    seconds: float
    calls: int


@dataclass
class Shop:
    """A shop whose ERP is behind the proxy, a buyer who looks at it, and all its pages."""

    client: Client
    proxy: FaultProxy
    pages: dict[str, str]
    calls: list[str]

    def look(self) -> dict[str, Look]:
        """Open every page once."""
        return {name: self._open(path) for name, path in self.pages.items()}

    def _open(self, path: str) -> Look:
        started, before = time.perf_counter(), len(self.calls)
        response = self.client.get(path)
        if response.streaming:
            list(response)
        return Look(response.status_code, time.perf_counter() - started, len(self.calls) - before)


@pytest.fixture
def shop(settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Figures count as old at once, so that every page has to ask."""
    erp = fake.shared()
    erp.reset()
    server = FakeServer(erp=erp)
    server.start()
    with FaultProxy(server.url) as proxy:
        settings.ERP_ADAPTER = HTTP_ADAPTER
        settings.ERP_URL = proxy.url
        assert limits().page_deadline_s + 0.5 <= FIRST_S  # as it is shipped
        settings.ERP_LIMITS = {
            "page_deadline_s": 0.5,  # what is left of FIRST_S is for a machine that does other things beside
            "fresh_s": 0.0,
            "near_s": 0.0,
            "negative_s": 0.0,
            "refresh_threads": 0,
            "document_deadline_s": 0.5,
            "breaker_failures": 2,
        }
        gateway.forget()
        client.raise_request_exception = False
        yield Shop(client, proxy, addresses(_world(client)), _counted(monkeypatch))
    server.stop()
    erp.reset()
    gateway.forget()


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of every operation that goes out to the ERP from now on."""
    calls: list[str] = []
    send = ErpHttp.request

    def counting(self: ErpHttp, *arguments: Any, operation: str, **given: Any) -> Any:
        calls.append(operation)
        return send(self, *arguments, operation=operation, **given)

    monkeypatch.setattr(ErpHttp, "request", counting)
    return calls


def _world(client: Client) -> dict[str, dict[str, object]]:
    """Make one of everything, log its buyer in, fill his basket; return what addresses need."""
    actor = people.acting(client, people.sold_to(), role=Role.ADMIN)
    fake.shared().add_customer(actor.sold_to.erp_id, credit_limit=Decimal(1000))
    sheet = r.DocumentRef("doc-1", "Data sheet")
    item = catalogue.item("A-1", "Bolt", price=PRICE, documents=(sheet,), image_url="/a.png")
    carts.add_line(actor=actor, sku=item.sku, quantity=Decimal(3), language="en", now=timezone.now())
    _documents(actor.sold_to.erp_id)
    quote = quotes.asked(actor, ("A-1", "2"))
    waiting, rule, centre = _rules(actor)
    return {
        "": {"sku": "A-1", "document": "doc-1", "version": "0", "pk": 1, "token": "none", "number": quote.reference},
        "help": {"topic": "choose-a-screw"},
        "return": {"number": "SO-1", "line_no": 1},
        "delivery": {"number": "D-1"},
        "payment": {"reference": "WEB-NONE", "provider": "fake"},
        "file": {"key": uuid.uuid4()},
        "order": {"number": "SO-1"},
        "approval": {"number": waiting},
        "rule": {"pk": rule},
        "list": {"pk": _list(actor)},
        "centre": {"pk": centre},
        "checkout": {"number": "SO-1"},
        "invoice": {"number": "IN-1"},
        "assisted": {"number": actor.sold_to.number},
    }


def _list(actor: Actor) -> int:
    """Return a list of the buyer's, with a line."""
    now = timezone.now()
    made = lists.create_list(actor=actor, name="Monday", lines=[lists.Line("A-1", Decimal(2))], now=now)
    return made.pk


def _rules(actor: Actor) -> tuple[str, int, int]:
    """Let an order wait for somebody who looks at it as its approver."""
    rule, centre = approvals.rule(actor.sold_to), approvals.centre(actor.sold_to)
    waiting = approvals.row(actor.sold_to, people.buyer(actor.sold_to).user)
    return waiting.reference, rule.pk, centre.pk


def _documents(customer: str) -> None:
    now = timezone.now()
    one, price = Decimal(1), Decimal(PRICE)
    line = r.OrderLineRecord(1, "ol-1", "A-1", "Bolt", one, "u", price)
    order = r.OrderRecord("o-1", now, "SO-1", customer, "open", now, "EUR", lines=(line,))
    brought = r.DeliveryLineRecord("o-1", "ol-1", "A-1", one, "u")
    delivery = r.DeliveryRecord("d-1", now, "D-1", customer, "shipped", shipped_on=now.date(), lines=(brought,))
    billed = r.InvoiceLineRecord(1, "il-1", "A-1", "Bolt", one, "u", price, price)
    invoice = r.InvoiceRecord(
        erp_id="i-1",
        version=now,
        number="IN-1",
        customer_erp_id=customer,
        kind="invoice",
        state="open",
        invoiced_on=now.date(),
        currency="EUR",
        untaxed_total=price,
        tax_total=Decimal(0),
        total=price,
        amount_due=price,
        due_on=now.date() + dt.timedelta(days=30),
        lines=(billed,),
    )
    with transaction.atomic():
        write("orders", [order], now=now)
        write("invoices", [invoice], now=now)
        write("deliveries", [delivery], now=now)


def slow_or_broken(seen: dict[str, Look]) -> list[str]:
    """Return what is wrong with a look at pages."""
    return [
        f"{name}: {look.status} after {look.seconds:.1f} s"
        for name, look in seen.items()
        if look.status >= 500 or look.seconds > FIRST_S
    ]


def asking(seen: dict[str, Look]) -> set[str]:
    """Return the pages that asked the ERP."""
    return {name for name, look in seen.items() if look.calls}


def breakers() -> set[str]:
    """Return the states of the breakers of what pages ask for all the time."""
    return {part.breaker for part in gateway.status() if part.operation in {"offers", "credit"}}


def until_nobody_asks(shop: Shop, names: set[str]) -> None:
    """Look at these pages again until they do not ask the ERP, three times at most."""
    some = replace(shop, pages={name: shop.pages[name] for name in names})
    for _ in range(3):
        looks = some.look()
        assert slow_or_broken(looks) == []
        if not asking(looks):
            return


@pytest.mark.parametrize("mode", OUTAGES)
def test_every_page_answers_soon_with_what_is_known(shop: Shop, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    Ticks.instead_of("erp_sync.gateway.breaker", monkeypatch)  # no breaker lets a call through by itself
    calm = shop.look()
    assert slow_or_broken(calm) == []
    assert {"basket-table", "checkout", "invoice-list"} <= asking(calm)
    shop.proxy.become(mode)
    assert slow_or_broken(shop.look()) == []
    until_nobody_asks(shop, asking(calm))
    looks = shop.look()
    assert slow_or_broken(looks) == []
    # Counted, not timed: a page that asks nothing waits for nothing, however the ERP fails.
    assert asking(looks) == set()
    assert "closed" not in breakers()


@pytest.mark.parametrize("mode", OUTAGES)
def test_prices_are_shown_with_their_age_and_the_word_offline(shop: Shop, mode: Mode) -> None:
    prices = shop.pages["item-prices"] + "?sku=A-1"
    calm = shop.client.get(prices).content.decode()
    shop.proxy.become(mode)
    page = shop.client.get(prices).content.decode()
    assert PRICE in calm
    assert "ERP offline" not in calm
    assert PRICE in page
    assert "ERP offline" in page


def test_when_the_erp_is_back_prices_are_live_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = Ticks.instead_of("erp_sync.gateway.breaker", monkeypatch)
    prices = shop.pages["item-prices"] + "?sku=A-1"
    shop.client.get(prices)
    shop.proxy.become(Mode.REFUSE)
    for _ in range(6):
        shop.client.get(prices)
    shop.proxy.become(Mode.WELL)
    assert "ERP offline" in shop.client.get(prices).content.decode()
    ticks.go_on(limits().breaker_pause_s)
    assert "ERP offline" not in shop.client.get(prices).content.decode()


@pytest.mark.parametrize("mode", [Mode.REFUSE, Mode.HANG, Mode.GARBAGE])
def test_control_a_shop_that_asks_the_erp_without_the_gateway_fails(
    shop: Shop, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "offers", _bare)
    shop.pages = {"basket-table": shop.pages["basket-table"]}
    assert slow_or_broken(shop.look()) == []
    shop.proxy.become(mode)
    assert slow_or_broken(shop.look()) != []


def _bare(context: r.PriceContext, asks: list[r.Ask], **_details: Any) -> dict[str, Any]:
    answers = adapters.load().offers(context, asks, deadline_s=3.0)
    stamp = gateway.Stamp(timezone.now(), gateway.LIVE)
    return {offer.sku: gateway.StampedOffer(offer, stamp) for offer in answers}


def test_control_a_shop_that_goes_on_asking_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Breaker, "admits", lambda self: True)
    shop.pages = {"basket-table": shop.pages["basket-table"]}
    shop.proxy.become(Mode.REFUSE)
    until_nobody_asks(shop, {"basket-table"})
    assert asking(shop.look()) == {"basket-table"}
