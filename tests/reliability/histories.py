"""Everything that buyers, a rep, a payer, the clock and the ERP can do, as rules of a state machine (model_fuzz)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from erp_sync.mirror.models import Invoice
from erp_sync.outbox import exporter
from shop.carts import services as carts
from shop.errors import ShopError
from shop.orders import services as orders
from shop.orders import states as order_states
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderMove, OrderState
from shop.payments import refunds, selectors, services, settling, sweep
from shop.payments.models import FakeCharge, Payment
from shop.payments.providers.fake import refunded_of
from shop.payments.services import Wish
from shop.quotes import acceptance, answering, sweeping
from shop.quotes import services as asking
from shop.quotes.acceptance import Acceptance, accept_quote
from shop.quotes.models import Quote
from tests.builders import invoices, quotes
from tests.builders.orders import place_order
from tests.reliability import buyers
from tests.reliability.buyers import SKUS, Lines, Market, Written

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
WHO, SKU, PICK = st.integers(0, 1), st.sampled_from(SKUS), st.integers(0, 99)
PRICES = st.sampled_from(["9.00", "10.00", "10.005", "12.3456"])
FAULTS = ["down", "before", "after", "late", "garbage", "reject"]
OPERATIONS = ["create_order", "accept_quote", "write", "totals", "offers", "find_order", "find_written"]
OUTCOMES = st.sampled_from(["captured", "captured", "pending", "failed", "expired"])


@dataclass
class Page:
    """A checkout page in somebody's browser."""

    who: int
    key: UUID
    data: orders.CheckoutData
    lines: Lines


@dataclass
class Yes:
    """The page of a quote in somebody's browser, ready to be accepted."""

    who: int
    quote: int
    sent: Acceptance
    lines: Lines


