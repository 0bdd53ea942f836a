"""Customers: sold-tos with their addresses, contacts, rep and own part numbers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.http import Deadline

Row = Mapping[str, Any]


class Customers:
    """Parties that goods or invoices are sent to (or those of the option `customer_domain`)."""

    tag = ""
    model = "party.party"
    most = 500

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of a customer."""
        return [
            "code",
            "name",
            "active",
            "tax_identifier.code",
            "sale_price_list",
            "customer_payment_term.name",
            "relations.type.name",
            "relations.to.name",
            *(
                f"addresses.{name}"
                for name in (
                    "party_name",
                    "street",
                    "postal_code",
                    "city",
                    "country.code",
                    "invoice",
                    "delivery",
                    "active",
                    "last_modified_at",
                )
            ),
            *(f"contact_mechanisms.{n}" for n in ("type", "value", "name", "last_modified_at")),
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which parties are customers."""
        wanted: list[Any] = [["active", "in", [True, False]]]
        if self._setup.options.customer_domain:
            return [*wanted, list(self._setup.options.customer_domain)]
        return [
            *wanted,
            ["OR", ["addresses.invoice", "=", True], ["addresses.delivery", "=", True]],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a changed address does not touch its party."""
        codes = self._client.rows(
            "sale.product_customer",
            [["last_modified_at", ">=", since]],
            ["party"],
            deadline=deadline,
            limit=5000,
        )
        return [
            "OR",
            ["last_modified_at", ">=", since],
            ["addresses.last_modified_at", ">=", since],
            ["contact_mechanisms.last_modified_at", ">=", since],
            ["relations.last_modified_at", ">=", since],
            ["id", "in", sorted({row["party"] for row in codes if row["party"]})],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.CustomerRecord]:
        """Read the own part numbers of a page."""
        setup = self._setup.get(deadline)
        numbers, changes = self._own_part_numbers([row["id"] for row in rows], deadline)

        def build(row: Row) -> r.CustomerRecord:
            parts = [*row["addresses."], *row["contact_mechanisms."]]
            return r.CustomerRecord(
                erp_id=str(row["id"]),
                version=to.moment(
                    row["last_modified_at"],
                    changes.get(row["id"]),
                    *(part["last_modified_at"] for part in parts),
                ),
                number=to.line(row["code"], 64),
                name=to.line(row["name"]),
                tax_number=to.line(to.at(row, "tax_identifier.code"), 40),
                price_list=str(row["sale_price_list"] or setup.default_price_list),
                payment_term=to.line(to.at(row, "customer_payment_term.name"), 120),
                currency=setup.currency_code,
                rep_name=_rep(row, self._setup.options.rep_relation),
                addresses=tuple(_address(one) for one in row["addresses."] if one["active"]),
                contacts=tuple(_contact(one) for one in row["contact_mechanisms."]),
                own_part_numbers=tuple(numbers[row["id"]]),
                is_active=bool(row["active"]),
            )

        return build

    def _own_part_numbers(
        self, parties: list[int], deadline: Deadline
    ) -> tuple[defaultdict[int, list[tuple[str, str]]], dict[int, dt.datetime]]:
        """Return (sku, own number) pairs by party, and when the latest was changed."""
        rows = self._client.rows(
            "sale.product_customer",
            [["party", "in", parties], ["code", "!=", None]],
            ["party", "code", "product.code", "template.code", "last_modified_at"],
            deadline=deadline,
        )
        numbers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        changes: dict[int, dt.datetime] = {}
        for row in rows:
            sku = to.at(row, "product.code") or to.at(row, "template.code")
            if sku:
                numbers[row["party"]].append((to.line(sku, 64), to.line(row["code"], 64)))
            changes[row["party"]] = to.moment(changes.get(row["party"]), row["last_modified_at"])
        return numbers, changes


def _rep(row: Row, relation: str) -> str:
    names = [
        to.line(to.at(one, "to.name"), 120)
        for one in row.get("relations.") or ()
        if to.at(one, "type.name") == relation
    ]
    return names[0] if names else ""


def _address(row: Row) -> r.AddressRecord:
    return r.AddressRecord(
        erp_id=str(row["id"]),
        name=to.line(row["party_name"]),
        street=to.line(row["street"], 300),
        postal_code=to.line(row["postal_code"], 20),
        city=to.line(row["city"], 120),
        country=to.line(to.at(row, "country.code"), 2),
        is_delivery=bool(row["delivery"]),
        is_invoice=bool(row["invoice"]),
    )


def _contact(row: Row) -> r.ContactRecord:
    return r.ContactRecord(
        kind=to.line(row["type"], 20),
        value=to.line(row["value"], 254),
        name=to.line(row["name"], 120),
    )
