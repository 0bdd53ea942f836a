"""clock_skew: workers 40 minutes ahead and behind, an ERP by another clock; nothing lost, nothing doubled."""

import dataclasses
import datetime as dt
import time
from typing import Any

from erp_sync.adapters.fake import FakeErp
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.mirror import sync
from erp_sync.mirror.models import Order, SyncState
from erp_sync.outbox.models import OutboxRow, OutboxState
from tests.erp_sync.mirror import facts
from tests.reliability.conftest import FAST_LIMITS, HTTP_ADAPTER, lost_and_double, queue_orders, states
from tests.reliability.drills.ground import say, wait_for
from tests.reliability.workers import Workers

ORDERS = 200
SKEW_S = 2400


class ElsewhereErp(FakeErp):
    """An ERP whose clock is off."""

    off_s = 0.0

    def _now(self) -> dt.datetime:
        return super()._now() + dt.timedelta(seconds=self.off_s)


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is an exporter that sends again what is unclear without looking."""
    problems = []
    for enforces in (True, False):
        problems += _export(enforces=enforces, control=control)
    for off_s in (SKEW_S, -SKEW_S):
        problems += _pull(off_s)
    return problems


def _export(*, enforces: bool, control: bool) -> list[str]:
    OutboxRow.objects.all().delete()
    server = FakeServer(erp=ElsewhereErp())
    server.erp.add_item("BOLT", "2.0000")
    server.erp.add_customer("c1")
    server.erp.capabilities = dataclasses.replace(server.erp.capabilities, enforces_reference=enforces)
    server.faults.share = 0.3
    server.start()
    settings: dict[str, Any] = {
        "ERP_ADAPTER": HTTP_ADAPTER,
        "ERP_URL": server.url,
        "ERP_OPTIONS": {"enforces_reference": enforces, "max_processing_s": 0.5, "serial_writes": False},
        "ERP_LIMITS": FAST_LIMITS,
    }
    references = queue_orders(ORDERS)
    careless = "careless" if control else ""
    with (
        Workers(count=1, settings=settings, variant=careless, clock_off_s=SKEW_S),
        Workers(count=1, settings=settings, variant=careless, clock_off_s=-SKEW_S),
        Workers(count=1, settings=settings, variant=careless),
    ):
        is_done = wait_for(lambda: set(states()) == {OutboxState.DONE}, at_most_s=150)
    time.sleep(server.faults.late_s)
    lost, double = lost_and_double(server, references)
    server.stop()
    kind = "enforces the reference" if enforces else "can only be asked"
    say(f"an ERP that {kind}: {ORDERS} orders, {len(lost)} lost, {len(double)} double, {dict(states())}")
    problems = [f"{word} ({kind}): {ones[:3]}" for word, ones in (("lost", lost), ("double", double)) if ones]
    return problems if is_done or control else [*problems, f"not settled ({kind}): {states()}"]


def _pull(off_s: float) -> list[str]:
    """Pull from an ERP by another clock: the cursor is the ERP's own, so nothing is missed."""
    erp = ElsewhereErp()
    erp.off_s = off_s
    Order.objects.all().delete()
    SyncState.objects.filter(kind="orders").delete()
    for number in range(30):
        erp.put("orders", facts.order(str(number), version=erp.now(deadline_s=1)))
        if number % 3 == 0:
            sync.pull(kind="orders", now=dt.datetime.now(dt.UTC), erp=erp)
    sync.pull(kind="orders", now=dt.datetime.now(dt.UTC), erp=erp)
    missed = 30 - Order.objects.count()
    say(f"an ERP {off_s / 60:+.0f} minutes off: {missed} of 30 orders missed")
    return [f"missed by the pull at {off_s:+.0f} s: {missed}"] if missed else []
