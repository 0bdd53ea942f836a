"""A shop for model_fuzz: two colleagues, a rep, an ERP that may fail, and what a model says must be true of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import F, Q, Sum
from django.utils import timezone

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake_book import Book
from erp_sync.mirror.models import Invoice, Item, SyncState
from erp_sync.outbox import exporter
from shop.carts.models import CartLine
from shop.orders import states as order_states
from shop.orders.models import Order, OrderMove, OrderState
from shop.payments import settling
from shop.payments import states as payment_states
from shop.payments.models import Allocation, Payment, PaymentMove, PaymentState
from shop.quotes import states as quote_states
from shop.quotes.models import Quote, QuoteMove, QuoteState
from tests.builders import catalogue, invoices, people

Lines = list[tuple[str, Decimal, Decimal]]
SKUS = ("A-1", "B-2", "C-3")
S = PaymentState
# A payment that is checked by a person holds money that came on top: that is why he checks it.
COUNTED = (S.STARTED, S.PENDING, S.CAPTURED)


class Market:
    """The company with its people, two open invoices, and the ERP; opened again for each history."""

    def __init__(self) -> None:
        self.erp = fake.shared()
        self.erp.reset()
        self.company = people.sold_to()
        self.erp.add_customer(self.company.erp_id)
        self.buyers = [people.buyer(self.company), people.buyer(self.company)]
        self.rep = people.rep(self.company)
        self.place = self.company.erp_id.replace("C", "A")
        for sku in SKUS:
            catalogue.item(sku, price="10.00")
        self.paid_by_bank: set[str] = set()
        for due in ("100.00", "33.33"):
            invoices.invoice(self.company, due)
        self.beginning = copied(self.erp.book)
        self.forget()

    def open_again(self, *, enforces_reference: bool) -> None:
        """Let the ERP be as it was at the beginning; the database is the caller's."""
        self.erp.book = copied(self.beginning)
        self.erp.capabilities = replace(self.erp.capabilities, enforces_reference=enforces_reference)
        self.paid_by_bank = set()
        self.forget()

    def forget(self) -> None:
        """Let caches and breakers be as after a while."""
        gateway.forget()
        cache.clear()

    def sell(self, sku: str, *, is_active: bool) -> None:
        """Withdraw an item, or sell it again."""
        Item.objects.filter(sku=sku).update(is_active=is_active)
        self.erp.put("items", replace(self.erp.book.items[sku], is_active=is_active))
        self.forget()

    def price(self, sku: str, price: str) -> None:
        """Let the ERP ask another price."""
        self.erp.set_price("", sku, (1, price))
        self.forget()

    def carry(self) -> None:
        """Let the outbox write what is due; what was late in the ERP has happened by now."""
        self.erp.settle()
        self.forget()
        exporter.export_due(now=timezone.now())

    def pull(self) -> None:
        """Let the mirror show invoices and payments as the ERP has them."""
        invoices.pull()
        settling.mark_booked(now=timezone.now())

    def pay_by_bank(self, invoice: Invoice) -> None:
        """Let an invoice be paid past us."""
        record = self.erp.book.records["invoices"][invoice.erp_id]
        self.erp.put("invoices", replace(record, amount_due=Decimal(0), state="paid", version=timezone.now()))
        self.paid_by_bank.add(invoice.erp_id)


def copied(book: Book) -> Book:
    """Return a book that changes by itself; what is written in it never does."""
    fresh: dict[str, Any] = {
        one.name: type(value)(value)
        for one in fields(book)
        if isinstance(value := getattr(book, one.name), dict | list) and one.name != "records"
    }
    records = {kind: dict(known) for kind, known in book.records.items()}
    return replace(book, **fresh, records=records, lock=threading.RLock())


EVERYTHING = "everything"
CARTS = {"shop_cart", "shop_cartline", EVERYTHING}
ORDERS = {"shop_order", "shop_orderline", EVERYTHING}
QUOTES = {"shop_quote", "shop_quoteversion", "shop_versionline", *ORDERS}
MONEY = {"shop_payment", "shop_allocation", "shop_refund", "erp_sync_invoice", "erp_sync_syncstate", EVERYTHING}


