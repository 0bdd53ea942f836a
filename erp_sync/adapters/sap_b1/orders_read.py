"""Orders of every channel, with their lines and what was delivered of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.customers import SHIP
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build, bases, changed_since
from erp_sync.adapters.sap_b1.setup import CHANNEL, KEY, STATE, Setup, SetupSource
from erp_sync.http import Deadline

FIELDS = (*d.HEAD, KEY, STATE, "ShipToCode", "Address2", "DocumentsOwner")


class Orders:
    """Sales orders; drafts that wait for an approval are no orders yet."""

    entity = "Orders"
    key = "DocEntry"
    is_text = False
    most = 40
    ids_from: tuple[str, ...] = ()

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of an order, those of the channel rules too."""
        return sorted({*FIELDS, CHANNEL, *(rule.field for rule in self._setup.options.channels)})

    def where(self) -> str:
        """Return which orders count: all but the counterparts of cancelled ones."""
        return d.NO_COUNTER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return orders of which something was delivered or billed since: that need not change them."""
        where = changed_since(since, self._setup)
        return bases(self._client, "DeliveryNotes", where, d.ORDER, deadline) | bases(
            self._client, "Invoices", where, d.ORDER, deadline
        )

    def ids(self, row: Row) -> list[str]:
        """Return the id of an order."""
        return [str(row["DocEntry"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Read what was delivered of closed lines."""
        setup = self._setup.get(deadline)
        closed = [row for row in rows if _has_closed_lines(row)]
        gone = None if self._setup.options.closed_is_delivered else self._delivered(closed, deadline)
        return lambda row: [self._order(row, gone, setup)]

    def _delivered(self, rows: Sequence[Row], deadline: Deadline) -> Mapping[str, Decimal]:
        """Return how much was delivered of each line: one that staff closed has nothing open either."""
        if not rows:
            return {}
        found = d.followers(self._client, ("DeliveryNotes", "Invoices"), rows, d.ORDER, deadline)
        return {
            line: sum((to.quantity(one.line["Quantity"]) for one in those), Decimal(0)) for line, those in found.items()
        }

    def _order(self, row: Row, gone: Mapping[str, Decimal] | None, setup: Setup) -> r.OrderRecord:
        options = self._setup.options
        reference = to.line(row.get(KEY), 60)
        is_ours = bool(reference) and d.state_of(row) == d.OURS["Orders"]
        lines = tuple(_line(number, one, row, gone, setup) for number, one in d.numbered(row))
        totals = d.totals(row, setup)
        is_gone = d.is_cancelled(row) or (bool(lines) and all(one.quantity == one.quantity_cancelled for one in lines))
        made = to.instant(row.get("CreationDate") or row["DocDate"], row.get("DocTime"), setup.zone)
        return r.OrderRecord(
            erp_id=str(row["DocEntry"]),
            version=to.version(row, setup.zone),
            number=str(row["DocNum"]),
            customer_erp_id=str(row["CardCode"]),
            status="cancelled" if is_gone else "open" if d.is_open(row) else "completed",
            placed_at=made,
            time_known=bool(row.get("DocTime")),
            currency=totals.currency,
            channel_hint=r.Channel.SHOP if is_ours else to.channel_of(row, options.channels),
            web_reference=reference if is_ours else "",
            customer_reference=to.line(row.get("NumAtCard"), 120),
            untaxed_total=totals.untaxed,
            tax_total=totals.tax,
            total=totals.total,
            step="cancelled" if is_gone else _step(row, lines),
            requested_on=to.day(row.get("DocDueDate")),
            ship_to=to.line(row.get("Address2"), 300),
            ship_to_erp_id=to.address_id(str(row["CardCode"]), SHIP, row["ShipToCode"])
            if row.get("ShipToCode")
            else "",
            lines=lines,
            allowed=() if is_gone else allowed(row),
            quote_erp_id=next((str(o["BaseEntry"]) for o in d.own_lines(row) if d.is_made_from(o, d.QUOTE)), ""),
        )


def allowed(row: Row) -> tuple[str, ...]:
    """Return what may still be changed of an order: everything until the first delivery or closed line."""
    if not d.is_open(row):
        return ()
    is_begun = any(
        one["LineStatus"] != d.OPEN or _open(one) != to.quantity(one["Quantity"]) for one in d.own_lines(row)
    )
    return ("customer_reference",) if is_begun else ("cancel", "requested_on", "ship_to", "customer_reference", "lines")


def _open(one: Row) -> Decimal:
    return to.quantity(one["RemainingOpenQuantity"])


def _has_closed_lines(row: Row) -> bool:
    return not d.is_cancelled(row) and any(one["LineStatus"] != d.OPEN for one in d.own_lines(row))


def _step(row: Row, lines: Sequence[r.OrderLineRecord]) -> str:
    if not d.is_open(row):
        return "shipped"
    return "picking" if any(one.quantity_delivered for one in lines) else "confirmed"


def _line(number: int, one: Row, row: Row, gone: Mapping[str, Decimal] | None, setup: Setup) -> r.OrderLineRecord:
    quantity, erp_id = to.quantity(one["Quantity"]), to.line_id(row["DocEntry"], one["LineNum"])
    is_let_go = d.is_cancelled(row)
    if is_let_go or one["LineStatus"] != d.OPEN:
        known = quantity if gone is None else min(quantity, gone.get(erp_id, Decimal(0)))
        delivered = Decimal(0) if is_let_go else known
        cancelled = quantity - delivered
    else:
        delivered, cancelled = quantity - _open(one), Decimal(0)
    return r.OrderLineRecord(
        line_no=number,
        erp_id=erp_id,
        sku=to.line(one.get("ItemCode"), 64),
        description=to.line(one.get("ItemDescription"), 500),
        quantity=quantity,
        unit=d.unit_name(one),
        net_price=d.net_price(one),
        quantity_delivered=delivered,
        quantity_cancelled=cancelled,
        item_type="goods" if one.get("ItemCode") else "service",
        promised_on=to.day(one.get("ShipDate")),
        amount=d.line_total(one, row, setup),
    )
