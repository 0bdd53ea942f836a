"""Customers: the partners that stand on their own, with their people and places beneath them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

MOST_CHANGED = 5000
PLACE_FIELDS = (
    "name",
    "type",
    "street",
    "street2",
    "zip",
    "city",
    "country_code",
    "email",
    "phone",
    "active",
    "write_date",
    "commercial_partner_id",
)
Row = Mapping[str, Any]


class Customers:
    """Partners without a parent that are customers."""

    tag = ""
    model = "res.partner"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a customer."""
        return [
            *PLACE_FIELDS,
            "ref",
            "vat",
            "user_id",
            "property_product_pricelist",
            "property_payment_term_id",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which partners are customers."""
        company = self._setup.get(deadline).company
        own = list(self._setup.options.customer_domain) or [["customer_rank", ">", 0]]
        return [ARCHIVED_TOO, ["parent_id", "=", False], ["company_id", "in", [company, False]], *own]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a changed address does not touch its company."""
        domain = [ARCHIVED_TOO, ["parent_id", "!=", False], ["write_date", ">=", to.stamp(since)]]
        rows = self._client.rows(self.model, domain, ["commercial_partner_id"], deadline=deadline, limit=MOST_CHANGED)
        companies = sorted({to.ref(row["commercial_partner_id"]) for row in rows})
        return ["|", ["write_date", ">=", to.stamp(since)], ["id", "in", companies]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.CustomerRecord]:
        """Read the people and places of a page."""
        setup = self._setup.get(deadline)
        domain = [["commercial_partner_id", "in", [row["id"] for row in rows]], ["parent_id", "!=", False]]
        children: dict[int, list[Row]] = defaultdict(list)
        for one in self._client.rows(self.model, domain, PLACE_FIELDS, deadline=deadline):
            children[to.ref(one["commercial_partner_id"])].append(one)
        return lambda row: _customer(row, children[row["id"]], setup)


def _customer(row: Row, children: Sequence[Row], setup: Setup) -> r.CustomerRecord:
    price_list = to.ref_text(to.ref(row["property_product_pricelist"]))
    places = [one for one in children if one["type"] != "contact"]
    bills = any(one["type"] == "invoice" for one in places)
    return r.CustomerRecord(
        erp_id=str(row["id"]),
        version=to.latest(row["write_date"], *(one["write_date"] for one in children)),
        number=to.line(row["ref"], 64) or str(row["id"]),
        name=to.line(row["name"]),
        tax_number=to.line(row["vat"], 40),
        price_list=price_list,
        payment_term=to.line(to.called(row["property_payment_term_id"]), 120),
        currency=setup.price_lists.get(price_list, ("", setup.currency_code))[1],
        rep_name=to.line(to.called(row["user_id"]), 120),
        addresses=(_address(row, is_delivery=True, is_invoice=not bills), *(_place(one) for one in places)),
        contacts=tuple(contact for one in (row, *children) for contact in _contacts(one, is_self=one is row)),
        is_active=bool(row["active"]),
    )


def _place(row: Row) -> r.AddressRecord:
    is_invoice = row["type"] == "invoice"
    return _address(row, is_delivery=not is_invoice, is_invoice=is_invoice)


def _address(row: Row, *, is_delivery: bool, is_invoice: bool) -> r.AddressRecord:
    return r.AddressRecord(
        erp_id=str(row["id"]),
        name=to.line(row["name"]),
        street=to.line(" ".join(filter(None, [row["street"] or "", row["street2"] or ""])), 300),
        postal_code=to.line(row["zip"], 20),
        city=to.line(row["city"], 120),
        country=to.line(row["country_code"], 2),
        is_delivery=is_delivery,
        is_invoice=is_invoice,
    )


def _contacts(row: Row, *, is_self: bool) -> list[r.ContactRecord]:
    name = "" if is_self else to.line(row["name"], 120)
    return [
        r.ContactRecord(kind=kind, value=to.line(row[kind], 254), name=name) for kind in ("email", "phone") if row[kind]
    ]


def one_line(row: Row) -> str:
    """Return an address as a buyer reads it on an order."""
    town = " ".join(filter(None, [to.line(row["zip"], 20), to.line(row["city"], 120)]))
    parts = [to.line(row["name"]), to.line(row["street"]), to.line(row["street2"]), town]
    return ", ".join(part for part in parts if part)[:500]