class Written:
    """Notes to which tables something was written through this connection (for `connection.execute_wrapper`)."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: Any, *arguments: Any) -> Any:
        """Note and execute."""
        verb, _space, rest = str(sql).lstrip().partition(" ")
        if verb in {"INSERT", "UPDATE", "DELETE"} and '"' in rest:
            self.tables.add(rest.split('"', 2)[1])
        return execute(sql, *arguments)

    def since(self) -> set[str]:
        """Return what was noted since this was asked last."""
        noted, self.tables = self.tables, set()
        return noted


# --- what must be true --------------------------------------------------------------------------------------------


def check_baskets(market: Market, expected: list[dict[str, Decimal]]) -> None:
    """Everybody's basket holds exactly what he put there and did not order: nothing lost, nothing added."""
    found: list[dict[str, Decimal]] = [{}, {}]
    people_of = [buyer.user.pk for buyer in market.buyers]
    for user, sku, quantity in CartLine.objects.values_list("cart__user", "sku", "quantity"):
        found[people_of.index(user)][sku] = quantity
    assert found == expected


def check_once(market: Market) -> None:
    """No order and no payment is in the ERP twice."""
    orders = Counter(one.order.reference for one in market.erp.book.orders.values())
    assert [reference for reference, times in orders.items() if times > 1] == []
    parts = Counter((one.reference, one.invoice_erp_id) for one in market.erp.book.records["payments"].values())
    assert [part for part, times in parts.items() if times > 1] == []


def check_totals(market: Market) -> None:
    """What is confirmed is in the ERP, at the ERP's total."""
    for order in Order.objects.filter(state=OrderState.CONFIRMED):
        (found,) = market.erp.orders_of(order.reference)
        assert (order.total, order.untaxed_total) == (found.totals.total, found.totals.untaxed)


def check_quotes(market: Market, accepted: dict[int, list[tuple[int, Lines]]]) -> None:
    """A quote is one order that lives, at exactly the quoted prices, here and in the ERP."""
    for key, orders in accepted.items():
        alive = list(Order.objects.filter(pk__in=[pk for pk, _lines in orders]).exclude(state=OrderState.REJECTED))
        quote = Quote.objects.get(pk=key)
        assert len(alive) <= 1
        assert (quote.state == QuoteState.ACCEPTED) == bool(alive)
        for order in alive:
            agreed = dict(orders)[order.pk]
            assert quote.order_id == order.pk
            assert agreed == list(order.lines.values_list("sku", "quantity", "net_price"))
            for found in market.erp.orders_of(order.reference):
                assert agreed == [(one.sku, one.quantity, one.net_price) for one in found.order.lines]


def check_money(market: Market) -> None:
    """What is being paid is at most what is due, and the ERP got what was charged."""
    pulled_at = SyncState.objects.filter(kind="invoices").values_list("last_success_at", flat=True).first()
    unseen = Q(payment__state__in=(S.SENT_TO_ERP, S.BOOKED))
    if pulled_at is not None:
        unseen &= Q(payment__written_at__gte=pulled_at)
    rows = Allocation.objects.filter(Q(payment__state__in=COUNTED) | unseen).values_list("invoice_erp_id")
    held = dict(rows.annotate(held=Sum(F("amount") + F("discount"))).order_by())
    due = dict(Invoice.objects.values_list("erp_id", "amount_due"))
    free = {one: due[one] - amount for one, amount in held.items() if one not in market.paid_by_bank}
    assert all(amount >= 0 for amount in free.values()), free
    assert all(one.amount_due >= 0 for one in market.erp.book.records["invoices"].values())
    for payment in Payment.objects.filter(state__in=(S.SENT_TO_ERP, S.BOOKED)):
        written = [one for one in market.erp.book.records["payments"].values() if one.reference == payment.reference]
        back = sum(payment.refunds.filter(state="booked").values_list("amount", flat=True), Decimal(0))
        assert sum(one.amount for one in written if one.state == "succeeded") == payment.amount - back
    for payment in Payment.objects.filter(state=S.REFUNDED).exclude(erp_id=""):
        assert sum(payment.refunds.exclude(state="refused").values_list("amount", flat=True)) == payment.amount


def check_moves(written: set[str]) -> None:
    """Every step that was taken is allowed, and begins where the one before ended."""
    kinds: tuple[tuple[Any, Any, str, dict[str, frozenset[str]]], ...] = (
        (OrderMove, Order, "order_id", order_states.ALLOWED),
        (QuoteMove, Quote, "quote_id", quote_states.ALLOWED),
        (PaymentMove, Payment, "payment_id", payment_states.ALLOWED),
    )
    for moves, movers, of, allowed in kinds:
        if not written & {moves._meta.db_table, movers._meta.db_table, EVERYTHING}:
            continue
        at: dict[int, str] = {}
        for key, before, after in moves.objects.order_by("pk").values_list(of, "from_state", "to_state"):
            assert before == at.get(key, ""), (of, key, before, at.get(key))
            assert before in {"", after} or after in allowed[before], (of, key, before, after)
            at[key] = after
        rows = dict(movers.objects.values_list("pk", "state"))
        assert {key: rows[key] for key in at} == at
