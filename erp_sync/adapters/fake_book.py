"""What the ERP in memory knows, its arithmetic, and the faults it can play."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from erp_sync import ports
from erp_sync import records as r
from erp_sync.errors import ErpBroken, ErpError, ErpRejected, ErpUnavailable

CENT = Decimal("0.01")
TAX_RATE = Decimal("0.21")


class Fault(StrEnum):
    """What may go wrong with a call."""

    DOWN = "down"  # nothing was sent
    SLOW = "slow"  # answers after `seconds`; after the deadline that is no answer, nothing done
    BEFORE = "before"  # broke before the ERP did anything; the caller cannot know
    AFTER = "after"  # the ERP did it, the answer was lost
    LATE = "late"  # no answer; the ERP does it `seconds` later
    HALFWAY = "halfway"  # the order was created but not confirmed, then the answer was lost
    GARBAGE = "garbage"  # the ERP did it and answered nonsense
    REJECT = "reject"  # the ERP says no with `message`
    DUPLICATE = "duplicate"  # the ERP did it twice


WRITES = {"create_order", "accept_quote", "write"}
DURING_A_WRITE = {Fault.AFTER, Fault.LATE, Fault.HALFWAY, Fault.GARBAGE}


@dataclass(slots=True)
class PlannedFault:
    """A fault that the next `times` calls of one of the operations run into."""

    fault: Fault
    operations: tuple[str, ...] = ()
    times: int = 1
    seconds: float = 0.0
    message: str = ""


@dataclass(slots=True)
class FakeOrder:
    """An order as this ERP keeps it."""

    erp_id: str
    number: str
    state: str
    order: r.NewOrder
    totals: r.Totals


@dataclass(slots=True)
class Book:
    """All that this ERP knows; a reset takes a new one."""

    items: dict[str, r.ItemRecord] = field(default_factory=dict)
    prices: dict[tuple[str, str], tuple[r.PriceStep, ...]] = field(default_factory=dict)
    stock: dict[str, tuple[r.WarehouseStock, ...]] = field(default_factory=dict)
    expected: dict[str, tuple[r.Expected, ...]] = field(default_factory=dict)
    credit_limits: dict[str, Decimal | None] = field(default_factory=dict)
    overdue: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, FakeOrder] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in ports.MIRRORED})
    faults: list[PlannedFault] = field(default_factory=list)
    accepted_quotes: dict[str, str] = field(default_factory=dict)
    pending: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    currency: str = "EUR"
    rounds_tax_by: str = "document"
    halves: str = "up"
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_number: int = 0

    def next_id(self) -> str:
        """Return an id that nothing has yet."""
        with self.lock:
            self.last_number += 1
            return str(self.last_number)

    def steps(self, price_list: str, item: r.ItemRecord) -> tuple[r.PriceStep, ...]:
        """Return the ladder of an item in a list, else its list price, else ()."""
        steps = self.prices.get((price_list, item.sku))
        if steps is None and item.list_price is not None:
            steps = (r.PriceStep(Decimal(1), item.list_price),)
        return steps or ()

    def totals(self, order: r.NewOrder) -> r.Totals:
        """Return rounded line amounts plus tax.

        Raises:
            ErpRejected: an item is not sold.
        """
        for line in order.lines:
            item = self.items.get(line.sku)
            if item is None or not item.is_active:
                raise ErpRejected(f'The product "{line.sku}" is not sold.')
        amounts = tuple(self.cents(line.quantity * line.net_price) for line in order.lines)
        charged = amounts if order.discount is None else (*amounts, -order.discount.amount)
        untaxed, tax = sum(charged, Decimal("0.00")), self.tax(charged)
        return r.Totals(self.currency, untaxed, tax, untaxed + tax, line_amounts=amounts)

    def tax(self, amounts: Iterable[Decimal]) -> Decimal:
        """Return the tax on these lines, rounded for each line or once for the document."""
        by_line = self.rounds_tax_by == "line"
        bases = amounts if by_line else [sum(amounts, Decimal("0.00"))]
        return sum((self.cents(one * TAX_RATE) for one in bases), Decimal("0.00"))

    def cents(self, amount: Decimal) -> Decimal:
        """Return an amount to the cent, as this ERP rounds halves."""
        return amount.quantize(CENT, rounding=ROUND_HALF_EVEN if self.halves == "even" else ROUND_HALF_UP)

    def credit(self, customer: str) -> r.CreditPosition:
        """Return the limit and what confirmed orders use of it."""
        mine = [o.totals.total for o in self.orders.values() if _uses_credit(o, customer)]
        used = sum(mine, Decimal("0.00"))
        overdue = self.overdue.get(customer, Decimal(0))
        return r.CreditPosition(self.currency, used, used, overdue, self.credit_limits.get(customer))

    def orders_of(self, reference: str) -> list[FakeOrder]:
        """Return the orders that carry this reference."""
        with self.lock:
            return [order for order in self.orders.values() if order.order.reference == reference]

    def commit(self, order: r.NewOrder, *, once: bool) -> r.WrittenOrder:
        """Create and confirm; with `once` an order with this reference is carried on instead."""
        with self.lock:
            found = self.orders_of(order.reference) if once else []
            return written(self.confirm(found[0] if found else self.create(order)))

    def create(self, order: r.NewOrder) -> FakeOrder:
        """Keep a new quotation."""
        with self.lock:
            totals = self.totals(order)
            number = self.next_id()
            made = FakeOrder(number, f"SO{int(number):05}", "quotation", order, totals)
            self.orders[made.erp_id] = made
            return made

    def confirm(self, made: FakeOrder) -> FakeOrder:
        """Confirm a quotation; a confirmed or cancelled order stays as it is.

        Raises:
            ErpRejected: over the credit limit, or dearer than the buyer accepted.
        """
        if made.state in {"confirmed", "cancelled"}:
            return made
        accepted = made.order.expected_total
        if accepted is not None and made.totals.total > accepted:
            raise ErpRejected(f"The ERP's total is {made.totals.total}, not {accepted}.")
        left = self.credit(made.order.customer_erp_id).left
        if left is not None and made.totals.total > left:
            over = made.totals.total - left
            raise ErpRejected(f'Party "{made.order.customer_erp_id}" exceeds its credit limit by {over}.')
        made.state = "confirmed"
        self.records["orders"][made.erp_id] = _record(made, dt.datetime.now(dt.UTC))
        return made


def run_into(planned: PlannedFault, operation: str, deadline_s: float) -> None:
    """Raise what a caller sees of this fault; a fault during a write is left to the write."""
    if planned.fault is Fault.SLOW:
        time.sleep(min(planned.seconds, deadline_s))
    failure = _failure(planned, deadline_s)
    if failure is not None and not (operation in WRITES and planned.fault in DURING_A_WRITE):
        raise failure


def _failure(planned: PlannedFault, deadline_s: float) -> ErpError | None:
    match planned.fault:
        case Fault.DOWN:
            return ErpUnavailable("not reached: the ERP is down", nothing_sent=True)
        case Fault.REJECT:
            return ErpRejected(planned.message or "The ERP says no.")
        case Fault.GARBAGE:
            return ErpBroken("the answer is not JSON")
        case Fault.DUPLICATE:
            return None
        case Fault.SLOW if planned.seconds < deadline_s:
            return None
    return ErpUnavailable("no answer in time")


def _uses_credit(order: FakeOrder, customer: str) -> bool:
    return order.order.customer_erp_id == customer and order.state == "confirmed"


def written(order: FakeOrder) -> r.WrittenOrder:
    """Return the order as an adapter reports it."""
    lines = tuple((line.line_no, line.quantity, line.net_price) for line in order.order.lines)
    return r.WrittenOrder(order.erp_id, order.number, order.order.reference, order.state, order.totals, lines)


def _record(made: FakeOrder, now: dt.datetime) -> r.OrderRecord:
    order = made.order
    lines = tuple(
        r.OrderLineRecord(
            line_no=line.line_no,
            erp_id=f"{made.erp_id}-{line.line_no}",
            sku=line.sku,
            description=line.sku,
            quantity=line.quantity,
            unit="u",
            net_price=line.net_price,
            amount=amount,
        )
        for line, amount in zip(order.lines, made.totals.line_amounts, strict=True)
    )
    if order.discount is not None:
        lines = (*lines, _discount_line(made, order.discount, len(lines) + 1))
    return r.OrderRecord(
        erp_id=made.erp_id,
        version=now,
        number=made.number,
        customer_erp_id=order.customer_erp_id,
        status="open",
        placed_at=now,
        currency=made.totals.currency,
        channel_hint=r.Channel.SHOP,
        web_reference=order.reference,
        customer_reference=order.customer_reference,
        untaxed_total=made.totals.untaxed,
        tax_total=made.totals.tax,
        total=made.totals.total,
        step="confirmed",
        requested_on=order.requested_on,
        ship_to_erp_id=order.ship_to_erp_id,
        lines=lines,
        allowed=("cancel", "requested_on", "ship_to", "customer_reference", "lines"),
    )


def _discount_line(made: FakeOrder, discount: r.NewDiscount, number: int) -> r.OrderLineRecord:
    return r.OrderLineRecord(
        line_no=number,
        erp_id=f"{made.erp_id}-{number}",
        sku="WEB-DISCOUNT",
        description=discount.words,
        quantity=Decimal(1),
        unit="u",
        net_price=-discount.amount,
        amount=-discount.amount,
        item_type="discount",
    )
