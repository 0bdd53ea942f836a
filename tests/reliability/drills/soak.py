"""soak: half of what the shop can do, for long, while the ERP fails now and then; nothing grows, nothing stays."""

import http.client
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from django.conf import settings
from django.db import connection, connections

from benchmarks.processes import share_mib, tree
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox.models import OutboxRow, OutboxState
from tests.builders import catalogue
from tests.reliability.conftest import FAST_LIMITS, HTTP_ADAPTER, lost_and_double, states
from tests.reliability.drills.ground import say, wait_for
from tests.reliability.faults import OUTAGES, FaultProxy, Mode
from tests.reliability.test_double_submit import Checkout
from tests.reliability.web import Web
from tests.reliability.workers import Workers
from tests.reliability.world import SKU

LOOKERS, BUYERS = 4, 2
PAGES = ("/", "/items/", "/orders/", "/invoices/", "/basket/", f"/items/{SKU}/")
CALM_S, SAMPLE_S = 8.0, 2.0
# The ERP is well for so long, then away for so long.
WELL_S, AWAY_S = (10.0, 30.0), (3.0, 8.0)
GROWTH = 0.05
DRAINED_S = 180.0


@dataclass
class Seen:
    """What happened: answers, and samples of memory (MiB) and connections to the database."""

    answers: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: str) -> None:
        """Count an answer."""
        with self.lock:
            self.answers[answer] += 1


def play(*, control: bool, minutes: float) -> list[str]:
    """Play it; the mistake is a web that keeps something of every request."""
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    server = FakeServer(erp=erp)
    server.start()
    with FaultProxy(server.url) as proxy:
        found = {"ERP_ADAPTER": HTTP_ADAPTER, "ERP_URL": proxy.url, "ERP_LIMITS": FAST_LIMITS}
        for name, value in found.items():
            setattr(settings, name, value)
        catalogue.item(SKU)
        buyers = [Checkout() for _ in range(BUYERS)]
        with Web(settings=found, variant="leaky" if control else "") as web, Workers(count=2, settings=found):
            pause_s = _half(web, buyers)
            seen = _soak(web, buyers, proxy, for_s=minutes * 60, pause_s=pause_s)
        with Workers(count=2, settings=found):
            is_drained = wait_for(_is_drained, at_most_s=DRAINED_S)
    problems = _judge(seen, server)
    server.stop()
    return problems if is_drained else [*problems, f"the queue does not drain: {dict(states())}"]


def _half(web: Web, buyers: list[Checkout]) -> float:
    """Load as fast as it goes; return the pause after a request that makes it half as fast."""
    seen = Seen()
    _load(web, buyers, seen, for_s=CALM_S, pause_s=0.0)
    rate = sum(seen.answers.values()) / CALM_S
    say(f"as fast as it goes: {rate:.0f} requests a second")
    return (LOOKERS + BUYERS) / rate if rate else 1.0


def _soak(web: Web, buyers: list[Checkout], proxy: FaultProxy, *, for_s: float, pause_s: float) -> Seen:
    seen, over = Seen(), threading.Event()
    aside = [
        threading.Thread(target=_trouble, args=(proxy, over, seen), daemon=True),
        threading.Thread(target=_sample, args=(web, over, seen), daemon=True),
    ]
    for one in aside:
        one.start()
    _load(web, buyers, seen, for_s=for_s, pause_s=pause_s)
    over.set()
    for one in aside:
        one.join(30)
    proxy.become(Mode.WELL)
    return seen


def _load(web: Web, buyers: list[Checkout], seen: Seen, *, for_s: float, pause_s: float) -> None:
    """Let people look and order for a while."""
    ends_at = time.monotonic() + for_s

    def keep(act: Callable[[], str]) -> None:
        while time.monotonic() < ends_at:
            seen.note(act())
            time.sleep(pause_s)
        connections.close_all()

    acts = [_looking(web, buyers[number % len(buyers)]) for number in range(LOOKERS)]
    acts += [_ordering(web, buyer) for buyer in buyers]
    clients = [threading.Thread(target=keep, args=(act,), daemon=True) for act in acts]
    for one in clients:
        one.start()
    for one in clients:
        one.join()


def _looking(web: Web, buyer: Checkout) -> Callable[[], str]:
    pages = itertools.cycle(PAGES)

    def look() -> str:
        page = next(pages)
        answer = _answer(lambda: web.get(page, session=buyer.session))
        return answer if answer == "200" else f"{page} {answer}"

    return look


def _ordering(web: Web, buyer: Checkout) -> Callable[[], str]:
    def order() -> str:
        buyer.fill()
        fields = buyer.fields()
        return _answer(lambda: web.post("/checkout/", fields, session=buyer.session), "checkout ")

    return order


def _answer(ask: Callable[[], tuple[int, str]], words: str = "") -> str:
    """Return what came of a request, in a word."""
    try:
        status, location = ask()
    except (OSError, http.client.HTTPException) as error:
        return f"{words}{type(error).__name__}"
    return "ordered" if words and status == 302 and "/orders/" in location else f"{words}{status}"


def _trouble(proxy: FaultProxy, over: threading.Event, seen: Seen) -> None:
    """Let the ERP fail in one way after the other, and be well between."""
    for mode in itertools.cycle(random.sample(OUTAGES, len(OUTAGES))):
        if over.wait(random.uniform(*WELL_S)):  # noqa: S311 (no secret)
            return
        seen.note(f"outage {mode}")
        proxy.become(mode)
        over.wait(random.uniform(*AWAY_S))  # noqa: S311 (no secret)
        proxy.become(Mode.WELL)


def _sample(web: Web, over: threading.Event, seen: Seen) -> None:
    """Note memory of the web and connections to the database."""
    while not over.wait(SAMPLE_S):
        seen.memory.append(sum(share_mib(pid) for pid in tree([web.pid])))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            seen.connections.append(cursor.fetchone()[0])
    connection.close()


def _is_drained() -> bool:
    moving = (OutboxState.READY, OutboxState.SENDING, OutboxState.CHECK)
    return not OutboxRow.objects.filter(state__in=moving).exists()


def _judge(seen: Seen, server: FakeServer) -> list[str]:
    """Compare the last fifth with the second one: the first is for warming up."""
    fifth = max(len(seen.memory) // 5, 1)
    before, after = median(seen.memory[fifth : 2 * fifth]), median(seen.memory[-fifth:])
    open_before, open_after = max(seen.connections[fifth : 2 * fifth]), max(seen.connections[-fifth:])
    references = list(OutboxRow.objects.values_list("reference", flat=True))
    lost, double = lost_and_double(server, references)
    say(f"answers: {dict(seen.answers)}")
    say(
        f"memory of the web {before:.0f} -> {after:.0f} MiB ({after / before - 1:+.1%}), connections {open_before} -> "
        f"{open_after}; {len(references)} orders, {len(lost)} lost, {len(double)} double, {dict(states())}"
    )
    fine = ("200", "ordered", "outage", "checkout 2", "checkout 3", "checkout 4")
    failed = {name: many for name, many in seen.answers.items() if not name.startswith(fine)}
    problems = [f"answers that must not be: {failed}"] if failed else []
    problems += [f"{word}: {ones[:3]}" for word, ones in (("lost", lost), ("double", double)) if ones]
    if after > before * (1 + GROWTH):
        problems.append(f"memory grew from {before:.0f} to {after:.0f} MiB")
    if open_after > open_before + 2:
        problems.append(f"connections to the database grew from {open_before} to {open_after}")
    if not seen.answers["ordered"]:
        problems.append("nobody could order: the drill is broken")
    return problems
