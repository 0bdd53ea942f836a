"""What a real Odoo with the wholesaler's data offers to the questions: found in it, prices by plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx2

from erp_sync import records as r
from erp_sync.adapters.odoo.adapter import OdooErp
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.setup import Options
from erp_sync.adapters.odoo.wires import Access
from erp_sync.conformance.live import LiveSample
from erp_sync.conformance.sample import KnownPrice
from erp_sync.http import Deadline, ErpHttp
from tests.odoo import wholesaler as w

SECONDS = 60.0
QUANTITIES = (1, 10, 19, 20, 50, 100)
# The service that carries what an order costs less.
DISCOUNT = "WEB-DISCOUNT"
PRICED = ("TOR-0440-ZN", "CAB-0025-NG", "TAL-0850-DM", "GUA-0009-NI")


@dataclass(frozen=True)
class OdooAt:
    """Where an Odoo is, which database, and the keys of its users."""

    url: str
    database: str
    keys: dict[str, str] = field(repr=False)

    def client(
        self, user: str = "webshop", transport: httpx2.BaseTransport | None = None, protocol: str = ""
    ) -> OdooClient:
        """Return a client of its own."""
        access = Access(self.database, user, self.keys[user])
        return OdooClient(ErpHttp(self.url, transport=transport), access, protocol=protocol)

    def make_discount_service(self) -> None:
        """Make the service that carries discounts, unless it is there, as the ERP's staff does by hand."""
        staff, deadline = self.client("staff"), Deadline(SECONDS)
        wanted = [["default_code", "=", DISCOUNT]]
        if not staff.rows("product.product", wanted, ["id"], deadline=deadline):
            made = {"default_code": DISCOUNT, "name": "Discount", "type": "service", "list_price": 0, "taxes_id": []}
            staff.call("product.product", "create", vals_list=[made], deadline=deadline)

    def erp(self, user: str = "webshop", protocol: str = "", **options: Any) -> OdooErp:
        """Return an adapter of its own."""
        return OdooErp(self.client(user, protocol=protocol), Options.of(options))


class OdooSample(LiveSample):
    """A real Odoo with the wholesaler's data."""

    def __init__(self, at: OdooAt, *, protocol: str = "") -> None:
        self.at = at
        self.at.make_discount_service()
        self.odoo = at.erp(protocol=protocol, discount_product=DISCOUNT)
        # A customer with price breaks and room for every order of the questions.
        super().__init__(self.odoo, customer="C0002")

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return what each price list says, worked out from the wholesaler's own rules."""
        lists = {one.number: one.price_list for one in self.customers}
        contexts = {
            one.price_list: r.PriceContext(self._number(one.code), lists[one.code], "EUR") for one in w.CUSTOMERS
        }
        assert len(contexts) == len(w.PRICE_LISTS)
        return [
            KnownPrice(context, r.Ask(sku, self.items[sku].erp_id, Decimal(many)), expected_price(name, sku, many))
            for name, context in contexts.items()
            for sku in PRICED
            for many in QUANTITIES
        ]

    def staff(self, model: str, method: str, **named: Any) -> Any:
        """Call Odoo as one of its own staff may."""
        return self.at.client("staff").call(model, method, deadline=Deadline(SECONDS), **named)

    def _number(self, code: str) -> str:
        return next(one.erp_id for one in self.customers if one.number == code)


def expected_price(price_list: str, sku: str, quantity: int) -> Decimal:
    """Return the price of one by the wholesaler's rules: the most special one first, then the highest step."""
    item = next(one for one in w.ITEMS if one.sku == sku)
    fitting = [
        rule
        for rule in w.PRICE_LISTS[price_list]
        if rule.quantity <= quantity and rule.category in {"", item.category} and rule.sku in {"", sku}
    ]
    rule = max(fitting, key=lambda one: (bool(one.sku), bool(one.category), one.quantity))
    price = Decimal(item.price) * (100 - rule.percent) / 100
    return price.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
