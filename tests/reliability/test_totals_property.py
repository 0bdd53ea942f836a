"""What the shop says something costs is what the ERP says, to the cent, however the ERP rounds (totals_property).

An ERP rounds halves up or to even, and tax by line or by document: the fake ERP plays each of the four. The shop asks
it for totals with tax; what the shop adds up itself (basket, a version of a quote, an order taken while the ERP is
away, the parts of a payment) is compared with what the ERP makes of the same.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day
from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.adapters.fake_book import FakeOrder
from erp_sync.gateway import reads
from erp_sync.outbox import exporter
from shop.carts import selectors as baskets
from shop.carts import services as carts
from shop.invoices.selectors import company_today
from shop.orders import services as orders
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderState
from shop.payments import selectors, services, settling
from shop.payments.models import Payment
from shop.payments.services import Wish
from shop.payments.settling import new_payment
from shop.quotes.acceptance import accept_quote
from shop.quotes.models import Quote
from tests.builders import catalogue, invoices, people, quotes
from tests.builders.orders import place_order

pytestmark = pytest.mark.django_db

# The whole suite: 300 of each kind of document. Nightly: TOTALS_EXAMPLES=10000.
EXAMPLES = int(os.environ.get("TOTALS_EXAMPLES", "300"))
SKUS = ("A-1", "B-2", "C-3", "D-4")
ROUNDING = [(tax, halves) for tax in ("line", "document") for halves in ("up", "even")]
bounded = settings(
    max_examples=max(EXAMPLES // 12, 1),
    deadline=None,
    database=None,
    derandomize=EXAMPLES == 300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Prices to the hundredth of a cent and quantities by the half make many amounts that lie between two cents.
PRICES = st.integers(1, 3_000_000).map(lambda number: Decimal(number).scaleb(-4))
HALVES = st.integers(1, 40_000).map(lambda number: Decimal(number) * Decimal("0.005"))
QUANTITIES = st.one_of(st.integers(1, 99_999).map(Decimal), st.integers(1, 999).map(lambda number: Decimal(number) / 2))
LINE = st.tuples(st.one_of(PRICES, HALVES), QUANTITIES)
LINES = st.lists(LINE, min_size=1, max_size=len(SKUS))
Lines = list[tuple[Decimal, Decimal]]


def soon() -> dt.datetime:
    """Return when everything that was just queued is due."""
    return timezone.now() + dt.timedelta(seconds=1)


def must_fail(test: Any, desk: Desk, **drawn: st.SearchStrategy[Any]) -> None:
    """Run a property in a wrong shop: it must find an example, which nobody needs to see at its smallest."""
    hurried = settings(bounded, phases=[Phase.generate], max_examples=200)
    with pytest.raises(AssertionError):
        hurried(given(**drawn)(test.hypothesis.inner_test))(desk=desk)


@dataclass
class Desk:
    """A buyer, his rep, and an ERP that sells four items in halves."""

    erp: fake.FakeErp
    actor: Actor
    rep: User

    def price(self, lines: Lines) -> None:
        """Let the ERP ask these prices."""
        for sku, (price, _quantity) in zip(SKUS, lines, strict=False):
            self.erp.set_price("", sku, (1, str(price)))
        gateway.forget()
        cache.clear()

    def fill(self, lines: Lines) -> None:
        """Put the quantities into the basket."""
        now = timezone.now()
        for sku, (_price, quantity) in zip(SKUS, lines, strict=False):
            carts.add_line(actor=self.actor, sku=sku, quantity=quantity, language="en", now=now)

    def place(self) -> Order:
        """Order the basket as the checkout page does."""
        now = timezone.now()
        shown = str(checkout(actor=self.actor, now=now).fingerprint)
        place = self.actor.sold_to.erp_id.replace("C", "A")
        data = orders.CheckoutData(place, "", None, "", shown)
        return place_order(actor=self.actor, key=uuid4(), data=data, now=now)

    def in_erp(self, order: Order) -> FakeOrder:
        """Let the outbox write, and return the ERP's order."""
        self.erp.book.is_down = False
        gateway.forget()
        exporter.export_due(now=soon())
        (found,) = self.erp.orders_of(order.reference)
        order.refresh_from_db()
        return found


