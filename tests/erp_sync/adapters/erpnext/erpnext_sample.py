"""What the stub of ERPNext offers to the questions: found in it, prices by plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.setup import Options
from erp_sync.conformance.live import LiveSample
from erp_sync.conformance.sample import KnownPrice
from erp_sync.http import ErpHttp
from tests.erp_stubs.transport import Fault, StubLine
from tests.erp_sync.adapters.erpnext.stub import wholesaler as w
from tests.erp_sync.adapters.erpnext.stub.application import KEY, SECRET, StubErpNext
from tests.erp_sync.adapters.erpnext.stub.site import Site
from tests.erp_sync.adapters.samples import new_return

PRICED = ("TOR-0440", "TUE-0004", "CAB-0025", "GUA-0009")
QUANTITIES = (1, 9, 10, 50, 100)
# What Frappe says with an error that has nothing to do with a document.
SAID = {
    Fault.UNAUTHORIZED: {"exc_type": "AuthenticationError"},
    Fault.ERROR_AFTER: {"exc_type": "ProgrammingError", "exception": "pymysql.err.ProgrammingError: secret"},
}


def line_to(site: Site) -> StubLine:
    """Return a line to a site."""
    return StubLine(StubErpNext(site), SAID)


def erp_at(line: StubLine, **options: Any) -> ErpNextErp:
    """Return an adapter of its own on a line."""
    client = ErpNextClient(ErpHttp("https://erp.test", transport=line), key=KEY, secret=SECRET)
    return ErpNextErp(client, Options.of({"company": w.COMPANY, "free_text_item": w.FREE_TEXT, **options}))


class ErpNextSample(LiveSample):
    """The stub with the wholesaler's data."""

    def __init__(self, site: Site | None = None) -> None:
        self.site = site or w.wholesaler()
        self.line = line_to(self.site)
        self.erpnext = erp_at(self.line)
        super().__init__(self.erpnext, customer="Acme")

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return what each customer pays, worked out from the wholesaler's own rules."""
        found = []
        for name, group, price_list, _ in w.CUSTOMERS:
            context = r.PriceContext(name, price_list or "Standard Selling", "EUR")
            for sku in PRICED:
                for many in QUANTITIES:
                    price = expected_price(sku, many, group, price_list)
                    found.append(KnownPrice(context, r.Ask(sku, sku, Decimal(many)), price))
        return found

    def returnable(self) -> r.NewReturn:
        """Return a return of one of an order that was delivered just now."""
        name = w.deliver(self.site, w.order(self.site, "Acme"))
        order = next(one for one in self._read("orders") if one.erp_id == name)
        return new_return("Acme", name, order.lines[0])

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two invoices of this moment."""
        names = [w.invoice(self.site, w.deliver(self.site, w.order(self.site, "Acme"))) for _ in range(2)]
        found = {one.erp_id: one for one in self._read("invoices")}
        return found[names[0]], found[names[1]]


def expected_price(sku: str, quantity: int, group: str, price_list: str | None) -> Decimal:
    """Return the price of one sales unit by the wholesaler's rules."""
    _, _, item_group, unit, listed = next(one for one in w.ITEMS if one[0] == sku)
    factor = 12 if unit == "Box" else 1
    pieces = quantity * factor
    price = Decimal(str(round(listed * 0.8, 4) if price_list else listed)) * factor
    steps = {"TOR-0440": ((100, 12), (10, 5)), "TUE-0004": ((1200, 20), (120, 8))}.get(sku, ())
    percent = next((percent for least, percent in steps if pieces >= least), 0)
    if item_group == "Cables" and group == "Trade":
        percent = 10
    return (price * (100 - percent) / 100).quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)
