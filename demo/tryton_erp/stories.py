# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents worth trying, found in the seeded data and named in seed.json for texts and tests."""

from typing import Any

from demo.tryton_erp.context import Seed


def stories(seed: Seed) -> None:
    """Note the documents of the first customers that show something."""
    customers = [customer["id"] for customer in seed.ids["customers"][:3]]
    found = {}
    for customer_id, customer in zip(customers, seed.ids["customers"], strict=False):
        found[customer["code"]] = {
            "phoned_order": _order(
                seed, customer_id, ("marketing_medium.name", "=", "phone"), ("number", "like", "H%")
            ),
            "web_order": _order(seed, customer_id, ("marketing_medium.name", "=", "web")),
            "assisted_order": _order(seed, customer_id, ("marketing_medium.name", "=", "rep"), ("web_id", "!=", None)),
            "waiting_order": _order(seed, customer_id, ("shipment_state", "=", "waiting")),
            "partly_shipped_order": _order(seed, customer_id, ("shipment_state", "=", "partially shipped")),
            "open_quotation": _order(seed, customer_id, ("state", "=", "quotation")),
            "open_invoice": _open_invoice(seed, customer_id),
        }
    seed.ids["stories"] = found


def _order(seed: Seed, customer: int, *domain: Any) -> dict[str, Any] | None:
    orders = seed.get("sale.sale").search(
        [("party", "=", customer), *domain], order=[("sale_date", "ASC"), ("id", "ASC")]
    )
    if not orders:
        return None
    # of the older ones, one that has gone through everything
    order = orders[len(orders) // 3]
    return {
        "id": order.id,
        "number": order.number,
        "reference": order.reference,
        "total": str(order.total_amount),
        "invoices": [invoice.number for invoice in order.invoices if invoice.number],
    }


def _open_invoice(seed: Seed, customer: int) -> str | None:
    invoices = seed.get("account.invoice").search(
        [("party", "=", customer), ("state", "=", "posted"), ("type", "=", "out")],
        order=[("invoice_date", "ASC")],
        limit=1,
    )
    return invoices[0].number if invoices else None
