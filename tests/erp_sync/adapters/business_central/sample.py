"""A company in the stub, the adapter that speaks to it, and what both offer to the questions of the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2

from erp_sync import records as r
from erp_sync.adapters.business_central.access import ClientCredentials
from erp_sync.adapters.business_central.adapter import BusinessCentralErp
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.setup import Options
from erp_sync.conformance.sample import CannotAsk, KnownPrice
from erp_sync.faults import BrokenLine, LineFault, broken_line
from erp_sync.http import ErpHttp
from erp_sync.ports import Erp
from tests.erp_stubs.transport import StubLine
from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.book import Book, Row
from tests.erp_sync.adapters.business_central.stub import BcStub
from tests.erp_sync.adapters.samples import new_order, new_return

SECONDS = 60.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.at


class World:
    """A stub with a small company, the line to it, and adapters on that line."""

    def __init__(self) -> None:
        self.stub = BcStub()
        self.book: Book = self.stub.book
        self.line = StubLine(self.stub)
        self.clock = Clock()
        _seed(self.book)

    def erp(self, *, transport: httpx2.BaseTransport | None = None, **options: Any) -> BusinessCentralErp:
        """Return an adapter of its own (a process that was just started)."""
        line = transport or self.line
        http = ErpHttp(stub.URL, transport=line)
        login = ErpHttp(f"https://{stub.LOGIN}", transport=line, log_as="erp_token")
        path = stub.TOKEN_URL.removeprefix(f"https://{stub.LOGIN}")
        access = ClientCredentials(login, path, stub.CLIENT, stub.SECRET, clock=self.clock)
        given = Options.of({"token_url": stub.TOKEN_URL, **options})
        return BusinessCentralErp(BcClient(http, access, company=stub.COMPANY_NAME, clock=self.clock), given)

    def customer(self, number: str) -> Row:
        """Return a customer's row."""
        return self.book.find("customers", number=number)

    def context(self, number: str = "C1") -> r.PriceContext:
        """Return for whom a price is asked."""
        return r.PriceContext(self.customer(number)["id"], "", "EUR")

    def ask(self, sku: str, quantity: int = 1) -> r.Ask:
        """Return an ask for an item."""
        return r.Ask(sku, self.book.find("items", number=sku)["id"], Decimal(quantity))

    def order(self, reference: str, **changes: Any) -> r.NewOrder:
        """Return an order of two items at their prices, for the customer with a ladder."""
        lines = tuple(
            r.NewOrderLine(n, sku, self.ask(sku).erp_id, Decimal(2), self.book.price("C1", sku, Decimal(2)))
            for n, sku in enumerate("AB", 1)
        )
        order = r.NewOrder(reference, self.customer("C1")["id"], "", "EUR", lines, customer_reference="PO 4711")
        return replace(order, **changes)

    def orders(self, reference: str) -> list[str]:
        """Return the numbers under which an order stands in the ERP, wherever it is."""
        known = {reference, f"{reference}-NEW"}
        found = [
            row.get("orderNumber") or row["number"]
            for place in ("salesOrders", "salesInvoices", "salesShipments")
            for row in self.book.rows[place].values()
            if row["externalDocumentNumber"] in known
        ]
        return sorted(set(found))


