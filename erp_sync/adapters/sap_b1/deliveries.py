"""Delivery notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build, changed_since
from erp_sync.adapters.sap_b1.setup import Setup, SetupSource
from erp_sync.http import Deadline


class Deliveries:
    """Posted deliveries; the ERP knows when goods leave, not when they arrive."""

    entity = "DeliveryNotes"
    key = "DocEntry"
    is_text = False
    most = 40
    ids_from: tuple[str, ...] = ()

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a delivery."""
        return [*d.HEAD, "TrackingNumber", "TransportationCode"]

    def where(self) -> str:
        """Return which deliveries count."""
        return d.NO_COUNTER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return what changed otherwise: nothing that is told of a delivery."""
        return set()

    def ids(self, row: Row) -> list[str]:
        """Return the id of a delivery."""
        return [str(row["DocEntry"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Return what makes a record."""
        setup = self._setup.get(deadline)
        return lambda row: [_delivery(row, setup)]


def _delivery(row: Row, setup: Setup) -> r.DeliveryRecord:
    name, website = setup.carriers.get(row.get("TransportationCode") or 0, ("", ""))
    is_gone = d.is_cancelled(row)
    return r.DeliveryRecord(
        erp_id=str(row["DocEntry"]),
        version=to.version(row, setup.zone),
        number=str(row["DocNum"]),
        customer_erp_id=str(row["CardCode"]),
        state="cancelled" if is_gone else "shipped",
        shipped_on=None if is_gone else to.day(row["DocDate"]),
        planned_on=to.day(row.get("DocDueDate")),
        carrier=name[:120],
        tracking_number=to.line(row.get("TrackingNumber"), 120),
        tracking_url=website if website.startswith(("https://", "http://")) else "",
        lines=tuple(_line(one) for one in d.own_lines(row) if d.is_made_from(one, d.ORDER)),
    )


def _line(one: Row) -> r.DeliveryLineRecord:
    return r.DeliveryLineRecord(
        order_erp_id=str(one["BaseEntry"]),
        order_line_erp_id=d.base_id(one),
        sku=to.line(one.get("ItemCode"), 64),
        quantity=to.quantity(one["Quantity"]),
        unit=d.unit_name(one),
    )
