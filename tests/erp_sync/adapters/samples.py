"""What each ERP under test offers to the questions of erp_sync.conformance."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx2

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.adapters.tryton.adapter import TrytonErp
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import Options
from erp_sync.conformance.sample import KnownPrice
from erp_sync.faults import BrokenLine, LineFault, broken_line
from erp_sync.http import Deadline, ErpHttp
from erp_sync.ports import Erp

SECONDS = 60.0


def new_reference() -> str:
    """Return a reference that no order has."""
    return f"WEB-{uuid.uuid4().hex[:26].upper()}"


class FakeSample:
    """The ERP in memory with three items, a ladder and a customer of each kind."""

    unlimited_deadline_s = SECONDS
    invoice_erp_id = "1"

    def __init__(self, fake: FakeErp | None = None) -> None:
        self.fake = fake or FakeErp()
        self.erp: Erp = self.fake
        for number, sku in enumerate("ABC", 1):
            self.fake.add_item(sku, f"{number}.3333")
            self.fake.set_price("breaks", sku, (1, f"{number}.1111"), (10, f"{number}.0505"), (100, f"{number}.0101"))
            self.fake.set_stock(sku, 40, warehouse="North", available=10)
        self.fake.set_price("contract", "A", (1, "0.9999"))
        self.customers: Sequence[r.CustomerRecord] = [
            self.fake.add_customer("c1", price_list="breaks"),
            self.fake.add_customer("c2", price_list="contract", credit_limit=Decimal(100)),
            self.fake.add_customer("c3"),
        ]
        self.context = r.PriceContext("c1", "breaks", "EUR")
        self.asks: Sequence[r.Ask] = [r.Ask(sku, f"item-{sku}") for sku in "ABC"]

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return prices as they were set."""
        ask = self.asks[0]
        contract, none = r.PriceContext("c2", "contract", "EUR"), r.PriceContext("c3", "", "EUR")
        return [
            KnownPrice(none, ask, Decimal("1.3333")),
            KnownPrice(self.context, ask, Decimal("1.1111")),
            KnownPrice(self.context, replace(ask, quantity=Decimal(99)), Decimal("1.0505")),
            KnownPrice(self.context, replace(ask, quantity=Decimal(100)), Decimal("1.0101")),
            KnownPrice(contract, ask, Decimal("0.9999")),
        ]

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order."""
        return new_order(self.erp, self.context, [replace(a, quantity=a.quantity * factor) for a in self.asks])

    def over_limit(self) -> r.NewOrder:
        """Return an order of 200 for a customer with a limit of 100."""
        ask = replace(self.asks[0], quantity=Decimal(200))
        return new_order(self.erp, r.PriceContext("c2", "contract", "EUR"), [ask])

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return what is sold."""
        return self.fake.book.items

    @contextlib.contextmanager
    def broken_line(self, fault: LineFault, *, step: int = 1) -> Iterator[BrokenLine]:
        """Play the fault at the first call; a creation has two requests: that it is there, and that it is confirmed."""
        line = BrokenLine(fault, step)
        played = _PLAYED.get((fault, step), ())
        for name, *operations in played:
            self.fake.fail(name, *operations)
        yield line
        line.struck = bool(played) and any(one.times == 0 for one in self.fake.book.faults)
        self.fake.book.faults.clear()

    def returnable(self) -> r.NewReturn:
        """Return a return of one of an order of this moment that was delivered whole."""
        made = self.fake.create_order(self.order(), deadline_s=SECONDS)
        order: r.OrderRecord = self.fake.book.records["orders"][made.erp_id]
        lines = tuple(replace(one, quantity_delivered=one.quantity) for one in order.lines)
        self.fake.put("orders", replace(order, status="completed", lines=lines, allowed=()))
        return new_return(order.customer_erp_id, order.erp_id, lines[0])

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two new invoices."""
        first, second = (new_invoice(f"I{self.fake.book.next_id()}", due) for due in ("121.01", "60.50"))
        self.fake.put("invoices", first)
        self.fake.put("invoices", second)
        return first, second

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return a new invoice and a new credit note."""
        invoice, note = self.open_invoices()
        credit = replace(note, kind="credit")
        self.fake.put("invoices", credit)
        return invoice, credit


# What the ERP in memory plays for a line that breaks at a request.
_PLAYED: dict[tuple[LineFault, int], tuple[tuple[str, ...], ...]] = {
    (LineFault.REFUSED, 1): (("down",),),
    (LineFault.LOST, 1): (("halfway", "create_order"), ("before", "offers")),
    (LineFault.LOST, 2): (("after", "create_order"),),
    (LineFault.ERROR, 1): (("before",),),
    (LineFault.GARBAGE, 1): (("garbage",),),
}


