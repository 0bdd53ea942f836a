"""What the adapter uses, compared with the ERP's own metadata: entity sets, fields, actions, and our bridge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erp_sync.adapters.business_central import bridge as b
from erp_sync.adapters.business_central import customers, payments, prices
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.client import API, BcClient
from erp_sync.adapters.business_central.metadata import parsed
from erp_sync.adapters.business_central.pulls import Table
from erp_sync.errors import ErpError, ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline
from erp_sync.ports import Need

DOCUMENTS = (s.ORDER, s.QUOTE, s.INVOICE, s.CREDIT, s.SHIPMENT)
# Read outside of the pulls, or written.
FIELDS: Mapping[str, tuple[str, ...]] = {
    **{one.place: (*one.fields, one.part) for one in DOCUMENTS},
    **{one.part: one.line_fields for one in DOCUMENTS},
    "companyInformation": ("currencyCode",),
    "customers": (*customers.CREDIT_FIELDS, "customerFinancialDetails"),
    "customerFinancialDetails": customers.FINANCIAL_FIELDS,
    "customerPaymentJournals": payments.JOURNAL_FIELDS,
    "customerPayments": payments.PAYMENT_FIELDS,
    "items": (*prices.ITEM_FIELDS, "picture"),
    "locations": ("code",),
    "paymentTerms": ("code", "displayName"),
    "pdfDocument": ("pdfDocumentContent",),
}
ACTIONS = ("makeOrder",)
UPDATE = "update Business Central: this belongs to the standard API v2.0"
BRIDGE = "install our extension (docs/adapters-business-central.md), or set ERP_OPTIONS['price_source'] to another one"
PERMISSION = "give the app's user in Business Central permission sets that read it"


def needs(client: BcClient, tables: Iterable[Table], bridge: Bridge | None, deadline: Deadline) -> list[Need]:
    """Return each entity set, field and action used, and whether the bridge is there."""
    wanted: dict[str, set[str]] = {place: set(fields) for place, fields in FIELDS.items()}
    for table in tables:
        wanted.setdefault(table.place, set()).update(table.select, filter(None, [table.expand]))
    known = parsed(client.metadata(API, deadline))
    found = _compared(wanted, known.sets, known.of, UPDATE)
    names = {name.lower() for name in known.actions}
    found += [Need("method", f"salesQuotes.{name}", name.lower() in names, UPDATE) for name in ACTIONS]
    found += _rights(client, deadline)
    return [*found, *(_bridge(client, bridge, deadline) if bridge is not None else ())]


def _compared(wanted: Mapping[str, Iterable[str]], sets: Mapping[str, str], fields: object, cure: str) -> list[Need]:
    assert callable(fields)  # noqa: S101 (for the type checker)
    found: list[Need] = []
    for place in sorted(wanted):
        found.append(Need("model", place, place in sets, cure))
        if place in sets:
            there = fields(place)
            found += [Need("field", f"{place}.{name}", name in there, cure) for name in sorted(wanted[place])]
    return found


def _rights(client: BcClient, deadline: Deadline) -> list[Need]:
    """Return whether the app may read what the pulls read; the metadata says nothing of rights."""
    found = []
    for place in ("items", "customers", *(one.place for one in DOCUMENTS)):
        try:
            client.page(client.path(place, deadline), size=1, deadline=deadline)
            may = True
        except ErpMisconfigured:
            may = False
        found.append(Need("right", f"read {place}", may, PERMISSION))
    return found


def _bridge(client: BcClient, bridge: Bridge, deadline: Deadline) -> list[Need]:
    try:
        known = parsed(client.metadata(bridge.api, deadline))
    except (ErpMisconfigured, ErpRejected):
        return [Need("model", f"the bridge {bridge.api}", is_there=False, cure=BRIDGE)]
    found = _compared(b.FIELDS, known.sets, known.of, BRIDGE)
    return [*found, Need("method", "priceLines", _answers(client, bridge, deadline), BRIDGE)]


def _answers(client: BcClient, bridge: Bridge, deadline: Deadline) -> bool:
    """Say whether the bridge's codeunit is published: no line costs nothing."""
    rows, _ = client.page(client.path("customers", deadline), size=1, deadline=deadline)
    if not rows:
        return False
    try:
        bridge.price(str(rows[0]["id"]), str(rows[0]["currencyCode"]), [], deadline)
    except ErpRejected:
        return True  # it was there to say no
    except ErpError:
        return False
    return True
