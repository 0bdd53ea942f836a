"""The fake ERP, a clock that is moved by hand, and what the outbox told."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.outbox import exporter, services
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.signals import WriteSettled, write_settled
from erp_sync.records import NewOrder, NewOrderLine

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def erp(settings: Settings) -> Iterator[fake.FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    erp.add_item("BOLT", "2.0000")
    erp.add_item("NUT", "1.0000")
    erp.add_customer("c1")
    yield erp
    erp.reset()


@dataclass
class Desk:
    """Queues orders, lets time pass, runs the exporter, keeps what was told."""

    now: dt.datetime = START
    told: list[WriteSettled] = field(default_factory=list)

    def queue(self, reference: str = "WEB-1", **changes: Any) -> OutboxRow:
        """Queue an order of two lines at list prices."""
        recheck = changes.pop("recheck", False)
        valid_until = changes.pop("valid_until", self.now + dt.timedelta(hours=24))
        return services.queue_order(
            order=order(reference, **changes),
            recheck=recheck,
            prices_valid_until=valid_until,
            now=self.now,
        )

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)

    def export(self, after_s: float = 0, **limits: Any) -> int:
        """Let time pass and run the exporter once."""
        self.pass_time(after_s)
        return exporter.export_due(now=self.now, **limits)

    @property
    def states(self) -> list[str]:
        """What was told, in order."""
        return [event.state for event in self.told]


def order(reference: str = "WEB-1", **changes: Any) -> NewOrder:
    lines = (
        NewOrderLine(1, "BOLT", "item-BOLT", Decimal("10.0000"), Decimal("2.0000")),
        NewOrderLine(2, "NUT", "item-NUT", Decimal("5.0000"), Decimal("1.0000"), "blue"),
    )
    values: dict[str, Any] = {
        "reference": reference,
        "customer_erp_id": "c1",
        "price_list": "",
        "currency": "EUR",
        "lines": lines,
        "requested_on": dt.date(2026, 3, 9),
        "customer_reference": "PO 4711",
    }
    return NewOrder(**values | changes)


@pytest.fixture
def desk(db: None, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(write_settled, "receivers", [])

    def keep(event: WriteSettled, **_kwargs: Any) -> None:
        desk.told.append(event)

    write_settled.connect(keep, weak=False)
    return desk
