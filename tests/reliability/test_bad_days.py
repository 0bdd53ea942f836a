"""Bad input and bad days at the basket and the checkout: a sentence that says what to do, and nothing lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer, WireFault
from erp_sync.mirror.models import Item
from erp_sync.outbox.models import OutboxRow
from shop.carts import services as carts
from shop.carts.models import Cart, CartLine
from shop.orders import services as orders
from shop.orders.checkout import Checkout, checkout
from shop.orders.models import Order, OrderLine, OrderState
from tests.builders import catalogue, people
from tests.reliability.conftest import HTTP_ADAPTER

pytestmark = pytest.mark.django_db

PATH = "/checkout/"
TYPED = {"customer_reference": "PO 4711 / Obra Norte", "note": "Ring at the gate", "requested_on": ""}


@dataclass
class Buyer:
    """A buyer in his browser, with two lines in the basket."""

    client: Client
    actor: Actor

    def put(self, sku: str, quantity: str) -> None:
        """Put something into the basket."""
        carts.add_line(actor=self.actor, sku=sku, quantity=Decimal(quantity), language="en", now=timezone.now())

    def open_checkout(self) -> dict[str, str]:
        """Return the form as the page shows it, with the buyer's words."""
        page = self.client.get(PATH)
        assert page.status_code == 200
        return _form_of(page.context) | TYPED

    def send(self, fields: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        """Send the checkout; return status, text (or where it leads), and the form that is shown again."""
        answer = self.client.post(PATH, fields)
        if answer.status_code == 302:
            return 302, answer.headers["Location"], {}
        return answer.status_code, unescape(answer.content.decode()), _form_of(answer.context)


def _form_of(context: object) -> dict[str, str]:
    form = context["form"]  # type: ignore[index] # Django's context of a test answer
    return {name: str(form[name].value() or "") for name in form.fields}


@pytest.fixture
def erp() -> Iterator[fake.FakeErp]:
    shared = fake.shared()
    shared.reset()
    gateway.forget()
    yield shared
    shared.reset()
    gateway.forget()


@pytest.fixture
def buyer(client: Client, erp: fake.FakeErp) -> Buyer:
    actor = people.acting(client)
    erp.add_customer(actor.sold_to.erp_id, credit_limit=Decimal(1000))
    catalogue.item("A-1", "Bolt", price="2.00")
    catalogue.item("B-2", "Nut", price="0.50", multiple=Decimal(10))
    found = Buyer(client, actor)
    found.put("A-1", "3")
    found.put("B-2", "10")
    return found


def lines() -> list[tuple[str, Decimal]]:
    return sorted(CartLine.objects.values_list("sku", "quantity"))


FULL = [("A-1", Decimal(3)), ("B-2", Decimal(10))]


# --- what is typed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sku", "quantity", "sentence"),
    [
        ("NOPE", "1", "We have no item NOPE. Check the number, or search for its name."),
        ("A-1", "0", "Enter a quantity above zero"),
        ("A-1", "-5", "Enter a quantity above zero"),
        ("A-1", "1000000000", "The most you can order in one line is 999,999."),
        ("A-1", "1.234,5", "sold in steps of 1: enter 1,234 or 1,235."),
        ("B-2", "15", "sold in steps of 10: enter 10 or 20."),
        ("A-1", "many", "“many” is not a number"),
    ],
)
def test_bad_input_is_a_sentence_and_the_basket_stays(buyer: Buyer, sku: str, quantity: str, sentence: str) -> None:
    answer = buyer.client.post(reverse("basket-add"), {"sku": sku, "quantity": quantity}, follow=True)
    assert answer.status_code == 200
    assert sentence in unescape(answer.content.decode())
    assert lines() == FULL


# --- between the basket and the order ------------------------------------------------------------------------------


def _withdraw(erp: fake.FakeErp) -> None:
    Item.objects.filter(sku="A-1").update(is_active=False)


