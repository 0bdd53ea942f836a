"""Customers of the files as records, and what they still may order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.files.setup import Options
from erp_sync.adapters.files.store import Store, Values
from erp_sync.errors import ErpRejected


def customer(
    values: Values, version: dt.datetime, places: Sequence[Values], numbers: Sequence[Values], currency: str
) -> r.CustomerRecord:
    """Return a customer with his places and his own numbers for items."""
    contacts = [r.ContactRecord(kind, values[kind]) for kind in ("email", "phone") if kind in values]
    return r.CustomerRecord(
        erp_id=values["account_id"],
        version=version,
        number=values.get("number", values["account_id"]),
        name=values["name"],
        tax_number=values.get("tax_number", ""),
        price_list=values.get("price_list", ""),
        payment_term=values.get("payment_term", ""),
        currency=values.get("currency", currency),
        rep_name=values.get("rep_name", ""),
        addresses=tuple(_address(one, values) for one in places),
        contacts=tuple(contacts),
        own_part_numbers=tuple((one["sku"], one["own_number"]) for one in numbers),
        is_active=values.get("is_active") != "0",
    )


def place_id(account_id: str, address_id: str) -> str:
    """Return the shop's key of a place: many ERPs count the places of each customer from 1."""
    return f"{account_id}/{address_id}"


def own_place(erp_id: str, account_id: str) -> str:
    """Return the ERP's own key of a customer's place."""
    return erp_id.removeprefix(place_id(account_id, ""))


def _address(values: Values, owner: Values) -> r.AddressRecord:
    return r.AddressRecord(
        erp_id=place_id(owner["account_id"], values["address_id"]),
        name=values.get("name", owner["name"]),
        street=values["street"],
        postal_code=values.get("postal_code", ""),
        city=values["city"],
        country=values.get("country", owner.get("country", "")),
        is_delivery=values.get("is_delivery") != "0",
        is_invoice=values.get("is_invoice") == "1",
    )


class Credit:
    """What customers owe, by the accounts' own columns: as old as the export."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    def position(self, customer_erp_id: str) -> r.CreditPosition:
        """Return limit and use.

        Raises:
            ErpRejected: there is no such customer.
        """
        found = self._store.rows("accounts", [customer_erp_id]).get(customer_erp_id)
        if not found:
            raise ErpRejected(f"There is no customer {customer_erp_id[:64]}.")
        values = found[0]
        used = Decimal(values.get("credit_used", "0"))
        return r.CreditPosition(
            currency=values.get("currency", self._options.currency),
            used=used,
            open_items=used,
            overdue=Decimal(values.get("credit_overdue", "0")),
            limit=Decimal(values["credit_limit"]) if "credit_limit" in values else None,
        )