@dataclass(frozen=True)
class TrytonAt:
    """Where a Tryton is."""

    url: str
    database: str
    user: str
    password: str

    def client(self, transport: httpx2.BaseTransport | None = None) -> TrytonClient:
        """Return a client of its own."""
        http = ErpHttp(self.url, transport=transport)
        return TrytonClient(http, database=self.database, user=self.user, password=self.password)

    def erp(self, transport: httpx2.BaseTransport | None = None) -> TrytonErp:
        """Return an adapter of its own."""
        return TrytonErp(self.client(transport), Options(discount_product="WEB-DISCOUNT"))


class Cut(httpx2.BaseTransport):
    """The network, which breaks at one method: before it is sent, or after the ERP answered."""

    def __init__(self, method: str, *, sent: bool) -> None:
        self._inner = httpx2.HTTPTransport()
        self._method = method
        self._sent = sent
        self.cuts = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass on, or break."""
        method = json.loads(request.read() or b"{}").get("method")
        if method == self._method and not self._sent:
            self.cuts += 1
            raise httpx2.ConnectError("cut before")
        response = self._inner.handle_request(request)
        if method == self._method:
            self.cuts += 1
            response.read()
            response.close()
            raise httpx2.ReadTimeout("cut after")
        return response

    def close(self) -> None:
        """Close the network."""
        self._inner.close()


class TrytonSample:
    """A real Tryton with the demo's data; customers and items are found in it."""

    unlimited_deadline_s = SECONDS

    def __init__(self, at: TrytonAt) -> None:
        self.at = at
        self.client = at.client()
        self._staff = replace(at, user="admin").client()
        self.tryton = at.erp()
        self.erp: Erp = self.tryton
        self.customers: Sequence[r.CustomerRecord] = [c for c in self.all_of("customers") if c.is_active]
        self._items = {i.sku: i for i in self.all_of("items") if i.is_active}
        ladders = self._lists_with_steps()
        self.customer = next(c for c in self.customers if c.price_list in ladders and self._room(c) > 20_000)
        self.context = _context(self.customer)
        # Two items of the running promotion (20 together; an order is of 6, or of 42), and others.
        promoted = [self.ask(sku, 3) for sku in ("ESM-0750-BL", "ESM-0750-AZ")]
        others = [self.ask(sku) for sku in ("CAB-0025-NG", "AMO-0115-DM", "TOR-0320-ZN")]
        self.asks: Sequence[r.Ask] = [*promoted, *others]
        invoices = self.erp.pull("invoices", r.Cursor(), limit=1, deadline_s=SECONDS)
        self.invoice_erp_id = invoices.records[0].erp_id
        self._returnable = self._delivered()
        self._unpaid = self._open_pairs()

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return what is sold."""
        return self._items

    def ask(self, sku: str, quantity: int = 1) -> r.Ask:
        """Return an ask in a quantity that may be ordered."""
        item = self._items[sku]
        return r.Ask(sku, item.erp_id, Decimal(quantity) * (item.multiple or 1))

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return what Tryton's own order form fills in, for a customer of each agreement."""
        lists = {c.price_list: c for c in self.customers}
        assert len(lists) >= 3
        found = []
        for customer in lists.values():
            for ask in (self.ask(sku) for sku in ("TOR-0440-ZN", "CAB-0025-NG", "ESM-0750-BL", "AMO-0115-DM")):
                for times in (1, 10, 20, 50, 100):
                    many = replace(ask, quantity=ask.quantity * times)
                    found.append(KnownPrice(_context(customer), many, self._form_price(customer, many)))
        return found

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order to the customer's last ship-to."""
        asks = [replace(a, quantity=a.quantity * factor) for a in self.asks]
        ship_to = [a.erp_id for a in self.customer.addresses if a.is_delivery][-1]
        return replace(new_order(self.erp, self.context, asks), ship_to_erp_id=ship_to)

    def over_limit(self) -> r.NewOrder:
        """Return an order of more than the smallest room that a customer has."""
        customer = min(self.customers, key=self._room)
        offer = self.erp.offers(_context(customer), [self.ask("AMO-0115-DM")], deadline_s=SECONDS)[0]
        assert offer.net_price
        quantity = math.ceil(max(self._room(customer), Decimal(0)) / offer.net_price) + 5
        return new_order(self.erp, _context(customer), [self.ask("AMO-0115-DM", quantity)])

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break the line of this thread."""
        return broken_line(fault, step=step)

    def returnable(self) -> r.NewReturn:
        """Return a return of one of an order line that was delivered and has no least quantity."""
        return next(self._returnable)

    def _delivered(self) -> Iterator[r.NewReturn]:
        orders = [one for one in self.all_of("orders") if one.status == "completed" and not one.is_return]
        for order in reversed(orders):
            for one in order.lines:
                item = self._items.get(one.sku)
                if item and item.minimum is None and one.quantity_delivered >= 1 and one.item_type == "goods":
                    yield new_return(order.customer_erp_id, order.erp_id, one)

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two invoices of one customer that nobody has paid anything of."""
        return next(self._unpaid)

    def _open_pairs(self) -> Iterator[tuple[r.InvoiceRecord, r.InvoiceRecord]]:
        waiting: dict[str, r.InvoiceRecord] = {}
        for one in self.all_of("invoices"):
            if one.kind == "invoice" and one.state == "open" and one.amount_due == one.total:
                other = waiting.pop(one.customer_erp_id, None)
                if other is None:
                    waiting[one.customer_erp_id] = one
                else:
                    yield other, one

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return the demo's credit note, and an open invoice of its customer."""
        still_open = [one for one in self.all_of("invoices") if one.state == "open" and one.amount_due == one.total]
        note = next(one for one in still_open if one.kind == "credit")
        mine = [one for one in still_open if one.customer_erp_id == note.customer_erp_id and one.kind == "invoice"]
        return next(one for one in reversed(mine) if one.amount_due > note.amount_due), note

    def call(self, method: str, *params: Any, **context: Any) -> Any:
        """Call Tryton directly."""
        return self.client.call(f"model.{method}", *params, deadline=Deadline(SECONDS), context=context)

    def staff(self, method: str, *params: Any) -> Any:
        """Call Tryton as one of its own staff may."""
        return self._staff.call(f"model.{method}", *params, deadline=Deadline(SECONDS))

    def all_of(self, kind: str) -> list[Any]:
        """Return every record of a kind."""
        records: list[Any] = []
        cursor: r.Cursor | None = r.Cursor()
        while cursor is not None:
            page = self.erp.pull(kind, cursor, limit=500, deadline_s=SECONDS)
            records.extend(page.records)
            cursor = page.next
        return records

    def _lists_with_steps(self) -> set[str]:
        rows = self.call("product.price_list.line.search_read", [["quantity", ">=", 50]], 0, None, None, ["price_list"])
        return {str(row["price_list"]) for row in rows}

    def _room(self, customer: r.CustomerRecord) -> Decimal:
        left = self.erp.credit(customer.erp_id, deadline_s=SECONDS).left
        return Decimal(10**9) if left is None else left

    def _form_price(self, customer: r.CustomerRecord, ask: r.Ask) -> Decimal:
        price_list = int(customer.price_list) if customer.price_list else None
        sale = {"company": 1, "party": int(customer.erp_id), "price_list": price_list, "currency": 1}
        line = {"type": "line", "product": int(ask.erp_id), "quantity": float(ask.quantity)}
        parent = {f"_parent_sale.{name}": value for name, value in sale.items()}
        changed = self.call("sale.line.on_change", {**line, **parent}, ["product"])
        return Decimal(changed["unit_price"])


