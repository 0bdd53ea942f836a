"""Customers with their addresses, and what they may still order on account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.adapters.business_central.faults import Missing
from erp_sync.adapters.business_central.pulls import Builder, Table, erp_ids
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

CUSTOMER_FIELDS = (
    "id", "number", "displayName", "addressLine1", "addressLine2", "city", "postalCode", "country", "phoneNumber",
    "email", "salespersonCode", "taxRegistrationNumber", "currencyCode", "paymentTermsId", "blocked",
    "lastModifiedDateTime",
)  # fmt: skip
CREDIT_FIELDS = ("id", "creditLimit")
FINANCIAL_FIELDS = ("balance", "overdueAmount")
# Who is blocked for shipping or altogether cannot order; for "Invoice" he still can.
SHUT = {"Ship", "All"}
Row = Mapping[str, Any]


class Customers:
    """Sold-tos; ship-to addresses come from the bridge, else there is his own address only."""

    table = Table("customers", CUSTOMER_FIELDS, most=500)

    def __init__(self, client: BcClient, setup: SetupSource, bridge: Bridge | None) -> None:
        self._client = client
        self._setup = setup
        self._bridge = bridge

    def keys(self, rows: Sequence[Row], _deadline: Deadline) -> list[str]:
        """Return the ids."""
        return erp_ids(rows)

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Builder:
        """Read the addresses of a page and return what makes a record."""
        places: defaultdict[str, list[r.AddressRecord]] = defaultdict(list)
        if self._bridge is not None:
            for one in self._bridge.places([to.ref(row["id"]) for row in rows], deadline):
                places[to.ref(one["customerId"])].append(_place(one))
        terms = self._terms(deadline)
        local = self._setup.get(deadline).currency
        return lambda row: _customer(row, places.get(to.ref(row["id"]), []), terms, local)

    def _terms(self, deadline: Deadline) -> dict[str, str]:
        rows = self._client.rows("paymentTerms", Query(select=["id", "displayName", "code"]), deadline)
        return {to.ref(one["id"]): to.line(one["displayName"]) or to.line(one["code"]) for one in rows}


def limit_of(client: BcClient, customer: str, deadline: Deadline) -> Decimal | None:
    """Return the credit limit of a customer; None = no limit, which is 0 there."""
    return to.amount(client.row("customers", customer, deadline, Query(CREDIT_FIELDS))["creditLimit"]) or None


def credit(client: BcClient, setup: SetupSource, customer: str, deadline: Deadline) -> r.CreditPosition:
    """Return limit, balance and what is ordered and not billed, in the local currency.

    Raises:
        ErpRejected: there is no such customer.
    """
    query = Query(CREDIT_FIELDS, expand=f"customerFinancialDetails($select={odata.selected(FINANCIAL_FIELDS)})")
    try:
        row = client.row("customers", customer, deadline, query)
    except Missing as error:
        raise ErpRejected(f"There is no customer {customer}.") from error
    details = row["customerFinancialDetails"] or {}
    orders = client.rows(
        "salesOrders",
        Query(("id", "currencyCode"), f"customerId eq {odata.guid(customer)}", s.ORDER.part),
        deadline,
    )
    local = setup.get(deadline).currency
    owed, limit = to.amount(details.get("balance")), to.amount(row["creditLimit"])
    # An order in another currency has no value here without the ERP's rate: it is left out.
    waiting = sum((_unbilled(one) for one in orders if to.line(one["currencyCode"], 10) == local), Decimal(0))
    return r.CreditPosition(
        currency=local,
        used=owed + waiting,
        open_items=owed,
        overdue=max(Decimal(0), to.amount(details.get("overdueAmount"))),
        limit=limit or None,  # 0 is "no limit" there
    )


def _unbilled(order: Row) -> Decimal:
    total = Decimal(0)
    for one in s.lines_of(order, s.ORDER):
        many = to.number(one["quantity"])
        if many:
            total += to.number(one["netAmountIncludingTax"]) * (many - to.number(one["invoicedQuantity"])) / many
    return to.amount(total.quantize(to.CENT))


def _customer(row: Row, places: Sequence[r.AddressRecord], terms: Mapping[str, str], local: str) -> r.CustomerRecord:
    own = r.AddressRecord(
        erp_id=to.ref(row["id"]),
        name=to.line(row["displayName"], 100),
        street=_street(row),
        postal_code=to.line(row["postalCode"], 20),
        city=to.line(row["city"], 30),
        country=to.line(row["country"], 10),
        is_delivery=True,
        is_invoice=True,
    )
    ways = (("email", row["email"]), ("phone", row["phoneNumber"]))
    return r.CustomerRecord(
        erp_id=to.ref(row["id"]),
        version=to.instant(row["lastModifiedDateTime"]),
        number=to.line(row["number"], 20),
        name=to.line(row["displayName"], 100),
        tax_number=to.line(row["taxRegistrationNumber"], 50),
        payment_term=terms.get(to.ref(row["paymentTermsId"]), ""),
        currency=to.line(row["currencyCode"], 10) or local,
        rep_name=to.line(row["salespersonCode"], 20),
        addresses=(own, *places),
        contacts=tuple(r.ContactRecord(kind, to.line(value)) for kind, value in ways if to.line(value)),
        is_active=to.word(row["blocked"]) not in SHUT,
    )


def _place(row: Row) -> r.AddressRecord:
    return r.AddressRecord(
        erp_id=to.ref(row["id"]),
        name=to.line(row["name"], 100),
        street=_street(row),
        postal_code=to.line(row["postalCode"], 20),
        city=to.line(row["city"], 30),
        country=to.line(row["country"], 10),
    )


def _street(row: Row) -> str:
    return ", ".join(filter(None, [to.line(row["addressLine1"], 100), to.line(row["addressLine2"], 50)]))
