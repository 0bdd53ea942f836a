"""Whatever a browser sends with a basket, a checkout or a reorder: the price is the server's (price_tamper)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from erp_sync import gateway
from erp_sync.adapters import fake
from shop.carts.models import Cart, CartLine
from shop.carts.quantities import MOST
from shop.orders.models import Order, OrderLine
from shop.quotes.models import Quote
from tests.reliability import world
from tests.reliability.world import SKU, Company, World

pytestmark = pytest.mark.django_db

PRICE = Decimal("4158.73")
# Digits of other scripts: Arabic, Devanagari, full-width, Malayalam, and signs that only look like numbers.
OTHER_ALPHABETS = (
    "\u0661\u0662\u0663",
    "\u0967\u0968",
    "\uff11\uff12",
    "\u0d67\u0d68",
    "\u00b2",
    "\u00bd",
    "\u2167",
    "\u3007",
)
NUMBERS: tuple[str, ...] = (
    "",
    "0",
    "-0",
    "-1",
    "0.00",
    "1",
    "3",
    "0.01",
    "NaN",
    "-Infinity",
    "1e400",
    "1E-400",
    "9" * 40,
    "1" * 5_000,
)
NUMBERS += ("0x10", "1_000", "1.234,5", "1,234.5", "1;DROP", "\x00", "1\x00")
FIELDS = (
    "price", "net_price", "unit_price", "list_price", "seen_price", "price-1", "amount", "total", "untaxed_total",
    "tax", "discount", "currency", "seen_currency", "unit", "pack", "factor", "price_list", "sold_to", "company",
    "customer", "user", "state", "channel", "as_of", "order_key_once", "placed_by", "lines-0-price", "quote",
)  # fmt: skip
WORDS = ("USD", "XXX", "€", "box", "LIST-beta", "confirmed", "-", "../..", "<script>", "{{ 1 }}", "zqbetaqz")

texts = st.sampled_from([*NUMBERS, *OTHER_ALPHABETS, *WORDS]) | st.text(max_size=30) | st.decimals().map(str)
extra = st.dictionaries(st.sampled_from(FIELDS), texts, max_size=6)
MODEST = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclasses.dataclass
class Shopper:
    """A buyer of company alfa who sends what he likes."""

    client: Client
    company: Company

    def post(self, path: str, fields: dict[str, str]) -> HttpResponseBase:
        """Send a form and see that the server did not break."""
        response = self.client.post(path, {name: _sendable(text) for name, text in fields.items()})
        assert response.status_code < 500, (path, fields, response.status_code)
        return response

    def check_basket(self) -> None:
        """See that every price that the basket shows or keeps is the server's."""
        for line in CartLine.objects.all():
            assert line.cart.sold_to_id == self.company.sold_to.pk or line.cart.user_id != self.company.buyer.user.pk
            assert line.seen_price in {None, PRICE}, line.seen_price
            assert line.seen_currency in {"", "EUR"}
            assert 0 < line.quantity <= MOST * 2
        page = self.client.get("/basket/", {"prices": "wait"})
        assert page.status_code == 200

    def open_checkout(self) -> dict[str, str]:
        """Return the fields of the checkout page as it was shown."""
        page = self.client.get("/checkout/")
        form = page.context["form"]
        return {name: str(form[name].value() or "") for name in form.fields}


def _sendable(text: str) -> str:
    """Return the text without half characters, which no browser can send."""
    return text.encode("utf-8", "replace").decode()


@pytest.fixture
def shopper() -> Iterator[Shopper]:
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    two: World = world.build()
    yield Shopper(world.log_in(two.a.buyer), two.a)
    erp.reset()
    gateway.forget()


def undone(act: Callable[[], None]) -> None:
    """Do it and take it back, so that every example begins alike."""
    mark = transaction.savepoint()
    try:
        act()
    finally:
        transaction.savepoint_rollback(mark)


@MODEST
@given(quantity=texts, sku=st.just(SKU) | texts, more=extra)
@example(quantity="2", sku=SKU, more={"price": "0.01", "currency": "USD", "price_list": "LIST-beta"})
@example(quantity="1e400", sku=SKU, more={})
@example(quantity="1", sku="A\x00", more={"next": "//evil.example/"})
def test_adding_takes_no_price(shopper: Shopper, quantity: str, sku: str, more: dict[str, str]) -> None:
    def act() -> None:
        shopper.post("/basket/add/", more | {"sku": sku, "quantity": quantity})
        shopper.check_basket()

    undone(act)


@MODEST
@given(quantity=texts, sku=st.just(SKU) | texts, do=st.sampled_from(["set", "put_back", "swap", "remove"]), more=extra)
@example(quantity="9" * 40, sku=SKU, do="set", more={})
@example(quantity="1", sku="A\x00", do="remove", more={})
@example(quantity="1", sku="A\x00", do="swap", more={})
def test_changing_a_line_takes_no_price(
    shopper: Shopper, quantity: str, sku: str, do: str, more: dict[str, str]
) -> None:
    def act() -> None:
        shopper.post("/basket/line/", more | {"sku": sku, "quantity": quantity, "do": do})
        shopper.check_basket()

    undone(act)


