"""A small wholesaler on the stub of SAP Business One, and what it offers to the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1.adapter import SapB1Erp
from erp_sync.adapters.sap_b1.client import Access, B1Client
from erp_sync.adapters.sap_b1.setup import Options
from erp_sync.conformance.sample import CannotAsk, KnownPrice
from erp_sync.faults import BrokenLine, LineFault, broken_line
from erp_sync.http import ErpHttp
from erp_sync.ports import Erp
from tests.erp_stubs.transport import Fault, StubLine
from tests.erp_sync.adapters.samples import new_order, new_return
from tests.erp_sync.adapters.sap_b1.company import ZONE, Company, Row
from tests.erp_sync.adapters.sap_b1.service import Service

SECONDS = 30.0
ACCOUNT = "_SYS00000000107"
BOX, PIECE = 2, 1
SESSION_OVER = {"error": {"code": "301", "message": "Invalid session or session already timeout."}}


def wholesaler(*, has_key_table: bool = True) -> Company:
    """Return a company with three items for sale, three customers, two warehouses, and our fields declared."""
    company = Company()
    declare(company, has_key_table=has_key_table)
    tables = company.tables
    tables["ItemGroups"] = [{"Number": 101, "GroupName": "Screws"}, {"Number": 102, "GroupName": "Cables"}]
    tables["Warehouses"] = [
        {"WarehouseCode": code, "WarehouseName": name} for code, name in (("01", "North"), ("02", "South"))
    ]
    tables["PriceLists"] = [
        {"PriceListNo": number, "PriceListName": name, "IsGrossPrice": gross}
        for number, name, gross in ((1, "Trade", "tNO"), (2, "Contract", "tNO"), (3, "Shop window", "tYES"))
    ]
    tables["UnitOfMeasurements"] = [
        {"AbsEntry": PIECE, "Code": "PC", "Name": "Piece"}, {"AbsEntry": BOX, "Code": "BX", "Name": "Box"}
    ]  # fmt: skip
    definitions = [
        {"AlternateUoM": PIECE, "AlternateQuantity": 1.0, "BaseQuantity": 1.0},
        {"AlternateUoM": BOX, "AlternateQuantity": 1.0, "BaseQuantity": 12.0},
    ]
    tables["UnitOfMeasurementGroups"] = [{"AbsEntry": 1, "BaseUoM": PIECE, "UoMGroupDefinitionCollection": definitions}]
    tables["SalesPersons"] = [{"SalesEmployeeCode": 4, "SalesEmployeeName": "Laura Gil"}]
    tables["PaymentTermsTypes"] = [{"GroupNumber": 2, "PaymentTermsGroupName": "30 days"}]
    tables["Manufacturers"] = [{"Code": 7, "ManufacturerName": "Acme"}]
    tables["ShippingTypes"] = [{"Code": 3, "Name": "Post", "Website": "https://post.example/track"}]
    tables["Items"] = [
        item("A-1", 1.3333),
        item("B-2", 0.5, box=True),
        item("C'3", 3.3333),
        item("OLD", 1.0, frozen=True),
    ]
    tables["BusinessPartners"] = [
        partner("C1", 1),
        partner("C2", 2, MaxCommitment=100.0),
        partner("C3", 1),
        partner("V1", 1, CardType="cSupplier"),
    ]
    tables["SpecialPrices"] = [
        special("*1", "A-1", (10, 5.0), (100, 10.0)),
        special("*1", "B-2", (24, 2.0), (120, 12.0)),
        special("C2", "A-1", (1, 25.0)),
    ]
    return company


def declare(company: Company, *, has_key_table: bool = True) -> None:
    """Declare the fields and the table of docs/adapters-sap-b1.md."""
    for name, size in (("U_B2BKey", 50), ("U_Channel", 20), ("U_B2BState", 10)):
        company.types.declare("Document", name, "s", size)
    company.types.declare("DocumentLine", "U_B2BLine", "i")
    company.types.declare("Payment", "U_B2BKey", "s", 50)
    if has_key_table:
        company.sets["U_B2BKEY"] = ("U_B2BKEY", "Code")
        company.types.types["U_B2BKEY"] = {"Code": "s", "Name": "s"}
        company.tables["U_B2BKEY"] = []


def item(code: str, price: float, *, box: bool = False, frozen: bool = False) -> Row:
    """Return an item: sold by the piece, or by the box of 12."""
    stock = [("01", 600.0, 60.0), ("02", 100.0, 0.0)]
    return {
        "ItemCode": code,
        "ItemName": f"Item {code}",
        "ForeignName": f"Artículo {code}",
        "ItemsGroupCode": 101,
        "Manufacturer": 7,
        "SalesItem": "tYES",
        "InventoryItem": "tYES",
        "Valid": "tYES",
        "Frozen": "tYES" if frozen else "tNO",
        "UoMGroupEntry": 1 if box else -1,
        "InventoryUoMEntry": PIECE if box else -1,
        "DefaultSalesUoMEntry": BOX if box else None,
        "PricingUnit": PIECE if box else -1,
        "SalesUnit": "each",
        "InventoryUOM": "each",
        "SalesItemsPerUnit": 1.0,
        "ItemPrices": [{"PriceList": number, "Price": price, "Currency": "EUR"} for number in (1, 2, 3)],
        "ItemUnitOfMeasurementCollection": [{"UoMType": "iutSales", "UoMEntry": one} for one in (PIECE, BOX) if box],
        "ItemBarCodeCollection": [{"Barcode": f"84{code}"}],
        "ItemWarehouseInfoCollection": [
            {"WarehouseCode": place, "InStock": there, "Committed": taken, "Ordered": 5.0}
            for place, there, taken in stock
        ],
        "CreateDate": "2025-11-03",
    }


def partner(code: str, price_list: int, **told: Any) -> Row:
    """Return a customer with an address of each kind and a person."""
    where = {"Street": "Calle Mayor", "StreetNo": "7", "ZipCode": "28013", "City": "Madrid", "Country": "ES"}
    return {
        "CardCode": code,
        "CardName": f"Customer {code}",
        "CardType": "cCustomer",
        "PriceListNum": price_list,
        "PayTermsGrpCode": 2,
        "SalesPersonCode": 4,
        "Currency": "##",
        "Valid": "tYES",
        "Frozen": "tNO",
        "ShipToDefault": "Store",
        "BPAddresses": [
            {**where, "AddressName": name, "AddressType": kind}
            for name, kind in (("Office", "bo_BillTo"), ("Store", "bo_ShipTo"), ("Dock 2", "bo_ShipTo"))
        ],
        "ContactEmployees": [{"Name": "Ana", "E_Mail": f"ana@{code.lower()}.example", "Active": "tYES"}],
        "CreditLimit": 0.0,
        "MaxCommitment": 0.0,
        "CurrentAccountBalance": 0.0,
        "OpenOrdersBalance": 0.0,
        "OpenDeliveryNotesBalance": 0.0,
        "OpenChecksBalance": 0.0,
        "CreateDate": "2025-11-03",
        **told,
    }


def special(owner: str, code: str, *steps: tuple[int, float]) -> Row:
    """Return a special price: so much off from a quantity of stock units on."""
    areas = [{"Quantity": float(many), "Discountin": off} for many, off in steps]
    return {"CardCode": owner, "ItemCode": code, "SpecialPriceDataAreas": [{"SpecialPriceQuantityAreas": areas}]}


class Stub:
    """A company, its Service Layer, the line to it, and adapters on that line."""

    def __init__(self, *, has_key_table: bool = True, most_rows: int = 50) -> None:
        self.has_key_table = has_key_table
        self.company = wholesaler(has_key_table=has_key_table)
        self.service = Service(self.company, most_rows=most_rows)
        self.line = StubLine(self.service, bodies={Fault.UNAUTHORIZED: SESSION_OVER})
        self.erp_adapter = self.adapter()

    def adapter(self, **options: Any) -> SapB1Erp:
        """Return an adapter of its own."""
        given = {"timezone": ZONE, "payment_account": ACCOUNT, "key_table": self.has_key_table, **options}
        http, found = ErpHttp("https://b1.test:50000", transport=self.line), Options.of(given)
        client = B1Client(http, Access("SBO", "webshop", "secret"), select_lines=found.select_lines)
        return SapB1Erp(client, found)


class SapSample:
    """The wholesaler with a few documents of each kind."""

    unlimited_deadline_s = SECONDS
    invoice_erp_id = ""

    def __init__(self, stub: Stub | None = None) -> None:
        self.stub = stub or Stub()
        self.company = self.stub.company
        self.erp: Erp = self.stub.erp_adapter
        self.customers: Sequence[r.CustomerRecord] = self.pull("customers")
        self._items = {one.sku: one for one in self.pull("items") if one.is_active}
        self.context = r.PriceContext("C1", "1", "EUR")
        self.asks: Sequence[r.Ask] = [r.Ask(code, code) for code in ("A-1", "B-2", "C'3")]
        self._returns = 0

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return what is sold."""
        return self._items

    def pull(self, kind: str) -> list[Any]:
        """Return all of a kind."""
        found: list[Any] = []
        cursor: r.Cursor | None = r.Cursor()
        while cursor is not None:
            page = self.erp.pull(kind, cursor, limit=50, deadline_s=SECONDS)
            assert not page.broken, page.broken
            found += page.records
            cursor = page.next
        return found

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices worked out by hand from the lists and the special prices."""
        contract, third = r.PriceContext("C2", "2", "EUR"), r.PriceContext("C3", "1", "EUR")
        told = [
            (self.context, "A-1", 1, "1.3333"), (self.context, "A-1", 9, "1.3333"), (self.context, "A-1", 10, "1.2666"),
            (self.context, "A-1", 99, "1.2666"), (self.context, "A-1", 100, "1.2000"), (contract, "A-1", 1, "1.0000"),
            (self.context, "B-2", 1, "6.0000"), (self.context, "B-2", 2, "5.8800"), (self.context, "B-2", 10, "5.2800"),
            (contract, "B-2", 10, "6.0000"), (third, "C'3", 1000, "3.3333"),
        ]  # fmt: skip
        return [KnownPrice(who, r.Ask(code, code, Decimal(many)), Decimal(price)) for who, code, many, price in told]

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order to the customer's second address."""
        asks = [replace(ask, quantity=ask.quantity * factor) for ask in self.asks]
        return replace(new_order(self.erp, self.context, asks), ship_to_erp_id="C1/S/Dock 2")

    def over_limit(self) -> r.NewOrder:
        """Return an order of 500 for a customer with a limit of 100."""
        return new_order(self.erp, r.PriceContext("C2", "2", "EUR"), [r.Ask("A-1", "A-1", Decimal(500))])

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break the line of this thread."""
        return broken_line(fault, step=step)

    def returnable(self) -> r.NewReturn:
        """Return a return of one of an order that was delivered whole, and every other time billed too."""
        made, record = self._delivered()
        self._returns += 1
        if self._returns % 2:
            self.company.follow_up("Invoices", "DeliveryNotes", made["DocEntry"])
        return new_return(record.customer_erp_id, record.erp_id, record.lines[0])

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two new invoices."""
        entries = []
        for _ in range(2):
            made, _record = self._delivered()
            entries.append(self.company.follow_up("Invoices", "DeliveryNotes", made["DocEntry"])["DocEntry"])
        found = {one.erp_id: one for one in self.pull("invoices")}
        first, second = (found[f"I{entry}"] for entry in entries)
        return first, second

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Say that there is none."""
        raise CannotAsk("Payments do not use up credit notes here.")

    def _delivered(self) -> tuple[Row, r.OrderRecord]:
        written = self.erp.create_order(self.order(), deadline_s=SECONDS)
        made = self.company.follow_up("DeliveryNotes", "Orders", int(written.erp_id))
        record = next(one for one in self.pull("orders") if one.erp_id == written.erp_id)
        return made, record
