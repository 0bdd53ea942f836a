"""Customers: business partners with their addresses and people, and what they owe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import literal
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build, changed_since
from erp_sync.adapters.sap_b1.setup import Setup, SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

SHIP, BILL = "S", "B"
FIELDS = (
    "CardCode",
    "CardName",
    "FederalTaxID",
    "PriceListNum",
    "PayTermsGrpCode",
    "SalesPersonCode",
    "Currency",
    "Valid",
    "ValidFrom",
    "ValidTo",
    "Frozen",
    "FrozenFrom",
    "FrozenTo",
    "EmailAddress",
    "Phone1",
    "BPAddresses",
    "ContactEmployees",
    "CreateDate",
    "CreateTime",
    "UpdateDate",
    "UpdateTime",
)
CREDIT_FIELDS = (
    "CardCode",
    "CreditLimit",
    "MaxCommitment",
    "CurrentAccountBalance",
    "OpenDeliveryNotesBalance",
    "OpenOrdersBalance",
    "OpenChecksBalance",
)
OVERDUE_FIELDS = ("DocEntry", "DocTotal", "PaidToDate")


class Customers:
    """Partners that are customers; leads and suppliers are not."""

    entity = "BusinessPartners"
    key = "CardCode"
    is_text = True
    most = 100
    ids_from: tuple[str, ...] = ()

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a customer."""
        return list(FIELDS)

    def where(self) -> str:
        """Return which partners count."""
        return "CardType eq 'cCustomer'"

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup, made_on="CreateDate")

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return what changed otherwise: nothing, its addresses and people are part of a partner."""
        return set()

    def ids(self, row: Row) -> list[str]:
        """Return the id of a customer."""
        return [str(row["CardCode"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Return what makes a record."""
        setup = self._setup.get(deadline)
        return lambda row: [_customer(row, setup)]


def _customer(row: Row, setup: Setup) -> r.CustomerRecord:
    code = str(row["CardCode"])
    return r.CustomerRecord(
        erp_id=code,
        version=to.version(row, setup.zone),
        number=to.line(code, 64),
        name=to.line(row["CardName"]),
        tax_number=to.line(row.get("FederalTaxID"), 40),
        price_list=str(row["PriceListNum"]) if (row.get("PriceListNum") or 0) > 0 else "",
        payment_term=setup.terms.get(row.get("PayTermsGrpCode") or 0, ""),
        currency=setup.iso(row.get("Currency")),
        rep_name=setup.sellers.get(row.get("SalesPersonCode") or 0, ""),
        addresses=tuple(_address(code, one) for one in row.get("BPAddresses") or ()),
        contacts=tuple(_contacts(row)),
        is_active=to.is_active(row, setup.today()),
    )


def _address(code: str, one: Row) -> r.AddressRecord:
    is_delivery = one["AddressType"] == "bo_ShipTo"
    street = " ".join(filter(None, [to.line(one.get("Street")), to.line(one.get("StreetNo"), 40)]))
    return r.AddressRecord(
        erp_id=to.address_id(code, SHIP if is_delivery else BILL, str(one["AddressName"])),
        name=to.line(one["AddressName"]),
        street=street,
        postal_code=to.line(one.get("ZipCode"), 20),
        city=to.line(one.get("City"), 100),
        country=to.line(one.get("Country"), 2),
        is_delivery=is_delivery,
        is_invoice=not is_delivery,
    )


def _contacts(row: Row) -> Iterator[r.ContactRecord]:
    if row.get("EmailAddress"):
        yield r.ContactRecord("email", to.line(row["EmailAddress"], 254))
    if row.get("Phone1"):
        yield r.ContactRecord("phone", to.line(row["Phone1"], 40))
    for one in row.get("ContactEmployees") or ():
        if one.get("E_Mail") and to.flag(one.get("Active")):
            yield r.ContactRecord("email", to.line(one["E_Mail"], 254), to.line(one.get("Name"), 120))


def ship_to(erp_id: str, customer: str) -> str:
    """Return the name of an address as documents name it, "" for the customer's usual one.

    Raises:
        ErpRejected: it is not one to deliver to, or another customer's.
    """
    if not erp_id:
        return ""
    start = to.address_id(customer, SHIP, "")
    if not erp_id.startswith(start) or erp_id == start:
        raise ErpRejected(f"Address {erp_id} is not one of this customer.")
    return erp_id.removeprefix(start)


class Credit:
    """What a customer owes, in the local currency."""

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def of(self, code: str, deadline: Deadline) -> r.CreditPosition:
        """Return the tighter of the two limits of the ERP; a limit of 0 is none.

        The credit limit counts what is owed and delivered, the commitment limit open orders and cheques too.

        Raises:
            ErpRejected: there is no such customer.
        """
        rows = self._client.by_keys("BusinessPartners", "CardCode", [code], select=CREDIT_FIELDS, deadline=deadline)
        if not rows:
            raise ErpRejected(f"There is no customer {code}.")
        row = {name: to.amount(rows[0][name]) for name in CREDIT_FIELDS[1:]}
        owed = row["CurrentAccountBalance"] + row["OpenDeliveryNotesBalance"]
        committed = owed + row["OpenOrdersBalance"] + row["OpenChecksBalance"]
        limits = [(row["CreditLimit"], owed), (row["MaxCommitment"], committed)]
        limit, used = min(
            ((limit, used) for limit, used in limits if limit > 0),
            key=lambda one: one[0] - one[1],
            default=(None, committed),
        )
        return r.CreditPosition(
            currency=self._setup.get(deadline).currency,
            used=used,
            open_items=row["CurrentAccountBalance"],
            overdue=self._overdue(code, deadline),
            limit=limit,
        )

    def _overdue(self, code: str, deadline: Deadline) -> Decimal:
        today = literal(self._setup.get(deadline).today().isoformat())
        where = f"CardCode eq {literal(code)} and DocumentStatus eq 'bost_Open' and DocDueDate lt {today}"
        rows = self._client.rows("Invoices", "DocEntry", select=OVERDUE_FIELDS, where=where, deadline=deadline)
        return sum((to.amount(row["DocTotal"]) - to.amount(row["PaidToDate"]) for row in rows), Decimal(0))