def _lower_credit(erp: fake.FakeErp) -> None:
    for customer in erp.book.credit_limits:
        erp.book.credit_limits[customer] = Decimal(5)
    cache.clear()  # a minute has passed
    gateway.forget()


def _refuse(erp: fake.FakeErp) -> None:
    erp.fail("reject", "totals", times=9, message="Customer is blocked in accounting.")


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (_withdraw, "A-1 is no longer sold. Take it out to go on."),
        (_lower_credit, "above the €5.00 that are left of your credit. Your basket is kept: take lines out"),
        (_refuse, "The ERP refuses this order: Customer is blocked in accounting. Your basket is kept."),
    ],
)
def test_what_stands_in_the_way_is_said_and_nothing_is_lost(
    buyer: Buyer, erp: fake.FakeErp, happens: Callable[[fake.FakeErp], None], sentence: str
) -> None:
    fields = buyer.open_checkout()
    happens(erp)
    status, text, shown = buyer.send(fields)
    assert status == 409
    assert sentence in text
    assert {name: shown[name] for name in TYPED} == TYPED
    assert lines() == FULL
    assert not Order.objects.exists()
    cart = Cart.objects.get()
    assert (cart.customer_reference, cart.note) == (TYPED["customer_reference"], TYPED["note"])


def test_a_new_price_is_confirmed_by_the_buyer_before_anything_is_ordered(buyer: Buyer, erp: fake.FakeErp) -> None:
    fields = buyer.open_checkout()
    erp.set_price("", "A-1", (1, "2.50"))
    status, text, shown = buyer.send(fields)
    assert status == 409
    assert "Please check the new total and confirm." in text
    assert "€2.50" in text
    assert not Order.objects.exists()
    assert {name: shown[name] for name in TYPED} == TYPED
    assert buyer.send(shown)[0] == 302
    assert OrderLine.objects.get(sku="A-1").net_price == Decimal("2.50")


def test_two_tabs_the_older_one_shows_what_changed_first(buyer: Buyer) -> None:
    first_tab = buyer.open_checkout()
    buyer.put("A-1", "1")  # in the second tab
    status, text, shown = buyer.send(first_tab)
    assert status == 409
    assert "check the new total and confirm" in text
    assert not Order.objects.exists()
    assert {name: shown[name] for name in TYPED} == TYPED
    assert buyer.send(shown)[0] == 302
    assert OrderLine.objects.get(sku="A-1").quantity == 4


def test_two_tabs_with_the_same_checkout_are_one_order(buyer: Buyer) -> None:
    one, two = buyer.open_checkout(), buyer.open_checkout()
    first, second = buyer.send(one), buyer.send(two)
    assert first == second
    assert Order.objects.count() == 1


