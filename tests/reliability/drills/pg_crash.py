"""pg_crash: PostgreSQL is stopped without warning, twice; no order that was acknowledged is lost or doubled."""

import datetime as dt
import math
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from config import postgres
from config.postgres.programs import find_programs, run
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox import services
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.records import NewOrder, NewOrderLine
from tests.reliability.conftest import FAST_LIMITS, HTTP_ADAPTER, states
from tests.reliability.drills.ground import place, say, wait_for
from tests.reliability.workers import Workers

CLIENTS = 8
CRASHES_AT_S = (4.0, 9.0)
LENGTH_S = 14.0
ERRORS_END_S = 3.0


@dataclass
class Seen:
    """What the clients saw: orders that were acknowledged, and when calls failed."""

    acknowledged: list[str] = field(default_factory=list)
    failed_at: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is a database that says "committed" before it is on the disk."""
    server = FakeServer()
    server.erp.add_item("BOLT", "2.0000")
    server.erp.add_customer("c1")
    server.start()
    settings = {"ERP_ADAPTER": HTTP_ADAPTER, "ERP_URL": server.url, "ERP_LIMITS": FAST_LIMITS}
    seen, outages = Seen(), []
    ends_at = time.monotonic() + LENGTH_S
    clients = [
        threading.Thread(target=_order, args=(number, seen, ends_at, control), daemon=True) for number in range(CLIENTS)
    ]
    with Workers(count=2, settings=settings):
        started = time.monotonic()
        for client in clients:
            client.start()
        for at in CRASHES_AT_S:
            time.sleep(max(0.0, started + at - time.monotonic()))
            outages.append(_crash())
        for client in clients:
            client.join()
        is_settled = wait_for(_is_settled, at_most_s=180)
    found = server.orders()
    server.stop()
    problems = _judge(seen, outages, found)
    return problems if is_settled else [*problems, f"not settled after 180 s: {states()}"]


def _order(number: int, seen: Seen, ends_at: float, control: bool) -> None:  # noqa: FBT001 (a thread's target)
    count = 0
    while time.monotonic() < ends_at:
        reference = f"WEB-{number}-{count:05}"
        try:
            _place(reference, careless=control)
        except IntegrityError:
            pass  # it was committed, only the answer was lost
        except (OperationalError, InterfaceError):
            with seen.lock:
                seen.failed_at.append(time.monotonic())
            connection.close()
            time.sleep(0.1)
            continue
        with seen.lock:
            seen.acknowledged.append(reference)
        count += 1
        time.sleep(0.05)
    connection.close()


def _place(reference: str, *, careless: bool) -> None:
    now = timezone.now()
    line = NewOrderLine(1, "BOLT", "item-BOLT", Decimal(1), Decimal("2.0000"))
    with transaction.atomic():
        if careless:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
        services.queue_order(
            order=NewOrder(reference, "c1", "", "EUR", (line,)),
            recheck=False,
            prices_valid_until=now + dt.timedelta(hours=24),
            now=now,
        )


def _crash() -> tuple[float, float]:
    """Stop the server as a power cut would, start it again; return when it went and when it accepts."""
    cluster = postgres.cluster_of(place())
    say("PostgreSQL is stopped without warning")
    crashed_at = time.monotonic()
    run(cluster, find_programs(cluster) / "pg_ctl", "stop", "-D", cluster.data, "-m", "immediate")
    postgres.ensure_running(place(), durable=True)
    say("PostgreSQL accepts again")
    return crashed_at, time.monotonic()


def _is_settled() -> bool:
    try:
        return not OutboxRow.objects.exclude(state=OutboxState.DONE).exists()
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def _judge(seen: Seen, outages: list[tuple[float, float]], found: dict[str, list[str]]) -> list[str]:
    there = set(OutboxRow.objects.values_list("reference", flat=True))
    lost = [one for one in seen.acknowledged if one not in there]
    double = [one for one, numbers in found.items() if len(numbers) > 1]
    late = [
        at - accepts
        for (_crashed, accepts), (ends, _next) in pairwise([*outages, (math.inf, math.inf)])
        for at in seen.failed_at
        if accepts <= at < ends
    ]
    slow = [one for one in late if one > ERRORS_END_S]
    say(
        f"{len(seen.acknowledged)} acknowledged, {len(lost)} lost, {len(double)} double, "
        f"{len(seen.failed_at)} tries failed, the last {max(late, default=0.0):.1f} s after it accepted again"
    )
    problems = []
    if lost:
        problems.append(f"acknowledged and lost: {lost[:5]} and {max(0, len(lost) - 5)} more")
    if stuck := [one for one in seen.acknowledged if one in there and one not in found]:
        problems.append(f"not in the ERP: {len(stuck)}")
    if double:
        problems.append(f"double: {double[:5]}")
    if slow:
        problems.append(f"errors went on for {max(slow):.1f} s after it accepted again")
    return problems