def new_order(lines: Lines) -> r.NewOrder:
    """Return an order of one item at these prices."""
    items = [r.NewOrderLine(at, "A-1", "item-A-1", quantity, price) for at, (price, quantity) in enumerate(lines, 1)]
    return r.NewOrder("WEB-1", "C1", "", "EUR", tuple(items))


@pytest.fixture(params=ROUNDING, ids=lambda one: "-".join(one))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    tax, halves = request.param
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    erp.round(tax=tax, halves=halves)
    for sku in SKUS:
        catalogue.item(sku, price="0.0001", multiple=Decimal("0.5"))
    actor = people.buyer()
    erp.add_customer(actor.sold_to.erp_id)
    yield Desk(erp, actor, people.rep(actor.sold_to))
    erp.reset()
    gateway.forget()


@contextmanager
def an_example(desk: Desk) -> Iterator[None]:
    """Begin with no order, and undo what the example did."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        book = desk.erp.book
        book.orders.clear()
        for kind in ("orders", "quotes", "invoices", "payments"):
            book.records[kind].clear()
        book.is_down = False
        gateway.forget()
        cache.clear()


# --- what the shop adds up itself ---------------------------------------------------------------------------------


@settings(bounded, max_examples=EXAMPLES)
@given(lines=st.lists(LINE, min_size=1, max_size=30))
def test_the_sum_of_the_lines_is_the_erps(desk: Desk, lines: Lines) -> None:
    totals = desk.erp.book.totals(new_order(lines))
    assert tuple(gateway.line_amount(*line) for line in lines) == totals.line_amounts
    assert sum(totals.line_amounts) == totals.untaxed


def test_control_an_erp_that_rounds_otherwise_than_it_says_is_noticed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ROUND_HALF_UP if desk.erp.book.halves == "even" else ROUND_HALF_EVEN
    monkeypatch.setattr(reads, "_halves", lambda: wrong)
    must_fail(test_the_sum_of_the_lines_is_the_erps, desk, lines=LINES)


# --- orders -------------------------------------------------------------------------------------------------------


@bounded
@given(lines=LINES, is_away=st.booleans())
def test_an_order_costs_what_the_basket_said_and_the_erp_wrote(desk: Desk, lines: Lines, *, is_away: bool) -> None:
    with an_example(desk):
        desk.price(lines)
        desk.fill(lines)
        shown = baskets.basket(actor=desk.actor, live=True).goods_total
        desk.erp.book.is_down = is_away
        order = desk.place()
        assert (order.total is None) == is_away
        promised = order.total
        totals = desk.in_erp(order).totals
        assert shown == totals.untaxed
        assert promised in {None, totals.total}
        assert (order.untaxed_total, order.tax_total, order.total) == (totals.untaxed, totals.tax, totals.total)
        assert (order.state, order.lines.count()) == (OrderState.CONFIRMED, len(lines))
        assert [gateway.line_amount(one.net_price, one.quantity) for one in order.lines.all()] == [*totals.line_amounts]


def test_control_a_shop_that_works_out_the_tax_itself_is_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It rounds tax by the line where the ERP does it by the document, and the other way round."""

    def own_totals(order: r.NewOrder) -> r.Totals:
        other = replace(
            desk.erp.book, rounds_tax_by="line" if desk.erp.capabilities.rounding == "document" else "document"
        )
        return other.totals(order)

    monkeypatch.setattr(gateway, "totals", own_totals)
    test = test_an_order_costs_what_the_basket_said_and_the_erp_wrote
    must_fail(test, desk, lines=LINES, is_away=st.sampled_from([False]))


# --- quotes -------------------------------------------------------------------------------------------------------


