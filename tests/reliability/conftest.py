"""An ERP over real sockets, orders in the outbox, and waiting with an end."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from erp_sync import gateway
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox import services
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.records import NewOrder, NewOrderLine

HTTP_ADAPTER = "erp_sync.adapters.fake_http.FakeHttpErp"
# Like the real limits, a hundred times faster.
FAST_LIMITS = {
    "write_deadline_s": 1.0,
    "read_deadline_s": 1.0,
    "lease_margin_s": 0.5,
    "backoff_s": (0.1, 0.2, 0.4),
}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A fake ERP with two items, on a port of its own."""
    server = FakeServer()
    server.erp.add_item("BOLT", "2.0000")
    server.erp.add_item("NUT", "1.0000")
    server.erp.add_customer("c1")
    server.start()
    gateway.forget()
    yield server
    server.stop()


def queue_orders(count: int) -> list[str]:
    """Queue `count` orders, each in a transaction of its own; return their references."""
    references = [f"WEB-{number:04}" for number in range(count)]
    for reference in references:
        with transaction.atomic():
            services.queue_order(
                order=_order(reference),
                recheck=False,
                prices_valid_until=timezone.now() + dt.timedelta(hours=24),
                now=timezone.now(),
            )
    return references


def _order(reference: str) -> NewOrder:
    line = NewOrderLine(1, "BOLT", "item-BOLT", Decimal(10), Decimal("2.0000"))
    return NewOrder(reference, "c1", "", "EUR", (line,))


def wait_until_settled(*, at_most_s: float) -> None:
    """Wait until no row is under way, or the time is over."""
    moving = (OutboxState.READY, OutboxState.SENDING, OutboxState.CHECK)
    ends_at = time.monotonic() + at_most_s
    while time.monotonic() < ends_at:
        if not OutboxRow.objects.filter(state__in=moving).exists():
            return
        time.sleep(0.1)


def states() -> Counter[str]:
    """Return how many rows are in each state."""
    return Counter(OutboxRow.objects.values_list("state", flat=True))


def lost_and_double(server: FakeServer, references: list[str]) -> tuple[list[str], list[str]]:
    """Return the references that the ERP does not have, and those it has more than once."""
    found = server.orders()
    lost = [reference for reference in references if not found.get(reference)]
    return lost, [reference for reference, numbers in found.items() if len(numbers) > 1]
