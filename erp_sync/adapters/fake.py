"""An ERP in memory, for unit tests only: the same contract as a real one, with faults to order.

`shared()` is the instance that ERP_ADAPTER = "erp_sync.adapters.fake.FakeErp" gives; a test calls
`shared().reset()` first.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters import fake_desk
from erp_sync.adapters.fake_book import Book, FakeOrder, Fault, PlannedFault, run_into, written
from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.http import note_call

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "789c6360f8cf500f00028001808d2bb0ab0000000049454e44ae426082"
)


class FakeErp:
    """The ERP. Tests set it up with the methods named after facts (`add_item`, `set_price`, ...).

    Attributes:
        book: What it knows; `book.calls` lists the calls, `book.is_down` takes it off line.
        capabilities: Replace it to play another kind of ERP (dataclasses.replace).
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    @classmethod
    def from_settings(cls, *, url: str, database: str, user: str, password: str, options: Mapping[str, Any]) -> FakeErp:
        """Return the shared instance; the connection settings mean nothing here."""
        return shared()

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.book = Book()
            self.capabilities = ports.Capabilities(
                name="fake",
                enforces_reference=True,
                can_query_reference=True,
                max_processing_s=0.2,
                rounding="document",
                has_expected=True,
                has_quotes=True,
                has_returns=True,
                has_payments=True,
                settles_credit_notes=True,
                has_order_changes=True,
                has_discount_lines=True,
            )

    # -- setting it up ---------------------------------------------------------

    def add_item(self, sku: str, list_price: str | Decimal, *, stock: int | None = 100, **facts: Any) -> r.ItemRecord:
        """Add an item (further fields of ItemRecord by name); `stock` None = the ERP keeps none."""
        values: dict[str, Any] = {
            "erp_id": f"item-{sku}",
            "version": self._now(),
            "texts": {"en": r.Text(name=sku)},
            "sales_unit": r.PackUnit(code="u", names={"en": "Unit"}),
        } | facts
        item = r.ItemRecord(sku=sku, list_price=Decimal(list_price), **values)
        self.put("items", item)
        if stock is not None:
            self.set_stock(sku, stock)
        return item

    def add_customer(
        self,
        erp_id: str,
        *,
        price_list: str = "",
        credit_limit: Decimal | None = None,
        **facts: Any,
    ) -> r.CustomerRecord:
        """Add a customer (any further field of CustomerRecord by name)."""
        values: dict[str, Any] = {
            "version": self._now(),
            "number": erp_id,
            "name": f"Customer {erp_id}",
        } | facts
        customer = r.CustomerRecord(erp_id=erp_id, price_list=price_list, currency=self.book.currency, **values)
        self.put("customers", customer)
        self.book.credit_limits[erp_id] = credit_limit
        return customer

    def set_price(self, price_list: str, sku: str, *steps: tuple[int | str, str]) -> None:
        """Set the ladder of an item in a price list: (from quantity, net price)."""
        ladder = sorted((Decimal(quantity), Decimal(price)) for quantity, price in steps)
        self.book.prices[price_list, sku] = tuple(r.PriceStep(q, p) for q, p in ladder)

    def set_stock(self, sku: str, on_hand: int, *, warehouse: str = "Main", available: int | None = None) -> None:
        """Set the stock of an item in one warehouse."""
        others = tuple(s for s in self.book.stock.get(sku, ()) if s.warehouse != warehouse)
        there = r.WarehouseStock(warehouse, Decimal(on_hand), Decimal(on_hand if available is None else available))
        self.book.stock[sku] = (*others, there)

    def round(self, *, tax: str, halves: str) -> None:
        """Round tax by "line" or by "document", and halves "up" or to "even"; say so, too."""
        self.book.rounds_tax_by, self.book.halves = tax, halves
        self.capabilities = dataclasses.replace(self.capabilities, rounding=tax, halves=halves)

    def put(self, kind: str, record: Any) -> None:
        """Add or replace a record of a mirrored kind, as it is."""
        with self.lock:
            self.book.records[kind][record.erp_id] = record
            if kind == "items":
                self.book.items = {sku: i for sku, i in self.book.items.items() if i.erp_id != record.erp_id}
                self.book.items[record.sku] = record

    def remove(self, kind: str, erp_id: str) -> None:
        """Delete a record without a trace, as ERPs do."""
        with self.lock:
            del self.book.records[kind][erp_id]

    def fail(
        self, fault: Fault | str, *operations: str, times: int = 1, seconds: float = 0.0, message: str = ""
    ) -> None:
        """Let the next `times` calls of `operations` (none named: of any) fail like this."""
        planned = PlannedFault(Fault(fault), operations, times=times, seconds=seconds, message=message)
        self.book.faults.append(planned)

    def settle(self) -> None:
        """Let every late commit happen now."""
        with self.lock:
            pending, self.book.pending = self.book.pending, []
            for _, commit in pending:
                commit()

    def orders_of(self, reference: str) -> list[FakeOrder]:
        """Return the orders that carry this reference, without a call."""
        return self.book.orders_of(reference)

    # -- live reads ------------------------------------------------------------

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Answer at once."""
        self._enter("health", deadline_s)
        return ports.ErpHealth(name="fake", version="1", clock_offset_s=0.0, latency_ms=0.0)

    def needs(self, *, deadline_s: float) -> list[ports.Need]:
        """Return the kinds of records that it keeps."""
        self._enter("needs", deadline_s)
        return [ports.Need("field", kind, kind in self.book.records) for kind in ports.MIRRORED]

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Return price and stock for each ask."""
        self._enter("offers", deadline_s)
        return [self._offer(context, ask, ladders=ladders, warehouses=warehouses) for ask in asks]

    def totals(self, order: r.NewOrder, *, deadline_s: float) -> r.Totals:
        """Return line amounts rounded to the cent, plus 21 %."""
        self._enter("totals", deadline_s)
        return self.book.totals(order)

    def credit(self, customer_erp_id: str, *, deadline_s: float) -> r.CreditPosition:
        """Return limit and use: the totals of its confirmed orders."""
        self._enter("credit", deadline_s)
        return self.book.credit(customer_erp_id)

    # -- pulls -----------------------------------------------------------------

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page of changed records, ordered as `capabilities.page_order` says."""
        self._enter("pull", deadline_s)
        with self.lock:
            found = list(self.book.records[kind].values())
        by_change = self.capabilities.page_order == "changed"
        if cursor.changed_at is not None:
            found = [record for record in found if record.version >= cursor.changed_at]
        found.sort(key=_by_change if by_change else _by_id)
        if cursor.last_id:
            found = [record for record in found if _is_after(record, cursor, by_change=by_change)]
        page = found[:limit]
        following = None
        if len(found) > limit:
            last = page[-1]
            following = r.Cursor(last.version if by_change else cursor.changed_at, last.erp_id)
        return r.Page(records=tuple(page), next=following, total=len(found))

    def keys(self, kind: str, *, deadline_s: float) -> Iterator[str]:
        """Yield every erp_id of a kind."""
        self._enter("keys", deadline_s)
        with self.lock:
            found = list(self.book.records[kind])
        yield from found

    def now(self, *, deadline_s: float) -> dt.datetime:
        """Return the machine's clock."""
        self._enter("now", deadline_s)
        return self._now()

    # -- writes ----------------------------------------------------------------

    def find_order(self, reference: str, *, deadline_s: float) -> list[r.WrittenOrder]:
        """Return every order with this reference."""
        self._enter("find_order", deadline_s)
        return [written(order) for order in self.orders_of(reference)]

    def create_order(self, order: r.NewOrder, *, deadline_s: float) -> r.WrittenOrder:
        """Create and confirm, or carry on with the one found if the ERP enforces references."""
        planned = self._enter("create_order", deadline_s)
        return self._ordered(order, planned)

    def accept_quote(self, acceptance: r.QuoteAcceptance, *, deadline_s: float) -> r.WrittenOrder:
        """Make the quote an order."""
        planned = self._enter("accept_quote", deadline_s)
        with self.lock:
            return self._ordered(fake_desk.accepted(self.book, acceptance), planned, acceptance)

    def write(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do it, unless it is there."""
        found = self.find_written(write, deadline_s=deadline_s)
        return found[0] if found else self.post(write, deadline_s=deadline_s)

    def post(self, write: r.Write, *, deadline_s: float) -> r.WrittenDocument:
        """Do it without looking: what a request does that arrives late."""
        planned = self._enter("write", deadline_s)
        fault = planned.fault if planned else None
        if planned and fault in {Fault.LATE, Fault.HALFWAY}:
            self.book.pending.append((time.monotonic() + planned.seconds, lambda: self._posted(write)))
            raise ErpUnavailable("no answer in time")
        done = self._posted(write)
        if fault is Fault.DUPLICATE:
            fake_desk.post(self.book, write, once=False)
        self._lose(fault)
        return done

    def find_written(self, write: r.Write, *, deadline_s: float) -> list[r.WrittenDocument]:
        """Return what is there of it."""
        self._enter("find_written", deadline_s)
        return fake_desk.find(self.book, write)

    def _posted(self, write: r.Write) -> r.WrittenDocument:
        return fake_desk.post(self.book, write, once=self.capabilities.enforces_reference)

    def _ordered(
        self, order: r.NewOrder, planned: PlannedFault | None, acceptance: r.QuoteAcceptance | None = None
    ) -> r.WrittenOrder:
        fault = planned.fault if planned else None
        if planned and fault is Fault.LATE:
            self.book.pending.append((time.monotonic() + planned.seconds, lambda: self._commit(order, acceptance)))
            raise ErpUnavailable("no answer in time")
        if fault is Fault.HALFWAY:
            self.book.create(order)
            raise ErpUnavailable("no answer in time")
        done = self._commit(order, acceptance)
        if fault is Fault.DUPLICATE:
            self.book.confirm(self.book.create(order))
        self._lose(fault)
        return done

    def _commit(self, order: r.NewOrder, acceptance: r.QuoteAcceptance | None) -> r.WrittenOrder:
        done = self.book.commit(order, once=self.capabilities.enforces_reference)
        if acceptance is not None:
            fake_desk.close_quote(self.book, acceptance)
        return done

    def _lose(self, fault: Fault | None) -> None:
        """Lose the answer to something that was done."""
        if fault is Fault.AFTER:
            raise ErpUnavailable("no answer in time")
        if fault is Fault.GARBAGE:
            raise ErpBroken("the answer is not JSON")

    # -- documents -------------------------------------------------------------

    def invoice_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a small PDF."""
        return self._document("invoice_pdf", f"invoice-{erp_id}.pdf", deadline_s)

    def order_pdf(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a small PDF."""
        return self._document("order_pdf", f"order-{erp_id}.pdf", deadline_s)

    def item_document(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a small PDF."""
        return self._document("item_document", f"document-{erp_id}.pdf", deadline_s)

    def item_image(self, erp_id: str, *, deadline_s: float) -> ports.Pdf:
        """Return a picture of one pixel."""
        self._enter("item_image", deadline_s)
        return ports.Pdf(filename=f"{erp_id}.png", content=PNG, media_type="image/png")

    # -- inside ----------------------------------------------------------------

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def _enter(self, operation: str, deadline_s: float) -> PlannedFault | None:
        """Count the call and run into its fault; a fault during a write is returned."""
        note_call(operation)
        with self.lock:
            self.book.calls.append(operation)
            self._settle_due()
            if self.book.is_down:
                raise ErpUnavailable("not reached: the ERP is down", nothing_sent=True)
            planned = self._take_fault(operation)
        if planned is not None:
            run_into(planned, operation, deadline_s)
        return planned

    def _take_fault(self, operation: str) -> PlannedFault | None:
        for planned in self.book.faults:
            if planned.times > 0 and (not planned.operations or operation in planned.operations):
                planned.times -= 1
                return planned
        return None

    def _settle_due(self) -> None:
        now = time.monotonic()
        due = [commit for at, commit in self.book.pending if at <= now]
        self.book.pending = [(at, commit) for at, commit in self.book.pending if at > now]
        for commit in due:
            commit()

    def _offer(self, context: r.PriceContext, ask: r.Ask, *, ladders: bool, warehouses: bool) -> r.Offer:
        item = self.book.items.get(ask.sku)
        if item is None or not item.is_active:
            currency = self.book.currency
            return r.Offer(ask.sku, ask.erp_id, ask.quantity, "", currency, net_price=None, is_salable=False)
        steps = self.book.steps(context.price_list, item)
        reached = [step.net_price for step in steps if step.quantity <= ask.quantity]
        return r.Offer(
            sku=ask.sku,
            erp_id=ask.erp_id,
            quantity=ask.quantity,
            unit=item.sales_unit.code,
            currency=self.book.currency,
            net_price=reached[-1] if reached else steps[0].net_price if steps else None,
            list_price=item.list_price,
            steps=steps if ladders else (),
            rule=context.price_list,
            stock=_stock(self.book.stock.get(ask.sku), warehouses=warehouses),
            expected=self.book.expected.get(ask.sku, ()),
        )

    def _document(self, operation: str, filename: str, deadline_s: float) -> ports.Pdf:
        self._enter(operation, deadline_s)
        return ports.Pdf(filename=filename, content=b"%PDF-1.4\n%%EOF\n")


_shared = FakeErp()


def shared() -> FakeErp:
    """Return the instance that the settings name."""
    return _shared


def _stock(found: tuple[r.WarehouseStock, ...] | None, *, warehouses: bool) -> tuple[r.WarehouseStock, ...] | None:
    if found is None or warehouses:
        return found
    on_hand = sum((s.on_hand for s in found), Decimal(0))
    return (r.WarehouseStock("", on_hand, sum((s.available for s in found), Decimal(0))),)


def _id_key(erp_id: str) -> tuple[int, str]:
    return len(erp_id), erp_id


def _by_id(record: Any) -> tuple[int, str]:
    return _id_key(record.erp_id)


def _by_change(record: Any) -> tuple[dt.datetime, tuple[int, str]]:
    return record.version, _id_key(record.erp_id)


def _is_after(record: Any, cursor: r.Cursor, *, by_change: bool) -> bool:
    if by_change and cursor.changed_at is not None:
        return _by_change(record) > (cursor.changed_at, _id_key(cursor.last_id))
    return _by_id(record) > _id_key(cursor.last_id)