@bounded
@given(lines=LINES, is_away=st.booleans())
def test_a_quote_costs_the_same_in_the_shop_in_the_erp_and_as_an_order(
    desk: Desk, lines: Lines, *, is_away: bool
) -> None:
    with an_example(desk):
        asked = [(sku, str(quantity)) for sku, (_price, quantity) in zip(SKUS, lines, strict=False)]
        quote = quotes.asked(desk.actor, *asked)
        version = quotes.answered(quote, desk.rep, *[str(price) for price, _quantity in lines])
        exporter.export_due(now=soon())
        (in_erp,) = desk.erp.book.records["quotes"].values()
        version.refresh_from_db()
        assert (version.untaxed_total, version.total) == (in_erp.untaxed_total, in_erp.total)
        desk.erp.book.is_down = is_away
        fresh = Quote.objects.get(pk=quote.pk)
        order = accept_quote(actor=desk.actor, quote=fresh, acceptance=quotes.yes_to(quote), now=timezone.now())
        assert order.untaxed_total == version.untaxed_total
        totals = desk.in_erp(order).totals
        assert (version.total, order.total, order.tax_total) == (totals.total, totals.total, totals.tax)
        assert order.state == OrderState.CONFIRMED


def test_control_a_quote_whose_lines_are_cut_to_the_cent_is_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "_halves", lambda: ROUND_DOWN)
    must_fail(
        test_a_quote_costs_the_same_in_the_shop_in_the_erp_and_as_an_order, desk, lines=LINES, is_away=st.booleans()
    )


# --- payments -----------------------------------------------------------------------------------------------------

CENTS = st.integers(1, 1_000_000).map(lambda cents: Decimal(cents) / 100)
DUES = st.lists(st.tuples(CENTS, st.integers(1, 100), CENTS), min_size=1, max_size=4)


@bounded
@given(dues=DUES, notes=st.lists(CENTS, max_size=2))
def test_a_payment_settles_in_the_erp_exactly_what_it_says(
    desk: Desk, dues: list[tuple[Decimal, int, Decimal]], notes: list[Decimal]
) -> None:
    with an_example(desk):
        payment = pay(desk, dues, notes)
        before = left(desk)
        parts = list(payment.allocations.all())
        desk.erp.write(new_payment(payment), deadline_s=5)
        after = left(desk)
        written = desk.erp.book.records["payments"].values()
        assert sum(one.amount for one in written) == payment.amount
        assert {one.invoice_erp_id: before[one.invoice_erp_id] - one.amount - one.discount for one in parts} == {
            one.invoice_erp_id: after[one.invoice_erp_id] for one in parts
        }
        assert all(due >= 0 for due in after.values())


def pay(desk: Desk, dues: list[tuple[Decimal, int, Decimal]], notes: list[Decimal]) -> Payment:
    """Start a payment of so many hundredths of each invoice, early, with the oldest credit notes that fit."""
    early: dict[str, Any] = {"discount_until": company_day(timezone.now())}
    made = [
        (invoices.invoice(desk.actor.sold_to, due, discount_amount=min(discount, due), **early), share)
        for due, share, discount in dues
    ]
    for worth in notes:
        invoices.invoice(desk.actor.sold_to, worth, kind="credit")
    amounts = {
        one.number: max(Decimal("0.01"), (one.amount_due * share / 100).quantize(Decimal("0.01"), ROUND_DOWN))
        for one, share in made
    }
    wish = Wish(tuple(amounts), amounts, provider="fake")
    documents, now = selectors.open_documents(sold_to=desk.actor.sold_to), timezone.now()
    shown = services.planned(documents=documents, wish=wish, today=company_today(now)).amount
    return services.start(actor=desk.actor, key=uuid4(), wish=wish, shown=shown, now=now)


def left(desk: Desk) -> dict[str, Decimal]:
    """Return what the ERP has to get for each document."""
    return {one.erp_id: one.amount_due for one in desk.erp.book.records["invoices"].values()}


def test_control_a_payment_that_forgets_the_discount_is_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_discount(invoice: str, amount: Decimal, _discount: Decimal) -> r.Allocation:
        return r.Allocation(invoice, amount)

    monkeypatch.setattr(settling, "r", SimpleNamespace(NewPayment=r.NewPayment, Allocation=without_discount))
    whole = st.lists(st.tuples(CENTS, st.just(100), CENTS), min_size=1, max_size=4)  # a part earns no discount
    must_fail(test_a_payment_settles_in_the_erp_exactly_what_it_says, desk, dues=whole, notes=st.just([]))
