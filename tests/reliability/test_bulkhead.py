"""bulkhead: a hanging ERP holds as many threads as it may, and not one more (reliability.md). Counted, not timed."""

import queue
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.gateway import StampedOffer

CONTEXT = r.PriceContext("c1", "gold", "EUR")
CLIENTS, PLACES = 32, 4
# Nobody waits so long here: it is when a test gives up.
END_S = 60.0


class HangingErp:
    """Counts who is inside a call of the ERP; nobody comes out until `lets_go`."""

    def __init__(self, erp: fake.FakeErp) -> None:
        self._honest = erp.offers
        self.lets_go = threading.Event()
        self.inside: queue.Queue[str] = queue.Queue()

    def offers(self, context: r.PriceContext, asks: list[r.Ask], **more: Any) -> list[r.Offer]:
        """Go in, wait, answer as always."""
        self.inside.put(asks[0].sku)
        assert self.lets_go.wait(END_S)
        return self._honest(context, asks, **more)


@pytest.fixture
def erp(settings: Settings) -> Iterator[fake.FakeErp]:
    """An ERP whose price of every item was shown before, so that each has a last known one."""
    settings.ERP_LIMITS = {"refresh_threads": 0, "fresh_s": 0.0, "near_s": 0.0, "page_deadline_s": END_S}
    settings.ERP_LIMITS |= {"calls_at_once": PLACES, "call_wait_s": END_S}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    for sku in _skus():
        erp.add_item(sku, "10.0000")
    gateway.offers(CONTEXT, [_ask(sku) for sku in _skus()])
    yield erp
    erp.reset()
    gateway.forget()


@pytest.fixture
def hanging(erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingErp]:
    hanging = HangingErp(erp)
    monkeypatch.setattr(erp, "offers", hanging.offers)
    yield hanging
    hanging.lets_go.set()


def test_a_hanging_erp_holds_its_places_and_all_others_are_served_what_was_known(hanging: HangingErp) -> None:
    served, clients = _clients()

    holders = {hanging.inside.get(timeout=END_S) for _ in range(PLACES)}
    others = [served.get(timeout=END_S) for _ in range(CLIENTS - PLACES)]

    assert hanging.inside.empty()  # nobody else went in, and nobody who is in came out
    assert served.empty()
    assert {sku for sku, _offer in others} == set(_skus()) - holders
    assert {offer.stamp.source for _sku, offer in others} == {gateway.LAST_KNOWN}
    hanging.lets_go.set()
    rest = dict(served.get(timeout=END_S) for _ in range(PLACES))
    assert set(rest) == holders
    assert {offer.stamp.source for offer in rest.values()} == {gateway.LIVE}
    _join(clients)


def test_documents_have_places_of_their_own(hanging: HangingErp) -> None:
    _served, clients = _clients()
    for _ in range(PLACES):
        hanging.inside.get(timeout=END_S)

    assert gateway.invoice_pdf("1").content.startswith(b"%PDF")

    hanging.lets_go.set()
    _join(clients)


def test_control_without_places_every_client_hangs(hanging: HangingErp, settings: Settings) -> None:
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"calls_at_once": 1_000}
    served, clients = _clients()

    holders = {hanging.inside.get(timeout=END_S) for _ in range(CLIENTS)}

    assert holders == set(_skus())
    assert served.empty()
    hanging.lets_go.set()
    _join(clients)


def _skus() -> list[str]:
    return [f"S-{number}" for number in range(CLIENTS)]


def _ask(sku: str) -> r.Ask:
    return r.Ask(sku, f"item-{sku}", Decimal(1))


def _clients() -> tuple[queue.Queue[tuple[str, StampedOffer]], list[threading.Thread]]:
    """Let every client ask for an item of his own; return what they are served, as it comes."""
    served: queue.Queue[tuple[str, StampedOffer]] = queue.Queue()

    def ask(sku: str) -> None:
        served.put((sku, gateway.offers(CONTEXT, [_ask(sku)])[sku]))

    clients = [threading.Thread(target=ask, args=(sku,), daemon=True) for sku in _skus()]
    for one in clients:
        one.start()
    return served, clients


def _join(clients: list[threading.Thread]) -> None:
    for one in clients:
        one.join(END_S)
    assert not any(one.is_alive() for one in clients)