def _context(customer: r.CustomerRecord) -> r.PriceContext:
    return r.PriceContext(customer.erp_id, customer.price_list, customer.currency)


def new_return(customer: str, order: str, line: r.OrderLineRecord) -> r.NewReturn:
    """Return a return of one of an order line."""
    reference = new_reference().replace("WEB-", "RET-")
    return r.NewReturn(
        reference, customer, order, line.erp_id, "", Decimal(1), line.unit, "damaged", "The box was open."
    )


def new_invoice(erp_id: str, due: str) -> r.InvoiceRecord:
    """Return an invoice with all of it to pay."""
    now = dt.datetime.now(dt.UTC)
    total = Decimal(due)
    return r.InvoiceRecord(
        erp_id=erp_id,
        version=now,
        number=f"F-{erp_id}",
        customer_erp_id="c1",
        kind="invoice",
        state="open",
        invoiced_on=now.date(),
        currency="EUR",
        untaxed_total=total,
        tax_total=Decimal(0),
        total=total,
        amount_due=total,
    )


def new_order(erp: Erp, context: r.PriceContext, asks: Sequence[r.Ask]) -> r.NewOrder:
    """Return an order at the prices of the ERP."""
    offers = erp.offers(context, asks, deadline_s=SECONDS)
    lines = []
    for number, offer in enumerate(offers, 1):
        assert offer.net_price is not None
        lines.append(r.NewOrderLine(number, offer.sku, offer.erp_id, offer.quantity, offer.net_price))
    return r.NewOrder(
        reference=new_reference(),
        customer_erp_id=context.customer_erp_id,
        price_list=context.price_list,
        currency=context.currency,
        lines=tuple(lines),
        customer_reference="PO 4711",
        note="Gate 3",
        placed_by="Laura Gil",
    )