class Shop(RuleBasedStateMachine):
    """Everything that can happen. All of one history is a savepoint that is rolled back.

    Attributes:
        market: Made once, before the first history, by who plays them.
    """

    market: Market

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(START, tick=True)
        self.time = self.clock.start()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.written = Written()
        self.noting = connection.execute_wrapper(self.written)
        self.noting.__enter__()
        self.is_open = False
        self.quotes, self.answers, self.payments = 0, 0, 0
        self.baskets: list[dict[str, Decimal]] = [{}, {}]
        self.seen_baskets: list[dict[str, Decimal]] = []
        self.pages: list[Page] = []
        self.yeses: list[Yes] = []
        self.placed: dict[UUID, str] = {}
        self.accepted: dict[int, list[tuple[int, Lines]]] = {}
        self.seen_moves = 0

    def teardown(self) -> None:
        """Let everything come to rest when nothing more goes wrong, look once more, and undo it all."""
        try:
            if self.is_open:
                self.come_to_rest()
        finally:
            self.undo_all()

    def undo_all(self) -> None:
        """Leave the database and the clock as they were."""
        self.noting.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        self.clock.stop()

    def come_to_rest(self) -> None:
        """Let nothing more go wrong: soon no order is on its way any more."""
        self.market.erp.book.is_down = False
        self.market.erp.book.faults.clear()
        for _turn in range(4):
            self.carry()
            if not Order.objects.filter(state__in=order_states.MOVING).exists():
                break
        self.written.tables.add(buyers.EVERYTHING)
        self.all_is_true()
        assert not Order.objects.filter(state__in=order_states.MOVING).exists()
        for rows in (Order, Quote, Payment):  # pytest --hypothesis-show-statistics: how far the histories go
            for state in set(rows.objects.values_list("state", flat=True)):
                event(f"{rows.__name__} {state}")

    @initialize(enforces=st.booleans())
    def open_the_shop(self, enforces: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Begin with two people, three items and two open invoices."""
        self.market.open_again(enforces_reference=enforces)
        self.is_open = True

    @property
    def now(self) -> dt.datetime:
        """What the clock says."""
        return timezone.now()

    # --- basket and order

    @rule(who=WHO, sku=SKU, quantity=st.integers(-1, 30))
    def put(self, who: int, sku: str, quantity: int) -> None:
        """Put something into a basket, also what can't be had."""
        given: dict[str, Any] = {
            "actor": self.market.buyers[who],
            "sku": sku,
            "quantity": Decimal(quantity),
            "language": "en",
        }
        if said(lambda: carts.add_line(**given, now=self.now)):
            self.baskets[who][sku] = self.baskets[who].get(sku, Decimal(0)) + quantity

    @rule(who=WHO, sku=SKU, quantity=st.integers(0, 30))
    def change(self, who: int, sku: str, quantity: int) -> None:
        """Change a quantity."""
        given: dict[str, Any] = {
            "actor": self.market.buyers[who],
            "sku": sku,
            "quantity": Decimal(quantity),
            "language": "en",
        }
        if said(lambda: [carts.set_quantity(**given, now=self.now)]):
            self.baskets[who][sku] = Decimal(quantity)

    @rule(who=WHO, sku=SKU)
    def take_out(self, who: int, sku: str) -> None:
        """Take an item out."""
        carts.remove_line(actor=self.market.buyers[who], sku=sku, now=self.now)
        self.baskets[who].pop(sku, None)

    @rule(who=WHO)
    def open_checkout(self, who: int) -> None:
        """Open the checkout; the page stays in the browser, whatever happens meanwhile."""
        actor = self.market.buyers[who]
        seen = checkout(actor=actor, now=self.now)
        key = seen.basket.cart.order_key if seen.basket.cart else uuid4()
        data = orders.CheckoutData(self.market.place, "", None, "", str(seen.fingerprint))
        lines = [(one.sku, one.quantity, one.net_price) for one in seen.basket.lines]
        self.pages = [*self.pages[-4:], Page(who, key, data, lines)]  # type: ignore[arg-type] # unpriced ones are refused

    @precondition(lambda self: self.pages)
    @rule(pick=PICK)
    def order(self, pick: int) -> None:
        """Send one of the checkout pages, for the first time or again."""
        page = self.pages[pick % len(self.pages)]
        actor = self.market.buyers[page.who]
        made = said(lambda: place_order(actor=actor, key=page.key, data=page.data, now=self.now))
        if made and page.key in self.placed:
            assert made.reference == self.placed[page.key]
        elif made:
            assert list(made.lines.values_list("sku", "quantity", "net_price")) == page.lines
            self.placed[page.key] = made.reference
            self.baskets[page.who] = {}

    # --- the ERP and the clock

    @rule(sku=SKU, price=PRICES)
    def reprice(self, sku: str, price: str) -> None:
        """Let the ERP ask another price."""
        self.market.price(sku, price)

    @rule(sku=SKU, is_active=st.booleans())
    def sell(self, sku: str, is_active: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Withdraw an item, or sell it again."""
        self.market.sell(sku, is_active=is_active)

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS))
    def plan_trouble(self, fault: str, operation: str) -> None:
        """Let the next call of a kind go wrong."""
        self.market.erp.fail(fault, operation, seconds=3600, message="No.")

    @rule(is_down=st.booleans())
    def switch(self, is_down: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Take the ERP off line, or let it come back."""
        self.market.erp.book.is_down = is_down
        self.market.forget()

    @rule()
    def carry(self) -> None:
        """Let two hours pass and the outbox write."""
        self.time.shift(dt.timedelta(hours=2))
        self.market.carry()
        self.put_back()

    @rule()
    def send_at_once(self) -> None:
        """Let the outbox write now."""
        exporter.export_due(now=self.now)
        self.put_back()

    def put_back(self) -> None:
        """What the ERP refused lies in the basket again, unless the item is there already."""
        refused = OrderMove.objects.filter(pk__gt=self.seen_moves, to_state=OrderState.REJECTED, order__quote=None)
        from_baskets = set(self.placed.values())
        for move in refused.order_by("pk").select_related("order"):
            self.seen_moves = move.pk
            if move.order.reference in from_baskets:
                who = [one.user.pk for one in self.market.buyers].index(move.order.placed_by_id)
                for sku, quantity in move.order.lines.values_list("sku", "quantity"):
                    self.baskets[who].setdefault(sku, quantity)

    @rule(days=st.sampled_from([1, 16]))
    def wait(self, days: int) -> None:
        """Let days pass: quotes expire, payments are given up."""
        self.time.shift(dt.timedelta(days=days))
        self.market.forget()
        sweeping.expire(now=self.now)
        sweep.sweep(now=self.now)

    # --- quotes

    @rule(who=WHO, skus=st.lists(SKU, min_size=1, unique=True), quantity=st.integers(1, 9))
    def ask(self, who: int, skus: list[str], quantity: int) -> None:
        """Ask for a quote."""
        self.quotes += bool(
            said(lambda: quotes.asked(self.market.buyers[who], *[(one, str(quantity)) for one in skus]))
        )

    @precondition(lambda self: self.quotes)
    @rule(pick=PICK, price=PRICES, days=st.sampled_from([0, 14]))
    def answer(self, pick: int, price: str, days: int) -> None:
        """Let the rep answer, once more or too late."""
        quote = picked(Quote, pick)
        prices = [price if Decimal(price) >= 10 else "10.00"] * quote.lines.count()
        self.answers += bool(said(lambda: quotes.answered(quote, self.market.rep, *prices, days=days)))

    @precondition(lambda self: self.answers)
    @rule(pick=PICK, who=WHO)
    def read(self, pick: int, who: int) -> None:
        """Open a quote; the page stays in the browser, whatever happens meanwhile."""
        quote = picked(Quote.objects.filter(current_version__gt=0), pick)
        version = quote.versions.get(number=quote.current_version)
        lines = list(version.lines.values_list("sku", "quantity", "net_price"))
        yes = Acceptance(acceptance.fingerprint(version), None, self.market.place)
        self.yeses = [*self.yeses[-4:], Yes(who, quote.pk, yes, lines)]

    @precondition(lambda self: self.yeses)
    @rule(pick=PICK)
    def accept(self, pick: int) -> None:
        """Accept what one of these pages showed, for the first time or again."""
        yes = self.yeses[pick % len(self.yeses)]
        actor, quote = self.market.buyers[yes.who], Quote.objects.get(pk=yes.quote)
        order = said(lambda: accept_quote(actor=actor, quote=quote, acceptance=yes.sent, now=self.now))
        known = self.accepted.setdefault(yes.quote, [])
        if order and order.pk not in dict(known):
            known.append((order.pk, yes.lines))

    @precondition(lambda self: self.quotes)
    @rule(pick=PICK, who=WHO, what=st.sampled_from(["change", "decline", "extend"]))
    def decide(self, pick: int, who: int, what: str) -> None:
        """Ask for a change, decline, or let the rep extend."""
        quote, actor, now = picked(Quote, pick), self.market.buyers[who], self.now
        deeds: dict[str, Callable[[], Any]] = {
            "change": lambda: asking.ask_for_change(actor=actor, quote=quote, now=now),
            "decline": lambda: asking.decline_quote(actor=actor, quote=quote, reason="Too dear", now=now),
            "extend": lambda: answering.extend(
                rep=self.market.rep, quote=quote, until=now.date() + dt.timedelta(days=9), now=now
            ),
        }
        said(deeds[what])

    # --- payments

    @rule(who=WHO, count=st.integers(1, 3), share=st.sampled_from([30, 100]))
    def pay(self, who: int, count: int, share: int) -> None:
        """Start a payment of some invoices, in whole or in part."""
        documents = selectors.open_documents(sold_to=self.market.company)
        chosen = documents[:count]
        amounts = {one.number: round(one.due * share / 100, 2) for one in chosen}
        wish = Wish(tuple(amounts), amounts, provider="fake")
        shown = sum(amounts.values(), Decimal(0))
        actor = self.market.buyers[who]
        begun = said(lambda: services.start(actor=actor, key=uuid4(), wish=wish, shown=shown, now=self.now))
        self.payments += bool(begun)

    @precondition(lambda self: self.payments)
    @rule(pick=PICK, outcome=OUTCOMES, is_silent=st.booleans())
    def end(self, pick: int, outcome: str, is_silent: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Let a charge end at the provider; its message comes, or does not."""
        payment = picked(Payment, pick)
        open_charge = FakeCharge.objects.filter(reference=payment.reference).exclude(state__in=("captured", "refunded"))
        open_charge.update(state=outcome)
        if not is_silent:
            settling.look(payment=payment, now=self.now)

    @precondition(lambda self: self.payments)
    @rule(pick=PICK, amount=st.sampled_from(["1.25", "40.00"]))
    def give_back_there(self, pick: int, amount: str) -> None:
        """Let somebody give money back at the provider's own site; its message comes, perhaps twice."""
        payment = picked(Payment, pick)
        charge = FakeCharge.objects.filter(reference=payment.reference, state="captured").first()
        if charge and Decimal(amount) <= charge.charged - refunded_of(charge):
            charge.refunds[str(uuid4())] = amount
            charge.save()
            for _time in range(2):
                settling.look_again(payment=payment, now=self.now)

    @precondition(lambda self: self.payments)
    @rule(pick=PICK, who=WHO, what=st.sampled_from(["give up", "refund", "refund a part"]))
    def undo(self, pick: int, who: int, what: str) -> None:
        """Give a payment up, or give its money back, all that is left or a part."""
        payment, now = picked(Payment, pick), self.now
        if what != "give up":
            amount = Decimal("10.01") if what == "refund a part" else None
            said(lambda: refunds.refund(payment=payment, by=self.market.rep, reason="Twice", amount=amount, now=now))
        else:
            said(lambda: services.give_up(actor=self.market.buyers[who], payment=payment, now=now))

    @rule(is_more=st.booleans())
    def pull(self, is_more: bool) -> None:  # noqa: FBT001 (hypothesis gives it)
        """Let the mirror catch up, with a new invoice or without."""
        if is_more:
            invoices.invoice(self.market.company, "12.34")
        self.market.pull()

    @rule(pick=PICK)
    def pay_by_bank(self, pick: int) -> None:
        """Let an invoice be paid past us."""
        self.market.pay_by_bank(picked(Invoice, pick))

    # --- truth

    @invariant()
    def all_is_true(self) -> None:
        """Compare the shop and the ERP with the model; what nobody wrote to since is as it was."""
        if not self.is_open:
            return
        written = self.written.since()
        buyers.check_once(self.market)
        if written & buyers.CARTS or self.baskets != self.seen_baskets:
            buyers.check_baskets(self.market, self.baskets)
            self.seen_baskets = [dict(one) for one in self.baskets]
        if written & buyers.ORDERS:
            buyers.check_totals(self.market)
        if written & buyers.QUOTES:
            buyers.check_quotes(self.market, self.accepted)
        if written & buyers.MONEY:
            buyers.check_money(self.market)
        buyers.check_moves(written)


def said(deed: Callable[[], Any]) -> Any:
    """Do it; None when the shop refuses it with a sentence."""
    try:
        return deed()
    except ShopError:
        return None


def picked(rows: Any, pick: int) -> Any:
    """Return one of the rows."""
    found = list(getattr(rows, "objects", rows).order_by("pk"))
    return found[pick % len(found)]
