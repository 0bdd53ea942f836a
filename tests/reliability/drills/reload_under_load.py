"""reload_under_load: web processes are reloaded and killed while orders come in; what was acknowledged is there."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.db import connection

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer
from shop.orders.models import Order
from tests.builders import catalogue
from tests.reliability.conftest import HTTP_ADAPTER
from tests.reliability.drills.ground import say, wait_for
from tests.reliability.test_double_submit import Checkout
from tests.reliability.web import Web
from tests.reliability.world import SKU

CLIENTS, LOOKERS, ORDERS = 2, 4, 90
TIMES = 3
PAUSE_S = 2.0
# A process that is killed takes along what it had in hand: at most one request of each client.
IN_FLIGHT = TIMES * (CLIENTS + LOOKERS)
# Whoever waits for a slow machine has not failed: only no answer, a cut one or a wrong one counts.
PATIENCE_S = 600

Waiting = tuple[str, dict[str, str]]


class Served(Protocol):
    """A web that is asked: the real one, or in the test of this drill one that errs in a known way."""

    def get(self, path: str, *, session: str = "") -> tuple[int, str]:
        """Return status and Location."""
        ...

    def post(self, path: str, fields: dict[str, str], *, session: str) -> tuple[int, str]:
        """Return status and Location."""
        ...


@dataclass
class Seen:
    """Checkouts that were acknowledged (by session), and tries that failed."""

    acknowledged: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def failed(self) -> int:
        """How many tries failed."""
        return sum(self.failures.values())


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is to end the web server and start it anew instead of reloading it."""
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    server = FakeServer(erp=erp)
    server.start()
    found = {"ERP_ADAPTER": HTTP_ADAPTER, "ERP_URL": server.url, "ERP_LIMITS": {"calls_at_once": 20, "call_wait_s": 5}}
    for name, value in found.items():
        setattr(settings, name, value)
    catalogue.item(SKU)
    problems = []
    with Web(settings=found, patience_s=PATIENCE_S) as web:
        for word, act, allowed in (
            ("reloaded", web.start_anew if control else web.reload, 0),
            ("killed", web.kill_a_worker, IN_FLIGHT),
        ):
            Order.objects.all().delete()
            seen = disturb(web, _baskets(), word, act)
            connection.close()
            problems += judge(word, seen, allowed=allowed, asked=ORDERS, there=Order.objects.count())
    server.stop()
    return problems


def _baskets() -> list[Waiting]:
    waiting = [(one.session, one.fields()) for one in [Checkout() for _ in range(ORDERS)]]
    say(f"{len(waiting)} baskets at the checkout")
    return waiting


def disturb(web: Served, waiting: list[Waiting], word: str, act: Callable[[], None]) -> Seen:
    """Send the checkouts that wait while `act` disturbs the web; return what came of them."""
    seen, session = Seen(), waiting[0][0]
    clients = [threading.Thread(target=_order_all, args=(web, waiting, seen), daemon=True) for _ in range(CLIENTS)]
    clients += [threading.Thread(target=_look, args=(web, session, waiting, seen)) for _ in range(LOOKERS)]
    for one in clients:
        one.start()
    for _ in range(TIMES):
        time.sleep(PAUSE_S)
        act()
        say(f"the web was {word}")
        # Whoever deploys waits for the new processes, too; on a busy machine they take long to begin.
        wait_for(lambda: _answers(web), at_most_s=PATIENCE_S)
    for one in clients:
        one.join()
    return seen


def _answers(web: Served) -> bool:
    try:
        return web.get("/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _order_all(web: Served, waiting: list[Waiting], seen: Seen) -> None:
    while True:
        with seen.lock:
            if not waiting:
                return
            session, fields = waiting.pop()
        _send(web, session, fields, seen)


def _send(web: Served, session: str, fields: dict[str, str], seen: Seen) -> None:
    """Send a checkout until it is acknowledged; each try that fails counts."""
    for _attempt in range(40):
        try:
            status, location = web.post("/checkout/", fields, session=session)
            why = str(status)
        except (OSError, http.client.HTTPException) as error:
            status, location, why = 0, "", type(error).__name__
        with seen.lock:
            seen.tries += 1
            if status == 302 and "/orders/" in location:
                seen.acknowledged.append(location)
                return
            seen.failures[why] += 1
        time.sleep(0.1)


def _look(web: Served, session: str, waiting: list[Waiting], seen: Seen) -> None:
    """Open a page again and again while orders are sent."""
    while waiting:
        try:
            status, _location = web.get("/orders/", session=session)
            why = "" if status == 200 else str(status)
        except (OSError, http.client.HTTPException) as error:
            why = type(error).__name__
        with seen.lock:
            seen.tries += 1
            if why:
                seen.failures[why] += 1
        if why:
            time.sleep(0.1)


def judge(word: str, seen: Seen, *, allowed: int, asked: int, there: int) -> list[str]:
    """Return what is not as promised: each checkout `asked` for is acknowledged and `there`, `allowed` tries fail."""
    numbers = set(seen.acknowledged)
    say(
        f"{word}: {seen.tries} tries, {seen.failed} failed ({seen.failed / seen.tries:.1%}) {dict(seen.failures)}, "
        f"{len(seen.acknowledged)} acknowledged, {there} orders"
    )
    problems = []
    if seen.failed > allowed:
        problems.append(f"{word}: {seen.failed} of {seen.tries} tries failed, {allowed} may")
    if there != len(numbers) or len(numbers) != asked:
        problems.append(f"{word}: {asked} checkouts, {len(numbers)} acknowledged, {there} orders")
    return problems
