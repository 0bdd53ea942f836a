"""Fills an Odoo with the wholesaler. Runs inside Odoo (`odoo shell`), where `env` is its environment.

The language, the taxes and the chart of accounts are there already; see server.py.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

from tests.odoo import wholesaler as w

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
GROUPS = (
    "product.group_product_pricelist",
    "uom.group_uom",
    "stock.group_stock_multi_locations",
    "stock.group_stock_multi_warehouses",
)
RIGHTS = ("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice")
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Seed:
    """The steps, in order; each leaves what the next one needs."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
        self.products: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.customers: dict[str, Any] = {}

    def run(self, told: Path) -> None:
        """Do everything, commit, and write down how to log in."""
        self.settings()
        self.warehouses()
        self.catalogue()
        self.price_lists()
        self.buyers()
        self.stock()
        for past in w.HISTORY:
            self.order(past)
        keys = {login: self.api_user(login, rights) for login, rights in USERS.items()}
        self.env.cr.commit()
        told.write_text(json.dumps(keys), encoding="utf-8")

    def settings(self) -> None:
        """Switch on price lists, units, several warehouses and the credit limit."""
        everybody = self.env.ref("base.group_user")
        everybody.implied_ids = [(4, self.env.ref(name).id) for name in GROUPS]
        self.env.company.account_use_credit_limit = True
        self.team = self.env["crm.team"].create({"name": w.TEAM})
        self.mediums = {one.name: one for one in self.env["utm.medium"].search([])}
        for name in {*w.MEDIUMS, "Phone", "Email"} - set(self.mediums):
            self.mediums[name] = self.env["utm.medium"].create({"name": name})
        self.env["utm.source"].create({"name": w.TEAM})

    def warehouses(self) -> None:
        """Name the first warehouse and make the second."""
        first = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        (code, name), (second_code, second_name) = w.WAREHOUSES.items()
        first.write({"name": name, "code": code})
        second = self.env["stock.warehouse"].create({"name": second_name, "code": second_code})
        self.places = {code: first, second_code: second}

    # -- catalogue -------------------------------------------------------------

    def catalogue(self) -> None:
        """Make categories, boxes, attributes and items, in two languages."""
        categories = {en: self._both("product.category", {"name": en}, {"name": es}) for en, es in w.CATEGORIES.items()}
        self.categories = categories
        unit = self.env.ref("uom.product_uom_unit")
        sizes = sorted({one.pack for one in w.ITEMS if one.pack})
        boxes = {
            size: self._both(
                "uom.uom",
                {"name": f"Box of {size}", "relative_factor": size, "relative_uom_id": unit.id},
                {"name": f"Caja de {size}"},
            )
            for size in sizes
        }
        attributes = {name: self.env["product.attribute"].create({"name": name}) for name in ("Brand", "Material")}
        attributes["Material"].with_context(lang="es_ES").name = "Material"
        attributes["Brand"].with_context(lang="es_ES").name = "Marca"
        for number, item in enumerate(w.ITEMS, 1):
            values = {
                "default_code": item.sku,
                "name": item.en,
                "description_sale": f"{item.en}. {item.brand}.",
                "categ_id": categories[item.category].id,
                "list_price": float(item.price),
                "standard_price": round(float(item.price) * 0.6, 4),
                "uom_ids": [(6, 0, [boxes[item.pack].id])] if item.pack else [],
                "type": "consu",
                "is_storable": True,
                "taxes_id": [(6, 0, self._tax(item.tax).ids)],
                "barcode": f"84100000{number:05}",
                "invoice_policy": "delivery",
                "attribute_line_ids": self._attributes(item, attributes),
            }
            texts = {"name": item.es, "description_sale": f"{item.es}. {item.brand}."}
            template = self._both("product.template", values, texts)
            self.products[item.sku] = template.product_variant_id
        self.products["AMO-0115-DM"].image_1920 = PIXEL
        self.env["product.document"].create(
            {
                "name": "AMO-0115-DM.pdf",
                "res_model": "product.template",
                "res_id": self.products["AMO-0115-DM"].product_tmpl_id.id,
                "datas": base64.b64encode(PAPER),
            }
        )
        self.products[w.OUT_OF_RANGE].product_tmpl_id.sale_ok = False

    def _tax(self, percent: int) -> Any:
        if percent == 21:
            return self.env.company.account_sale_tax_id
        domain = [("type_tax_use", "=", "sale"), ("amount", "=", percent), ("amount_type", "=", "percent")]
        return self.env["account.tax"].search(domain, limit=1)

    def _attributes(self, item: w.Item, attributes: dict[str, Any]) -> list[Any]:
        lines = []
        for name, value in (("Brand", item.brand), ("Material", item.material)):
            if value:
                domain = [("attribute_id", "=", attributes[name].id), ("name", "=", value)]
                model = self.env["product.attribute.value"]
                found = model.search(domain) or model.create({"attribute_id": attributes[name].id, "name": value})
                lines.append((0, 0, {"attribute_id": attributes[name].id, "value_ids": [(6, 0, found.ids)]}))
        return lines

    def _both(self, model: str, values: dict[str, Any], spanish: dict[str, Any]) -> Any:
        made = self.env[model].create(values)
        made.with_context(lang="es_ES").write(spanish)
        return made

    def price_lists(self) -> None:
        """Make the three agreements."""
        for name, rules in w.PRICE_LISTS.items():
            lines = [(0, 0, self._rule(rule)) for rule in rules]
            self.lists[name] = self.env["product.pricelist"].create({"name": name, "item_ids": lines})

    def _rule(self, rule: w.Rule) -> dict[str, Any]:
        common = {"min_quantity": rule.quantity, "compute_price": "percentage", "percent_price": rule.percent}
        if rule.sku:
            template = self.products[rule.sku].product_tmpl_id
            fixed = round(template.list_price * (100 - rule.percent) / 100, 4)
            return {
                "applied_on": "1_product",
                "product_tmpl_id": template.id,
                "compute_price": "fixed",
                "fixed_price": fixed,
            }
        if rule.category:
            return {**common, "applied_on": "2_product_category", "categ_id": self.categories[rule.category].id}
        return {**common, "applied_on": "3_global"}

    # -- customers and stock ---------------------------------------------------

    def buyers(self) -> None:
        """Make the customers with their people, places, terms and limits."""
        spain = self.env.ref("base.es")
        terms = {days: self._term(days) for days in {one.term_days for one in w.CUSTOMERS}}
        for one in w.CUSTOMERS:
            partner = self.env["res.partner"].create(
                {
                    "name": one.name,
                    "ref": one.code,
                    "is_company": True,
                    "customer_rank": 1,
                    "street": one.street,
                    "zip": one.postal_code,
                    "city": one.city,
                    "country_id": spain.id,
                    "phone": "+34 960 000 000",
                    "email": f"{one.code.lower()}@example.com",
                    "property_payment_term_id": terms[one.term_days].id,
                    "property_product_pricelist": self.lists[one.price_list].id,
                    "use_partner_credit_limit": True,
                    "credit_limit": one.limit,
                }
            )
            person = {"type": "contact", "name": one.person, "email": f"buyer.{one.code.lower()}@example.com"}
            places = [
                {"type": "delivery", "name": name, "street": street, "zip": code, "city": city, "country_id": spain.id}
                for name, street, code, city in one.sites
            ]
            for child in (person, *places):
                self.env["res.partner"].create({**child, "parent_id": partner.id})
            self.customers[one.code] = partner

    def _term(self, days: int) -> Any:
        line = {"value": "percent", "value_amount": 100, "nb_days": days}
        values: dict[str, Any] = {"name": f"{days} days" if days else "On receipt", "line_ids": [(0, 0, line)]}
        if days == 60:
            values |= {"early_discount": True, "discount_percentage": 2, "discount_days": 10}
        return self.env["account.payment.term"].create(values)

    def stock(self) -> None:
        """Put goods into both warehouses, and some on their way in."""
        quants = self.env["stock.quant"].with_context(inventory_mode=True)
        for item in w.ITEMS:
            many = 100 if item.pack else 1
            for code, quantity in (("VLC", item.valencia), ("BIO", item.bilbao)):
                if quantity:
                    values = {
                        "product_id": self.products[item.sku].id,
                        "location_id": self.places[code].lot_stock_id.id,
                        "inventory_quantity": quantity * many,
                    }
                    quants.create(values).action_apply_inventory()
        for sku, (days, quantity) in w.EXPECTED.items():
            self._receipt(self.products[sku], self.now + dt.timedelta(days=days), quantity)

    def _receipt(self, product: Any, day: dt.datetime, quantity: int) -> None:
        kind = self.places["VLC"].in_type_id
        supplier = self.env.ref("stock.stock_location_suppliers")
        ends = {"location_id": supplier.id, "location_dest_id": kind.default_location_dest_id.id}
        move = {"product_id": product.id, "product_uom_qty": quantity, **ends}
        picking = {"picking_type_id": kind.id, "scheduled_date": day, "move_ids": [(0, 0, move)], **ends}
        self.env["stock.picking"].create(picking).action_confirm()

    # -- history ---------------------------------------------------------------

    def order(self, past: w.Past) -> None:
        """Make an order and lead it as far as it came."""
        customer = self.customers[past.customer]
        habit = next(one.medium for one in w.CUSTOMERS if one.code == past.customer)
        day = self.now - dt.timedelta(days=past.days_ago)
        lines = [(0, 0, {"product_id": self.products[sku].id, "product_uom_qty": n}) for sku, n in past.lines]
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "medium_id": self.mediums[habit].id,
                "client_order_ref": f"PO-{past.customer[-2:]}{past.days_ago:03}",
                "order_line": lines,
            }
        )
        if past.until == "quotation":
            order.write({"state": "sent", "validity_date": (self.now + dt.timedelta(days=20)).date()})
            return
        order.action_confirm()
        order.date_order = day
        if past.until == "cancelled":
            order.with_context(disable_cancel_warning=True).action_cancel()
        if past.until in {"ordered", "cancelled"}:
            return
        self._deliver(order, half=past.until == "half")
        if past.until in {"billed", "paid", "credited"}:
            self._bill(order, past, day)

    def _deliver(self, order: Any, *, half: bool) -> None:
        picking = order.picking_ids
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty // 2 if half else move.product_uom_qty
            move.picked = True
        picking.write({"carrier_tracking_ref": f"TRK{order.id:06}"})
        picking.with_context(skip_backorder=True, skip_sms=True, picking_ids_not_to_backorder=[]).button_validate()

    def _bill(self, order: Any, past: w.Past, day: dt.datetime) -> None:
        invoice = order._create_invoices()  # noqa: SLF001 (Odoo's button)
        invoice.invoice_date = day.date()
        invoice.action_post()
        if past.until == "paid":
            self._pay(invoice, invoice.amount_residual)
        elif past.until == "credited":
            self._credit(invoice)

    def _pay(self, invoice: Any, amount: float) -> None:
        about = {"active_model": "account.move", "active_ids": invoice.ids}
        wizard = self.env["account.payment.register"].with_context(**about).create({"amount": amount})
        wizard.action_create_payments()

    def _credit(self, invoice: Any) -> None:
        about = {"active_model": "account.move", "active_ids": invoice.ids}
        values = {"reason": "damaged", "journal_id": invoice.journal_id.id}
        wizard = self.env["account.move.reversal"].with_context(**about).create(values)
        made = wizard.reverse_moves()
        note = self.env["account.move"].browse(made["res_id"])
        note.invoice_line_ids[0].quantity = 1
        note.action_post()

    # -- the users of the tests ------------------------------------------------

    def api_user(self, login: str, rights: tuple[str, ...]) -> str:
        """Make a user and return a key for him."""
        groups = [(6, 0, [self.env.ref(name).id for name in ("base.group_user", *rights)])]
        values = {"name": login.title(), "login": login, "lang": "en_US", "group_ids": groups, "tz": "Europe/Madrid"}
        user = self.env["res.users"].with_context(no_reset_password=True).create(values)
        until = self.now + dt.timedelta(days=80)
        return str(self.env(user=user.id)["res.users.apikeys"]._generate("rpc", "webshop", until))  # noqa: SLF001


# A shop's user as the documentation describes it, one that may only sell, and the ERP's own staff.
USERS: dict[str, tuple[str, ...]] = {
    "webshop": RIGHTS,
    "seller": RIGHTS[:1],
    "staff": (
        "sales_team.group_sale_manager",
        "account.group_account_manager",
        "stock.group_stock_manager",
        "base.group_system",
    ),
}


def seed(env: Any, told: str) -> None:
    """Fill the database of `env` and write the users' keys into the file `told`."""
    Seed(env).run(Path(told))
