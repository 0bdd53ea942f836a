"""A sample that is found in whatever ERP the settings name: for `manage.py erp_check`."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.confirmed import Confirmed
from erp_sync.conformance.sample import CannotAsk, KnownPrice
from erp_sync.errors import ErpError, ErpMisconfigured
from erp_sync.faults import BrokenLine, LineFault, broken_line
from erp_sync.ports import Erp

SECONDS = 60.0
PAGE = 200
CUSTOMERS = 1_000
ITEMS = 600
DOCUMENTS = 2_000
ASKED = 6
CREDIT_NEEDED = Decimal(1_000)
CREDITS_ASKED = 20
MARK = "Conformance check"


class LiveSample:
    """Customers, items and documents of the ERP itself, read once when they are needed first.

    Raises:
        ErpMisconfigured: the ERP has no customer or fewer than three items that it sells to him.
    """

    unlimited_deadline_s = SECONDS

    def __init__(self, erp: Erp, *, confirmed: Sequence[Confirmed] = (), customer: str = "") -> None:
        self.erp = erp
        self._confirmed = confirmed
        wanted = {one.customer for one in confirmed} | ({customer} if customer else set())
        self.customers: Sequence[r.CustomerRecord] = self._customers(wanted)
        self._items = {one.sku: one for one in self._sold({one.sku for one in confirmed})}
        self.customer = self._chosen(customer)
        self.context = self._context(self.customer)
        self.asks: Sequence[r.Ask] = self._asks()
        self._started = erp.now(deadline_s=SECONDS)
        self._documents: dict[str, list[Any]] = {}
        self._pairs: Iterator[tuple[r.InvoiceRecord, r.InvoiceRecord]] | None = None
        self._lines: Iterator[r.NewReturn] | None = None

    @property
    def items(self) -> Mapping[str, r.ItemRecord]:
        """Return the items that were found."""
        return self._items

    @property
    def invoice_erp_id(self) -> str:
        """Return an invoice, "" when there is none."""
        invoices = self.erp.pull("invoices", r.Cursor(), limit=1, deadline_s=SECONDS).records
        return str(getattr(invoices[0], "erp_id", "")) if invoices else ""

    def known_prices(self) -> Sequence[KnownPrice]:
        """Return the prices that the staff confirmed."""
        if not self._confirmed:
            raise CannotAsk(
                _(
                    "No price was confirmed by your staff. Write a CSV with customer,item,quantity,price (20 lines "
                    "that your sales desk vouches for: each price list, a quantity break, a contract), and give it "
                    "by --prices."
                )
            )
        numbers = {one.number: one for one in self.customers}
        missing = [one for one in self._confirmed if one.customer not in numbers or one.sku not in self._items]
        if missing:
            raise CannotAsk(
                _("The ERP has no customer {customer} or no item {sku} on sale.").format(
                    customer=missing[0].customer, sku=missing[0].sku
                )
            )
        return [
            KnownPrice(
                self._context(numbers[one.customer]),
                r.Ask(one.sku, self._items[one.sku].erp_id, one.quantity),
                one.price,
            )
            for one in self._confirmed
        ]

    def order(self, *, factor: int = 1) -> r.NewOrder:
        """Return a new order of the asks to the customer's first ship-to."""
        asks = [replace(ask, quantity=ask.quantity * factor) for ask in self.asks[:3]]
        return self._order(self.context, asks)

    def over_limit(self) -> r.NewOrder:
        """Return an order of more than the smallest room that a customer has."""
        limited = [(left, one) for one in self._credited() if (left := self._left(one)) is not None]
        if not limited:
            raise CannotAsk(_("None of the first {count} customers has a credit limit.").format(count=CREDITS_ASKED))
        left, customer = min(limited, key=lambda pair: pair[0])
        ask = self.asks[0]
        price = self._offers(self._context(customer), [ask])[0].net_price
        if not price:
            raise CannotAsk(
                _("Item {sku} has no price for customer {number}.").format(sku=ask.sku, number=customer.number)
            )
        # Twice the room: the ERP may price the order lower than what is shown.
        times = math.ceil((max(left, Decimal(0)) * 2 / price + 5) / ask.quantity)
        return self._order(self._context(customer), [replace(ask, quantity=ask.quantity * times)])

    def returnable(self) -> r.NewReturn:
        """Return a return of one of a delivered line; each line is given out once."""
        self._lines = self._lines or self._delivered()
        found = next(self._lines, None)
        if found is None:
            raise CannotAsk(_("None of the {count} orders read was delivered.").format(count=len(self._all("orders"))))
        return found

    def open_invoices(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return two open invoices of one customer; each is given out once."""
        self._pairs = self._pairs or self._open_pairs()
        found = next(self._pairs, None)
        if found is None:
            raise CannotAsk(_("No customer has two invoices (any more) with nothing paid yet."))
        return found

    def credit_note(self) -> tuple[r.InvoiceRecord, r.InvoiceRecord]:
        """Return an invoice and a smaller credit note of its customer."""
        unpaid = [one for one in self._all("invoices") if one.state == "open" and one.amount_due == one.total]
        for note in (one for one in unpaid if one.kind == "credit"):
            for one in unpaid:
                is_his = one.kind == "invoice" and one.customer_erp_id == note.customer_erp_id
                if is_his and one.amount_due > note.amount_due:
                    return one, note
        raise CannotAsk(_("No customer has a credit note and a larger invoice open."))

    def broken_line(self, fault: LineFault, *, step: int = 1) -> AbstractContextManager[BrokenLine]:
        """Break the line of this thread."""
        return broken_line(fault, step=step)

    def clean_up(self) -> tuple[int, list[str]]:
        """Cancel the orders that were written; return how many were, and the numbers of those that stay."""
        cancelled, left = 0, []
        for one in calls.pages(self, "orders", r.Cursor(changed_at=self._started), limit=PAGE):
            if one.customer_reference != MARK or one.status == "cancelled":
                continue
            try:
                wish = r.Cancellation(f"CAN-{one.erp_id}", one.erp_id, one.web_reference, one.customer_erp_id, MARK)
                self.erp.write(wish, deadline_s=SECONDS)
                cancelled += 1
            except ErpError:
                left.append(one.number or one.erp_id)
        return cancelled, left

    # -- finding ---------------------------------------------------------------

    def _customers(self, wanted: set[str]) -> list[r.CustomerRecord]:
        """Return active customers: all that are wanted, else the first ones."""
        found: list[r.CustomerRecord] = []
        for one in self._read("customers"):
            if one.is_active:
                found.append(one)
                wanted.discard(one.number)
            if len(found) >= CUSTOMERS and not wanted:
                break
        if not found:
            raise ErpMisconfigured("the ERP's user sees no active customer: check its rights and the company")
        return found

    def _sold(self, wanted: set[str]) -> list[r.ItemRecord]:
        found: list[r.ItemRecord] = []
        for one in self._read("items"):
            if one.is_active:
                found.append(one)
                wanted.discard(one.sku)
            if len(found) >= ITEMS and not wanted:
                break
        return found

    def _chosen(self, number: str) -> r.CustomerRecord:
        """Return the customer named, else one with a price list and room on his account."""
        if number:
            named = next((one for one in self.customers if one.number == number), None)
            if named is None:
                raise ErpMisconfigured(f"the ERP has no active customer {number!r}")
            return named
        agreed = [one for one in self.customers if one.price_list] or list(self.customers)
        return next((one for one in agreed[:CREDITS_ASKED] if self._has_room(one)), agreed[0])

    def _asks(self) -> list[r.Ask]:
        """Return items that this customer may buy, those with price steps first."""
        tried = [
            r.Ask(one.sku, one.erp_id, max(one.minimum or Decimal(1), one.multiple or Decimal(1)))
            for one in list(self._items.values())[:PAGE]
        ]
        offers = self._offers(self.context, tried, ladders=True)
        sold = [(offer, ask) for offer, ask in zip(offers, tried, strict=True) if offer.is_salable and offer.net_price]
        sold.sort(key=lambda pair: -len(pair[0].steps))
        if len(sold) < 3:
            raise ErpMisconfigured(
                f"customer {self.customer.number} can buy {len(sold)} of the first {len(tried)} items, "
                "three are needed: name another one by --customer"
            )
        others = sold[ASKED // 2 :]
        chosen = sold[: ASKED // 2] + others[:: max(1, len(others) * 2 // ASKED)]
        return [ask for _offer, ask in chosen[:ASKED]]

    def _context(self, customer: r.CustomerRecord) -> r.PriceContext:
        return r.PriceContext(customer.erp_id, customer.price_list, customer.currency)

    def _offers(self, context: r.PriceContext, asks: Sequence[r.Ask], *, ladders: bool = False) -> list[r.Offer]:
        return self.erp.offers(context, asks, ladders=ladders, deadline_s=SECONDS)

    def _order(self, context: r.PriceContext, asks: Sequence[r.Ask]) -> r.NewOrder:
        customer = next(one for one in self.customers if one.erp_id == context.customer_erp_id)
        places = [one.erp_id for one in customer.addresses if one.is_delivery]
        lines = [
            r.NewOrderLine(number, offer.sku, offer.erp_id, offer.quantity, offer.net_price or Decimal(0))
            for number, offer in enumerate(self._offers(context, asks), 1)
        ]
        return r.NewOrder(
            reference=f"WEB-{secrets.token_hex(13).upper()}",
            customer_erp_id=context.customer_erp_id,
            price_list=context.price_list,
            currency=context.currency,
            lines=tuple(lines),
            ship_to_erp_id=places[0] if places else "",
            customer_reference=MARK,
            note="Written by manage.py erp_check --write",
            placed_by="erp_check",
        )

    def _credited(self) -> Sequence[r.CustomerRecord]:
        return self.customers[:CREDITS_ASKED]

    def _left(self, customer: r.CustomerRecord) -> Decimal | None:
        if not self.erp.capabilities.has_credit:
            return None
        return self.erp.credit(customer.erp_id, deadline_s=SECONDS).left

    def _has_room(self, customer: r.CustomerRecord) -> bool:
        left = self._left(customer)
        return left is None or left >= CREDIT_NEEDED

    def _delivered(self) -> Iterator[r.NewReturn]:
        for order in reversed(self._all("orders")):
            for one in order.lines if order.status == "completed" and not order.is_return else ():
                item = self._items.get(one.sku)
                if item and item.minimum is None and one.quantity_delivered >= 1 and one.item_type == "goods":
                    reference = f"RET-{secrets.token_hex(13).upper()}"
                    yield r.NewReturn(
                        reference, order.customer_erp_id, order.erp_id, one.erp_id, "", Decimal(1), one.unit, "damaged"
                    )

    def _open_pairs(self) -> Iterator[tuple[r.InvoiceRecord, r.InvoiceRecord]]:
        waiting: dict[str, r.InvoiceRecord] = {}
        for one in self._all("invoices"):
            if one.kind == "invoice" and one.state == "open" and one.amount_due == one.total:
                other = waiting.pop(one.customer_erp_id, None)
                if other is None:
                    waiting[one.customer_erp_id] = one
                else:
                    yield other, one

    def _all(self, kind: str) -> list[Any]:
        """Return the first records of a kind, read once."""
        if kind not in self._documents:
            found: list[Any] = []
            for one in self._read(kind):
                found.append(one)
                if len(found) >= DOCUMENTS:
                    break
            self._documents[kind] = found
        return self._documents[kind]

    def _read(self, kind: str) -> Iterator[Any]:
        cursor: r.Cursor | None = r.Cursor()
        while cursor is not None:
            page = self.erp.pull(kind, cursor, limit=PAGE, deadline_s=SECONDS)
            yield from page.records
            cursor = page.next