def test_a_double_click_whose_twin_wins_meanwhile_leads_to_the_twins_order(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields, twins = buyer.open_checkout(), []

    def asked_while_the_twin_orders(*, actor: Actor, now: dt.datetime, cost_centre: str | None = None) -> Checkout:
        monkeypatch.setattr(orders, "checkout", checkout)
        twins.append(buyer.send(fields))
        return checkout(actor=actor, now=now, cost_centre=cost_centre)

    monkeypatch.setattr(orders, "checkout", asked_while_the_twin_orders)
    answer = buyer.send(fields)
    assert [answer] == twins
    assert answer[:2] == (302, reverse("checkout-done", args=[Order.objects.get().reference]))


def test_the_back_button_leads_to_the_order_and_never_to_a_second_one(buyer: Buyer) -> None:
    fields = buyer.open_checkout()
    placed = buyer.send(fields)
    page = buyer.client.get(PATH, follow=True)
    assert "Your basket is empty." in unescape(page.content.decode())
    assert buyer.send(fields) == placed
    changed = buyer.send(fields | {"note": "Another gate"})
    assert changed[:2] == (302, reverse("order-list"))
    assert Order.objects.count() == OutboxRow.objects.count() == 1


# --- the ERP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def wire(settings: Settings, erp: fake.FakeErp) -> Iterator[FakeServer]:
    """The ERP behind real sockets, with little patience on our side."""
    server = FakeServer(erp=erp)
    server.start()
    settings.ERP_ADAPTER, settings.ERP_URL = HTTP_ADAPTER, server.url
    settings.ERP_LIMITS = {"page_deadline_s": 0.5, "totals_deadline_s": 0.5, "refresh_threads": 0}
    server.faults.operations = ("offers", "totals", "credit")
    server.faults.drip_s = 2.0
    yield server
    server.stop()


@pytest.mark.parametrize("fault", [WireFault.DRIP, WireFault.HALF_BODY, WireFault.GARBAGE, WireFault.ERROR_BEFORE])
def test_an_erp_that_answers_late_or_half_or_nonsense_costs_no_order(
    wire: FakeServer, buyer: Buyer, fault: WireFault
) -> None:
    fields = buyer.open_checkout()
    wire.faults.kinds, wire.faults.share = (fault,), 1.0
    page = buyer.client.get(PATH)
    assert "You can order all the same" in unescape(page.content.decode())
    status, where, _shown = buyer.send(fields)
    order = Order.objects.get()
    assert (status, where) == (302, reverse("checkout-done", args=[order.reference]))
    assert order.state == OrderState.PENDING_CONFIRMATION
    assert order.total is None
    assert {line.sku: line.net_price for line in order.lines.all()} == {"A-1": Decimal(2), "B-2": Decimal("0.5")}
    assert OutboxRow.objects.get().payload["recheck"] is True
    assert order.customer_reference == TYPED["customer_reference"]


def test_an_erp_that_never_said_a_price_keeps_the_basket_and_says_so(wire: FakeServer, buyer: Buyer) -> None:
    wire.faults.kinds, wire.faults.share = (WireFault.HALF_BODY,), 1.0
    page = unescape(buyer.client.get(PATH).content.decode())
    assert "There is no price for A-1, B-2 at the moment. Your basket is kept: try again in a few minutes" in page
    assert lines() == FULL


# --- the session ---------------------------------------------------------------------------------------------------


def test_a_session_that_ends_in_the_middle_of_the_checkout_loses_no_word(buyer: Buyer) -> None:
    fields = buyer.open_checkout()
    later = timezone.now() + dt.timedelta(hours=9)
    with time_machine.travel(later, tick=True):
        answer = buyer.client.post(PATH, fields)
        assert answer.headers["Location"] == f"{reverse('account_login')}?next={PATH}"
        assert not Order.objects.exists()
        person = {"login": buyer.actor.user.email, "password": people.PASSWORD, "next": PATH}
        answer = buyer.client.post(reverse("account_login"), person)
        assert answer.headers["Location"] == PATH
        again = buyer.client.get(PATH)
        shown = _form_of(again.context)
        assert {name: shown[name] for name in TYPED} == TYPED
        assert lines() == FULL
        assert buyer.send(shown)[0] == 302
    assert Order.objects.get().customer_reference == TYPED["customer_reference"]


def test_a_foreign_order_looks_exactly_like_a_missing_one(buyer: Buyer) -> None:
    buyer.send(buyer.open_checkout())
    number = Order.objects.get().reference
    stranger = Client()
    people.acting(stranger)
    for name in ("order-detail", "checkout-done", "checkout-state", "order-reorder", "order-pdf"):
        foreign, missing = (stranger.get(reverse(name, args=[one])) for one in (number, "WEB-NONE"))
        assert (foreign.status_code, missing.status_code) == (404, 404), name
        assert _plain(foreign.content, number) == _plain(missing.content, "WEB-NONE"), name


def _plain(content: bytes, number: str) -> str:
    """Return a page without the number in its address and without its form's token."""
    return re.sub(r"[A-Za-z0-9]{64}", "", content.decode()).replace(number, "")
