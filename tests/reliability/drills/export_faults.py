"""export_faults: 1,000 orders through an ERP that fails in 8 ways, while workers are killed 40 times."""

import dataclasses
import random
import time
from typing import Any

from erp_sync.adapters.fake_server import FakeServer, WireFault
from erp_sync.outbox.models import OutboxState
from tests.reliability.conftest import FAST_LIMITS, HTTP_ADAPTER, lost_and_double, queue_orders, states
from tests.reliability.drills.ground import say
from tests.reliability.workers import Workers

ORDERS, SHARE, KILLS, WORKERS = 1_000, 0.3, 40, 3
AT_MOST_S = 300.0


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is an exporter that sends again what is unclear without looking."""
    server = FakeServer(fault_share=SHARE)
    server.erp.add_item("BOLT", "2.0000")
    server.erp.add_customer("c1")
    server.erp.capabilities = dataclasses.replace(server.erp.capabilities, enforces_reference=False)
    server.start()
    settings: dict[str, Any] = {
        "ERP_ADAPTER": HTTP_ADAPTER,
        "ERP_URL": server.url,
        "ERP_OPTIONS": {"enforces_reference": False, "max_processing_s": 0.5, "serial_writes": False},
        "ERP_LIMITS": FAST_LIMITS,
    }
    references = queue_orders(ORDERS)
    say(f"{ORDERS} orders wait, {SHARE:.0%} of the calls will fail")
    began = time.monotonic()
    with Workers(count=WORKERS, settings=settings, variant="careless" if control else "") as workers:
        while time.monotonic() - began < AT_MOST_S and set(states()) != {OutboxState.DONE}:
            time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 (no secret)
            if workers.killed < KILLS:
                workers.kill_one()
    took_s = time.monotonic() - began
    time.sleep(server.faults.late_s)
    lost, double = lost_and_double(server, references)
    stuck = ORDERS - states()[OutboxState.DONE]
    say(
        f"{took_s:.0f} s, {sum(server.faults.seen.values())} faults of {len(server.faults.seen)} kinds, "
        f"{workers.killed} kills: {len(lost)} lost, {len(double)} double, {stuck} stuck"
    )
    server.stop()
    problems = [f"{word}: {ones[:3]}" for word, ones in (("lost", lost), ("double", double)) if ones]
    problems += [f"stuck: {stuck}, {dict(states())}"] if stuck else []
    if set(server.faults.seen) != set(WireFault) or workers.killed < KILLS:
        problems.append("not all kinds of faults, or too few kills: the drill did not try hard enough")
    return problems
