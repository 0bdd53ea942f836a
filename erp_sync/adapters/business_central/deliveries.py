"""Shipments: what left the warehouse, of which order line; how it travels where our bridge tells it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.pulls import Builder, Table, erp_ids
from erp_sync.http import Deadline


class Deliveries:
    """Posted shipments; the ERP keeps none before it left."""

    table = Table(s.SHIPMENT.place, s.SHIPMENT.fields, s.SHIPMENT.part, most=300)

    def __init__(self, bridge: Bridge | None) -> None:
        self._bridge = bridge

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the ids."""
        return erp_ids(rows)

    def builder(self, rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Read how the shipments of a page travel and return what makes a record."""
        numbers = [to.line(row["number"], 20) for row in rows]
        tracking = self._bridge.tracking(numbers, deadline) if self._bridge is not None else {}
        return lambda row: _delivery(row, tracking.get(to.line(row["number"], 20), {}))


def _delivery(row: s.Row, travels: s.Row) -> r.DeliveryRecord:
    order = to.line(row["orderNumber"], 20)
    return r.DeliveryRecord(
        erp_id=to.ref(row["id"]),
        version=to.instant(row["lastModifiedDateTime"]),
        number=to.line(row["number"], 20),
        customer_erp_id=to.ref(row["customerId"]),
        state="shipped",
        shipped_on=to.needed_day(row["postingDate"]),
        carrier=to.line(travels.get("carrier"), 50),
        tracking_number=to.line(travels.get("trackingNumber"), 50),
        tracking_url=_web(travels.get("trackingUrl")),
        lines=tuple(
            r.DeliveryLineRecord(
                order_erp_id=order,
                order_line_erp_id=s.line_key(order, one),
                sku=to.line(one["lineObjectNumber"], 20),
                quantity=to.quantity(one["quantity"]),
                unit=to.line(one["unitOfMeasureCode"], 10),
            )
            for one in s.items_of(s.lines_of(row, s.SHIPMENT))
            if to.number(one["quantity"])
        ),
    )


def _web(value: object) -> str:
    """Return an address of the web; anything else a buyer must not click on."""
    told = to.line(value, 300)
    return told if urlsplit(told).scheme in {"http", "https"} else ""
