"""Customers, with the addresses, contacts and sales person that ERPNext keeps beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient, among, in_requests
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import Options, Setup, SetupSource
from erp_sync.http import Deadline

CUSTOMER_FIELDS = (
    "name",
    "customer_name",
    "customer_group",
    "territory",
    "tax_id",
    "default_price_list",
    "default_currency",
    "payment_terms",
    "disabled",
    "modified",
)
ADDRESS_FIELDS = (
    "name",
    "address_title",
    "address_type",
    "address_line1",
    "address_line2",
    "city",
    "pincode",
    "country",
    "is_primary_address",
    "is_shipping_address",
    "disabled",
    "modified",
)
CONTACT_FIELDS = ("name", "first_name", "last_name", "email_id", "phone", "mobile_no", "modified")
LINK = "`tabDynamic Link`.link_name"
NO_DELIVERY = frozenset({"Billing"})


@dataclass(frozen=True, slots=True)
class Files:
    """What a page of customers needs besides the customers, by their names."""

    addresses: Mapping[str, list[Row]]
    contacts: Mapping[str, list[Row]]
    sales_people: Mapping[str, list[Row]]


class Customers:
    """Customers, the disabled ones too."""

    doctype = "Customer"
    fields: tuple[str, ...] = CUSTOMER_FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return that all count."""
        return []

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the addresses, contacts and sales people of a page."""
        setup, options = self._setup.get(deadline), self._setup.options
        names = own_names(rows)
        people = self._client.rows_of("Customer", "Sales Team", names, ["parent", "idx", "sales_person"], deadline)
        files = Files(
            addresses=self._linked("Address", ADDRESS_FIELDS, names, deadline),
            contacts=self._linked("Contact", CONTACT_FIELDS, names, deadline),
            sales_people=to.grouped(people),
        )

        def build(row: Row) -> Built:
            yield _customer(row, files, setup, options, when)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the names."""
        return own_names(rows)

    def _linked(
        self, doctype: str, fields: Sequence[str], names: Sequence[str], deadline: Deadline
    ) -> dict[str, list[Row]]:
        """Return the addresses or contacts of customers; one may belong to several."""
        found: list[dict[str, Any]] = []
        for some in in_requests(names):
            field, how, value = among("link_name", some)
            filters = [["Dynamic Link", "link_doctype", "=", "Customer"], ["Dynamic Link", field, how, value]]
            found += self._client.rows(doctype, [*fields, LINK], filters, deadline=deadline)
        return to.grouped(sorted(found, key=lambda one: str(one["name"])), "link_name")


class Linked:
    """Addresses or contacts, which do not touch their customers: they tell of which customers something changed."""

    fields: tuple[str, ...] = ("name", "modified")
    most = 100
    is_whole = False

    def __init__(self, doctype: str, customers: Customers, client: ErpNextClient) -> None:
        self.doctype = doctype
        self._customers = customers
        self._client = client

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return that all count; whose they are is told by their links."""
        return []

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the customers of a page, as they are."""
        fields = ["parent", "idx", "link_doctype", "link_name"]
        links = self._client.rows_of(self.doctype, "Dynamic Link", own_names(rows), fields, deadline)
        of_customers = to.grouped(one for one in links if one["link_doctype"] == "Customer")
        names = [str(one["link_name"]) for some in of_customers.values() for one in some]
        customers = self._client.rows_named("Customer", "name", names, self._customers.fields, deadline)
        build = self._customers.builder(customers, when, deadline)
        found = {str(one["name"]): one for one in customers}

        def built(row: Row) -> Built:
            for link in of_customers.get(str(row["name"]), []):
                if str(link["link_name"]) in found:
                    yield from build(found[str(link["link_name"])])

        return built

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return none."""
        return ()


def one_line(address: str) -> str:
    """Return an address, which ERPNext writes as HTML, on one line."""
    return ", ".join(part for part in (to.line(one) for one in to.plain(address).splitlines()) if part)


def _customer(row: Row, files: Files, setup: Setup, options: Options, when: When) -> r.CustomerRecord:
    name = str(row["name"])
    addresses = [one for one in files.addresses.get(name, []) if not to.is_on(one["disabled"])]
    contacts = files.contacts.get(name, [])
    group_list = setup.group_lists.get(str(row["customer_group"]), "")
    people = files.sales_people.get(name, [])
    return r.CustomerRecord(
        erp_id=name,
        version=_latest(when, [row, *addresses, *contacts]),
        number=to.line(name, 140),
        name=to.line(row["customer_name"] or name),
        tax_number=to.line(row["tax_id"], 60),
        price_list=str(row["default_price_list"] or "") or group_list or options.price_list,
        payment_term=to.line(row["payment_terms"], 120),
        currency=to.line(row["default_currency"], 3) or setup.currency,
        rep_name=to.line(people[0]["sales_person"], 120) if people else "",
        addresses=tuple(_address(one, setup.countries) for one in addresses),
        contacts=tuple(contact for one in contacts for contact in _contacts(one)),
        is_active=not to.is_on(row["disabled"]),
    )


def _latest(when: When, rows: Sequence[Row]) -> dt.datetime:
    return max(when(one["modified"]) for one in rows)


def _address(row: Row, countries: Mapping[str, str]) -> r.AddressRecord:
    kind = str(row["address_type"] or "")
    return r.AddressRecord(
        erp_id=str(row["name"]),
        name=to.line(row["address_title"] or row["name"]),
        street=to.line(", ".join(filter(None, [row["address_line1"], row["address_line2"]]))),
        postal_code=to.line(row["pincode"], 20),
        city=to.line(row["city"], 120),
        country=countries.get(str(row["country"]), ""),
        is_delivery=kind not in NO_DELIVERY or to.is_on(row["is_shipping_address"]),
        is_invoice=kind == "Billing" or to.is_on(row["is_primary_address"]),
    )


def _contacts(row: Row) -> Iterable[r.ContactRecord]:
    name = to.line(" ".join(filter(None, [row["first_name"], row["last_name"]])))
    for kind, field in (("email", "email_id"), ("phone", "phone"), ("phone", "mobile_no")):
        if row[field]:
            yield r.ContactRecord(kind, to.line(row[field]), name)
