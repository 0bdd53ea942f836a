"""What the adapter uses of Odoo, compared with Odoo's own metadata: models, fields, rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from erp_sync.adapters.odoo import deliveries, payments_write, prices, returns, sales
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.setup import Setup
from erp_sync.errors import ErpMisconfigured
from erp_sync.http import Deadline
from erp_sync.ports import Need

# Written, or read outside of the pulls.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "sale.order": (*sales.SALE_FIELDS, "pricelist_id", "team_id", "source_id", "partner_credit_warning"),
    "sale.order.line": sales.LINE_FIELDS,
    "product.product": ("active", "sale_ok", "lst_price", "uom_id", *prices.STOCK),
    "product.pricelist.item": ("min_quantity", "product_id", "product_tmpl_id", "base_pricelist_id"),
    "res.partner": ("credit", "credit_limit", "use_partner_credit_limit", "credit_to_invoice"),
    "stock.move": (*deliveries.MOVE_FIELDS, *returns.GONE_FIELDS, "to_refund"),
    "account.payment": payments_write.FIELDS,
    "account.move": ("amount_residual_signed", "invoice_date_due"),
}
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "sale.order": ("read", "create", "write"),
    "sale.order.line": ("read", "create", "write", "unlink"),
    "stock.picking": ("read", "create", "write"),
    "stock.move": ("read", "create"),
    "account.move": ("read",),
    "account.payment": ("read", "create", "write"),
    "account.partial.reconcile": ("read",),
    "product.product": ("read",),
    "product.pricelist": ("read",),
    "product.document": ("read",),
    "res.partner": ("read",),
    "stock.quant": ("read",),
}
GROUPS = {"account": "Accounting / Invoicing", "sale": "Sales / User: All Documents", "stock": "Sales / User"}
MODULES = {"sale": "sale_management", "stock": "sale_stock", "carrier": "stock_delivery", "is_delivery": "delivery"}


def needs(client: OdooClient, pulled: Mapping[str, Iterable[str]], setup: Setup, deadline: Deadline) -> list[Need]:
    """Return each model's fields and rights; `pulled` are the fields that the pulls read, by model."""
    wanted: dict[str, set[str]] = {}
    for model, fields in [*FIELDS.items(), *pulled.items()]:
        wanted.setdefault(model, set()).update(set(fields) - {"id"})
    found: list[Need] = []
    for model in sorted({*wanted, *RIGHTS}):
        known = _fields(client, model, deadline)
        found.append(Need("model", model, bool(known), _module(model)))
        if known:
            names = sorted(wanted.get(model, ()))
            found += [Need("field", f"{model}.{name}", name in known, _cure(model, name)) for name in names]
            found += _rights(client, model, setup, deadline)
    return found


def _fields(client: OdooClient, model: str, deadline: Deadline) -> Mapping[str, Any]:
    """Return the fields that this user sees of a model; none when there is no such model."""
    try:
        known = client.call(model, "fields_get", attributes=["type"], deadline=deadline)
    except ErpMisconfigured:
        return {}
    return known if isinstance(known, dict) else {}


def _rights(client: OdooClient, model: str, setup: Setup, deadline: Deadline) -> list[Need]:
    group = next((name for start, name in GROUPS.items() if model.startswith(start)), "Sales / User: All Documents")
    return [
        Need("right", f"{right} {model}", _may(client, model, right, setup, deadline), f"give the user {group}")
        for right in RIGHTS.get(model, ())
    ]


def _may(client: OdooClient, model: str, right: str, setup: Setup, deadline: Deadline) -> bool:
    if setup.series >= 18:
        return bool(client.call(model, "has_access", operation=right, deadline=deadline))
    return bool(client.call(model, "check_access_rights", operation=right, raise_exception=False, deadline=deadline))


def _module(name: str) -> str:
    module = next((module for start, module in MODULES.items() if name.startswith(start)), "")
    return f"install the module {module}" if module else "install the module, or give the user the right to read it"


def _cure(model: str, name: str) -> str:
    if model == "res.partner" and name.startswith(("credit", "use_partner_credit")):
        return "give the user Accounting / Invoicing"
    return _module(name)
