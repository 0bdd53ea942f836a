"""What the adapter uses of Tryton, compared with Tryton's own metadata: models, fields, rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from erp_sync.adapters.tryton import prices
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.http import Deadline
from erp_sync.ports import Need

# Written, or read outside of the pulls.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "sale.sale": ("web_shop", "web_id", "marketing_medium", "shipment_address", "shipping_date", "comment", "carrier"),
    "sale.line": ("product", "quantity", "unit", "unit_price", "description"),
    "product.product": (*prices.ITEM_FIELDS, *prices.STOCK_FIELDS),
    "party.party": ("credit_limit_amount", "credit_amount", "receivable", "receivable_today"),
    "account.payment": ("journal", "kind", "party", "amount", "line", "reference", "state"),
    "sale.complaint": ("customer", "origin", "type", "description"),
}
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "sale.sale": ("read", "create", "write"),
    "sale.line": ("read", "create", "write"),
    "sale.complaint": ("read", "create"),
    "account.payment": ("read", "create", "write"),
    "account.invoice": ("read",),
    "stock.shipment.out": ("read",),
    "product.price_list": ("read",),
    "web.shop": ("read",),
}
MODULES = {
    "web": "web_shop",
    "sale.complaint": "sale_complaint",
    "account.payment": "account_payment",
    "marketing": "marketing",
    "web_id": "sale_web",
    "credit_limit_amount": "account_credit_limit",
}


def needs(client: TrytonClient, pulled: Mapping[str, Iterable[str]], deadline: Deadline) -> list[Need]:
    """Return each model's fields and rights; `pulled` are the (dotted) fields that the pulls read, by model."""
    wanted: dict[str, set[str]] = {}
    for model, fields in [*FIELDS.items(), *pulled.items()]:
        wanted.setdefault(model, set()).update(name.split(".")[0].split(":")[0] for name in fields)
    models = sorted({*wanted, *RIGHTS})
    rows = client.rows("ir.model", [["name", "in", models]], ["name"], deadline=deadline)
    there = {str(row["name"]) for row in rows}
    found = [Need("model", model, model in there, _module(model)) for model in models]
    for model in sorted(there & set(wanted)):
        found += _fields(client, model, wanted[model], deadline)
    return found + _rights(client, sorted(there & set(RIGHTS)), deadline)


def _fields(client: TrytonClient, model: str, names: Iterable[str], deadline: Deadline) -> list[Need]:
    known: dict[str, Any] = client.call(f"model.{model}.fields_get", [], deadline=deadline)
    return [Need("field", f"{model}.{name}", name in known, _module(name)) for name in sorted(set(names) - {"id"})]


def _rights(client: TrytonClient, models: list[str], deadline: Deadline) -> list[Need]:
    access: dict[str, dict[str, Any]] = client.call("model.ir.model.access.get_access", models, deadline=deadline)
    return [
        Need("right", f"{right} {model}", bool(access[model][right]), "put the shop's user into the group that may")
        for model in models
        for right in RIGHTS[model]
    ]


def _module(name: str) -> str:
    module = next((module for start, module in MODULES.items() if name.startswith(start)), "")
    return f"activate the module {module}" if module else "update the database: trytond-admin --update"
