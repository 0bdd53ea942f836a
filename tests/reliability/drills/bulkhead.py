"""bulkhead: the ERP hangs and 32 clients come; pages that need no ERP stay quick."""

import threading
import time

from django.test import Client

from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer
from tests.builders import catalogue, people
from tests.reliability.conftest import HTTP_ADAPTER
from tests.reliability.drills.ground import say
from tests.reliability.faults import FaultProxy, Mode
from tests.reliability.web import Web

CLIENTS, OF_THEM_WITHOUT_ERP = 32, 8
LENGTH_S = 12.0
# So long a page would wait for the ERP: long beside what a busy machine takes.
HANGS_S = 8.0
# What a busy machine adds to the calm figure without anybody hanging.
SLACK_S = 0.25
# Each asks for an item of his own: who asks the same as another waits for his answer, not for the ERP.
SKUS = [f"A-{number}" for number in range(CLIENTS - OF_THEM_WITHOUT_ERP)]
NEEDS_NONE = "/orders/"


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is a shop without a bulkhead."""
    server = FakeServer(erp=fake.shared())
    server.start()
    session = people.log_in(Client(), people.buyer()).session.session_key or ""
    for sku in SKUS:
        catalogue.item(sku, "Bolt")
    with FaultProxy(server.url) as proxy:
        # The breaker is off: it would end the trouble before the bulkhead shows.
        limits = {"breaker_failures": 10**6, "breaker_window": 10**6, "fresh_s": 0.0, "negative_s": 0.0, "near_s": 0.0}
        limits |= {
            "page_deadline_s": HANGS_S,
            "calls_at_once": 1000 if control else 2,
            "call_wait_s": 0.05,
            "refresh_threads": 0,
        }
        with Web(settings={"ERP_ADAPTER": HTTP_ADAPTER, "ERP_URL": proxy.url, "ERP_LIMITS": limits}) as web:
            _visit(web, session, for_s=2.0)
            calm = _visit(web, session, for_s=LENGTH_S)
            proxy.become(Mode.HANG)
            hanging = _visit(web, session, for_s=LENGTH_S)
    server.stop()
    say(f"95 of 100 pages without the ERP: {calm:.2f} s calm, {hanging:.2f} s while it hangs")
    if hanging > 2 * calm + SLACK_S:
        return [f"pages that need no ERP wait for it: {hanging:.2f} s, calm {calm:.2f} s"]
    return []


def _visit(web: Web, session: str, *, for_s: float) -> float:
    """Let all clients look; return the 95th of 100 seconds of pages that need no ERP."""
    times: list[float] = []
    failed: list[int] = []
    ends_at = time.monotonic() + for_s

    def look(path: str) -> None:
        while time.monotonic() < ends_at:
            started = time.perf_counter()
            status, _location = web.get(path, session=session)
            if status != 200:
                failed.append(status)
            if path == NEEDS_NONE:
                times.append(time.perf_counter() - started)

    paths = [NEEDS_NONE] * OF_THEM_WITHOUT_ERP + [f"/items/prices/?sku={sku}" for sku in SKUS]
    clients = [threading.Thread(target=look, args=(path,), daemon=True) for path in paths]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert not failed, f"pages failed: {failed[:3]}"
    return sorted(times)[int(len(times) * 0.95) - 1]