class BcSample:
    """The stub with our bridge in it."""

    unlimited_deadline_s = SECONDS

    def __init__(self, world: World | None = None, **options: Any) -> None:
        self.world = world or World()
        self.bc = self.world.erp(**options)
        self.erp: Erp = self.bc
        self.customers: Sequence[r.CustomerRecord] = self._all("customers")
        self._items: dict[str, r.ItemRecord] = {one.sku: one for one in self._all("items") if one.is_active}
        self.context = self.world.context()
        self.asks: Sequence[r.Ask] = [self.world.ask(sku) for sku in "ABC"]

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return what is sold."""
        return self._items

    @property
    def invoice_erp_id(self) -> str:
        """Return an invoice."""
        return str(next(iter(self.world.book.rows["salesInvoices"])))

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices as they were agreed."""
        told = [
            ("C3", 1, "1.3333"), ("C1", 1, "1.1111"), ("C1", 9, "1.1111"), ("C1", 10, "1.0505"), ("C1", 99, "1.0505"),
            ("C1", 100, "1.0101"), ("C2", 1, "0.9999"),
        ]  # fmt: skip
        return [
            KnownPrice(self.world.context(who), self.world.ask("A", many), Decimal(price)) for who, many, price in told
        ]

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order to the customer's further address."""
        order = new_order(self.erp, self.context, [replace(a, quantity=a.quantity * factor) for a in self.asks])
        place = self.world.book.find("shipToAddresses", code="PLANT")
        return replace(order, ship_to_erp_id=place["id"])

    def over_limit(self) -> r.NewOrder:
        """Return an order of 200 for a customer with a limit of 100."""
        return new_order(self.erp, self.world.context("C2"), [self.world.ask("A", 200)])

    def returnable(self) -> r.NewReturn:
        """Return a return of one of an order of this moment that was delivered."""
        made = self.erp.create_order(self.order(), deadline_s=SECONDS)
        self.world.book.ship(self.world.book.find("salesOrders", number=made.number))
        page = self.erp.pull("orders", r.Cursor(), limit=100, deadline_s=SECONDS)
        orders: list[Any] = [*page.records]
        while page.next is not None:
            page = self.erp.pull("orders", page.next, limit=100, deadline_s=SECONDS)
            orders += page.records
        order: r.OrderRecord = next(one for one in orders if one.number == made.number)
        return new_return(order.customer_erp_id, order.erp_id, order.lines[0])

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Say that payments cannot be written."""
        raise CannotAsk("The API books no payment.")

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Say that payments cannot be written."""
        raise CannotAsk("The API books no payment.")

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break the line of this thread."""
        return broken_line(fault, step=step)

    def _all(self, kind: str) -> list[Any]:
        return all_of(self.erp, kind)


def all_of(erp: Erp, kind: str, *, since: r.Cursor | None = None, limit: int = 100) -> list[Any]:
    """Return every record of a kind."""
    found: list[Any] = []
    cursor: r.Cursor | None = since or r.Cursor()
    while cursor is not None:
        page = erp.pull(kind, cursor, limit=limit, deadline_s=SECONDS)
        assert not page.broken, page.broken
        found += page.records
        cursor = page.next
    return found


def _seed(book: Book) -> None:
    book.put("companyInformation", currencyCode="EUR")
    terms = book.put("paymentTerms", code="30D", displayName="30 days")
    tools = book.put("itemCategories", code="TOOLS", displayName="Tools")
    for number, sku in enumerate("ABCD", 1):
        book.put(
            "items", number=sku, displayName=f"Item {sku}", type="Inventory", itemCategoryId=tools["id"],
            unitPrice=Decimal(f"{number}.3333"), baseUnitOfMeasureCode="PCS", inventory=Decimal(40),
            gtin=f"841000{number}",
            blocked=sku == "D",
        )  # fmt: skip
        for location, many in (("NORTH", 30), ("SOUTH", 10)):
            book.put(
                "itemAvailability", itemNumber=sku, locationCode=location, inventory=Decimal(many), available=Decimal(9)
            )
        for code, factor in (("PCS", 1), ("BOX", 12)):
            values = {
                "unitOfMeasureCode": code,
                "displayName": code.title(),
                "quantityPerUnitOfMeasure": Decimal(factor),
            }
            book.put("itemUnitsOfMeasure", itemNumber=sku, **values)
        steps = (("1", "1111"), ("10", "0505"), ("100", "0101"))
        book.prices["C1", sku] = [(Decimal(start), Decimal(f"{number}.{price}")) for start, price in steps]
    book.prices["C2", "A"] = [(Decimal(1), Decimal("0.9999"))]
    for code, limit in (("C1", 0), ("C2", 100), ("C3", 0)):
        customer = book.put(
            "customers", number=code, displayName=f"Customer {code}", currencyCode="EUR", blocked="_x0020_",
            creditLimit=Decimal(limit), paymentTermsId=terms["id"], email="buyer@example.com", addressLine1="Calle 1",
            postalCode="48001", city="Bilbao", country="ES",
        )  # fmt: skip
        book.put("customerFinancialDetails", id=customer["id"], number=code, balance=Decimal("12.5"))
        place = {"name": f"Plant of {code}", "addressLine1": "Muelle 7", "city": "Getxo", "postalCode": "48930"}
        name = "PLANT" if code == "C1" else "YARD"
        book.put("shipToAddresses", customerId=customer["id"], code=name, country="ES", **place)
    _history(book)


def _history(book: Book) -> None:
    """Orders of other channels: open, shipped, billed and gone; a quote and a payment."""
    customer = book.find("customers", number="C1")["id"]
    line = {"lineType": "Item", "itemId": book.find("items", number="A")["id"], "quantity": Decimal(5)}
    line["unitOfMeasureCode"] = "PCS"
    made = [
        book.new_document("salesOrders", {"customerId": customer, "externalDocumentNumber": f"EDI-{n}"}, [line])
        for n in range(5)
    ]
    for one in made[:3]:
        shipment = book.ship(one)
        book.put(
            "orderTracking",
            shipmentNumber=shipment["number"],
            carrier="GLS",
            trackingNumber="123",
            trackingUrl="https://gls.example/123",
        )
    for one in made[:2]:
        book.bill(one)
    today = book.now().date().isoformat()
    book.put(
        "salesCreditMemos", number="CM1", customerId=customer, currencyCode="EUR", status="Open", creditMemoDate=today
    )
    book.put("salesInvoices", number="DRAFT", customerId=customer, status="Draft", invoiceDate=today)
    book.new_document("salesQuotes", {"customerId": customer}, [line])
    journal = book.put("customerPaymentJournals", code="WEB")
    for n in range(3):
        book.put(
            "customerPayments",
            journalId=journal["id"],
            customerId=customer,
            amount=Decimal(-10 - n),
            postingDate=today,
            documentNumber=f"P{n}",
        )