@MODEST
@given(more=extra, typed=st.dictionaries(st.sampled_from(["note", "customer_reference", "requested_on"]), texts))
@example(more={"total": "0.01", "price": "0", "currency": "USD", "sold_to": "2"}, typed={})
@example(more={}, typed={"note": "a\x00b"})
def test_an_order_has_the_servers_prices(shopper: Shopper, more: dict[str, str], typed: dict[str, str]) -> None:
    def act() -> None:
        before = set(Order.objects.values_list("pk", flat=True))
        lines = CartLine.objects.filter(cart__user=shopper.company.buyer.user).count()
        shopper.post("/checkout/", more | shopper.open_checkout() | typed)
        placed = Order.objects.exclude(pk__in=before)
        for order in placed:
            assert (order.sold_to_id, order.currency) == (shopper.company.sold_to.pk, "EUR")
            assert order.untaxed_total == PRICE * 3
            assert {line.net_price for line in OrderLine.objects.filter(order=order)} == {PRICE}
        left = CartLine.objects.filter(cart__user=shopper.company.buyer.user).count()
        assert (len(placed), left) in {(1, 0), (0, lines)}  # ordered, or refused with nothing lost

    undone(act)


@MODEST
@given(field=st.sampled_from(["shown", "order_key", "ship_to"]), text=texts)
@example(field="ship_to", text="A2")
@example(field="shown", text="." * 130)
def test_a_forged_proof_orders_nothing(shopper: Shopper, field: str, text: str) -> None:
    def act() -> None:
        before = Order.objects.count()
        fields = shopper.open_checkout()
        if fields[field] != text:
            response = shopper.post("/checkout/", fields | {field: text})
            assert response.status_code in {400, 409, 422}
            assert Order.objects.count() == before

    undone(act)


@MODEST
@given(quantity=texts, more=extra, row=st.sampled_from(["1", "0", "9999", "99999", "-1", "x", "\u0661"]))
@example(quantity="2", more={"price-1": "0.01", "currency": "USD"}, row="1")
def test_reorder_takes_no_price(shopper: Shopper, quantity: str, more: dict[str, str], row: str) -> None:
    def act() -> None:
        number = shopper.company.order_numbers[0]
        shopper.post(f"/orders/{number}/reorder/", more | {f"take-{row}": "on", f"quantity-{row}": quantity})
        shopper.check_basket()

    undone(act)


@MODEST
@given(more=extra, line=st.sampled_from(["1", "0", "2", "9999", "-1", "x", "\u0661"]))
@example(more={"price": "0.01", "net_price": "0.01", "currency": "USD", "quantity-1": "9"}, line="1")
@example(more={"price-1": "0.01", "amount": "0", "total": "0", "sold_to": "2"}, line="1")
def test_accepting_a_quote_takes_no_price(shopper: Shopper, more: dict[str, str], line: str) -> None:
    quote = Quote.objects.get(sold_to=shopper.company.sold_to, current_version=1)
    quoted = Decimal(shopper.company.price.replace(",", ""))

    def act() -> None:
        before = set(Order.objects.values_list("pk", flat=True))
        page = shopper.client.get(f"/quotes/{quote.reference}/")
        form = page.context["form"]
        fields = {name: str(form[name].value() or "") for name in form.fields}
        shopper.post(f"/quotes/{quote.reference}/accept/", more | fields | {f"take-{line}": "on"})
        placed = Order.objects.exclude(pk__in=before)
        assert len(placed) == (line == "1")
        for order in placed:
            assert (order.sold_to_id, order.currency) == (shopper.company.sold_to.pk, "EUR")
            assert [(one.quantity, one.net_price) for one in order.lines.all()] == [(2, quoted)]
            assert order.untaxed_total == quoted * 2

    undone(act)


@MODEST
@given(shown=texts)
@example(shown="1." + "0" * 32)
def test_a_forged_version_accepts_nothing(shopper: Shopper, shown: str) -> None:
    quote = Quote.objects.get(sold_to=shopper.company.sold_to, current_version=1)

    def act() -> None:
        before = Order.objects.count()
        fields = {"ship_to": shopper.company.ship_to, "take-1": "on", "shown": shown}
        response = shopper.post(f"/quotes/{quote.reference}/accept/", fields)
        assert response.status_code in {400, 409, 422}
        assert Order.objects.count() == before

    undone(act)


def test_control_a_price_from_the_form_would_be_seen(shopper: Shopper) -> None:
    cart = Cart.objects.get(user=shopper.company.buyer.user)
    cart.lines.update(seen_price=Decimal("0.01"))
    with pytest.raises(AssertionError):
        shopper.check_basket()
