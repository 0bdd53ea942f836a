"""Offers: what they take off, whose they are, and that orders take each as often as it may be taken."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from accounts.models import Membership, SoldTo
from erp_sync import gateway
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Customer
from erp_sync.outbox import exporter
from shop.approvals import services as approval_services
from shop.approvals.models import Approval
from shop.carts import selectors as baskets
from shop.carts import services as carts
from shop.carts.models import CartLine
from shop.deliveries import watch
from shop.errors import BasketChanged
from shop.offers.models import Audience, Gives, Offer, OfferUse
from shop.offers.selectors import OfferLine, deal_of
from shop.offers.words import less
from shop.orders import approving, services
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderState
from shop.orders.services import CheckoutData
from tests.builders import approvals, catalogue, deliveries, offers, people
from tests.builders.orders import place_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(erp: FakeErp) -> Actor:
    """A buyer with 3 x 20.00 and 10 x 1.50 in his basket: 75.00."""
    group = catalogue.category("Fasteners")
    actor = people.buyer()
    erp.add_customer(actor.sold_to.erp_id)
    catalogue.item("A-1", price="20.00")
    catalogue.item("B-2", price="1.50", category_erp_ids=(group.erp_id,))
    fill(actor)
    return actor


def fill(actor: Actor) -> None:
    for sku, quantity in (("A-1", "3"), ("B-2", "10")):
        carts.add_line(actor=actor, sku=sku, quantity=Decimal(quantity), language="en", now=timezone.now())


def typed(actor: Actor) -> CheckoutData:
    current = checkout(actor=actor, now=timezone.now())
    return CheckoutData(current.places[0].erp_id, "PO-1", None, "", str(current.fingerprint))


def place(actor: Actor, data: CheckoutData | None = None) -> Order:
    return place_order(actor=actor, key=uuid.uuid4(), data=data or typed(actor), now=timezone.now())


def discount(actor: Actor) -> Decimal | None:
    found = baskets.basket(actor=actor).discount
    return found.amount if found else None


def test_order_carries_the_discount_as_a_line_and_the_total_is_the_erps(erp: FakeErp, buyer: Actor) -> None:
    offers.offer()
    shown = checkout(actor=buyer, now=timezone.now())
    assert shown.totals is not None
    assert (shown.totals.untaxed, shown.totals.total) == (Decimal("71.25"), Decimal("86.21"))
    order = place(buyer)
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    assert (order.state, order.total) == (OrderState.CONFIRMED, Decimal("86.21"))
    sent = erp.orders_of(order.reference)[0].order
    assert sent.discount is not None
    assert (sent.discount.amount, sent.discount.words) == (Decimal("3.75"), "Autumn")
    use = OfferUse.objects.get(order_key=order.order_key)
    assert (use.amount, use.rule["gives"], use.is_released) == (Decimal("3.75"), "5.00 percent", False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"minimum": "75.00"}, "3.75"),
        ({"minimum": "75.01"}, None),
        ({"gives": Gives.AMOUNT, "value": "20", "minimum": "50"}, "20.00"),
        ({"skus": ["A-1"]}, "3.00"),
        ({"skus": ["A-1"], "minimum": "70"}, None),
        ({"skus": ["NONE"]}, None),
        ({"budget": "3.74"}, None),
        ({"budget": "3.75"}, "3.75"),
        ({"is_active": False}, None),
        ({"audience": Audience.PRICE_LIST, "price_list": "other"}, None),
        ({"audience": Audience.CHOSEN}, None),
    ],
)
def test_what_an_offer_takes_off(buyer: Actor, changes: dict[str, Any], expected: str | None) -> None:
    offers.offer(**changes)
    assert discount(buyer) == (Decimal(expected) if expected else None)


def test_a_category_counts_its_lines_alone_and_the_erp_is_told_which(buyer: Actor) -> None:
    category = next(iter(baskets.basket(actor=buyer).lines[1].item.category_ids))  # type: ignore[union-attr]
    offers.offer(category_erp_id=category, value="10")
    found = baskets.basket(actor=buyer).discount
    assert found is not None
    assert (found.amount, found.line_nos) == (Decimal("1.50"), (2,))


def test_offers_are_not_added_up_the_best_one_counts(buyer: Actor) -> None:
    offers.offer("Small")
    offers.offer("Large", value="10")
    found = baskets.basket(actor=buyer)
    assert found.discount is not None
    assert (found.discount.words, found.discount.amount) == ("Large", Decimal("7.50"))
    assert [one.name for one in found.offers] == ["Small"]


def test_days_are_the_sellers_and_both_ends_count() -> None:
    offer = Offer(starts_on=dt.date(2026, 11, 1), ends_on=dt.date(2026, 11, 30))
    days = [dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2026, 12, 1)]
    assert [offer.runs_on(day) for day in days] == [False, True, True, False]


def test_a_chosen_company_has_it_and_another_has_not(buyer: Actor) -> None:
    offers.offer(audience=Audience.CHOSEN).companies.add(buyer.sold_to)
    other = people.buyer()
    fill(other)
    assert (discount(buyer), discount(other)) == (Decimal("3.75"), None)


def test_sign_up_credit_is_for_companies_that_joined_on_its_days_and_once(erp: FakeErp, buyer: Actor) -> None:
    offers.offer("Welcome", audience=Audience.NEW, is_once=True, gives=Gives.AMOUNT, value="20", minimum="40")
    old = people.buyer()
    fill(old)
    erp.add_customer(old.sold_to.erp_id)
    Membership.objects.filter(sold_to=old.sold_to).update(created_at=timezone.now() - dt.timedelta(days=99))
    assert (discount(buyer), discount(old)) == (Decimal("20.00"), None)
    place(buyer)
    fill(buyer)
    assert discount(buyer) is None


def test_a_rep_who_orders_for_the_customer_has_no_online_offer(erp: FakeErp, buyer: Actor) -> None:
    offer = offers.offer()
    rep = people.assisting(buyer.sold_to)
    fill(rep)
    assert discount(rep) is None
    Offer.objects.filter(pk=offer.pk).update(is_self_service=False)
    assert discount(rep) == Decimal("3.75")


def test_an_offer_that_ends_between_basket_and_checkout_is_never_dropped_silently(buyer: Actor) -> None:
    offers.offer()
    data = typed(buyer)
    Offer.objects.update(is_active=False)
    with pytest.raises(BasketChanged):
        place(buyer, data)
    assert (Order.objects.count(), CartLine.objects.count()) == (0, 2)
    assert place(buyer).untaxed_total == Decimal("75.00")


def test_the_checkout_knows_what_another_process_wrote_a_moment_ago(buyer: Actor, settings: Settings) -> None:
    settings.MIRROR_RECHECK_S = 30
    assert discount(buyer) is None
    offers.offer()
    assert discount(buyer) is None  # a page to look at may be half a minute old
    assert checkout(actor=buyer, now=timezone.now()).basket.discount is not None
    Offer.objects.update(is_active=False)
    assert checkout(actor=buyer, now=timezone.now()).basket.discount is None


def test_an_offer_that_ends_while_the_erp_is_asked_is_noticed_in_the_transaction(
    buyer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers.offer("Gone")
    data = typed(buyer)
    real = services._create  # noqa: SLF001 (the moment between reading and writing)

    def created(**given: object) -> Order:
        Offer.objects.update(is_active=False)
        return real(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "_create", created)
    with pytest.raises(BasketChanged, match="“Gone” has ended or is used up"):
        place(buyer, data)
    assert (Order.objects.count(), OfferUse.objects.count(), CartLine.objects.count()) == (0, 0, 2)


def test_with_the_erp_down_the_order_waits_with_its_discount(erp: FakeErp, buyer: Actor) -> None:
    offers.offer()
    checkout(actor=buyer, now=timezone.now())
    erp.book.is_down = True
    gateway.forget()
    order = place(buyer)
    assert (order.state, order.total) == (OrderState.PENDING_CONFIRMATION, None)
    erp.book.is_down = False
    gateway.forget()
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    assert (order.state, order.untaxed_total) == (OrderState.CONFIRMED, Decimal("71.25"))


def test_a_refused_order_gives_the_offer_back(erp: FakeErp, buyer: Actor) -> None:
    offer = offers.offer(budget="4.00", is_once=True)
    place(buyer)
    offer.refresh_from_db()
    assert offer.used == Decimal("3.75")
    erp.fail("reject", "create_order")
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    offer.refresh_from_db()
    assert offer.used == 0
    assert discount(buyer) == Decimal("3.75")


def test_an_erp_without_discount_lines_gets_no_offers(erp: FakeErp, buyer: Actor) -> None:
    offers.offer()
    erp.capabilities = dataclasses.replace(erp.capabilities, has_discount_lines=False)
    assert discount(buyer) is None


def test_an_order_that_waits_for_approval_keeps_its_discount_and_gives_it_back_when_declined(erp: FakeErp) -> None:
    office = approvals.office()
    approvals.rule(office.sold_to)
    offer = offers.offer(budget="6.00")
    approval = approvals.waiting(office.buyer)
    assert approval.untaxed_total == Decimal("95.00")
    offer.refresh_from_db()
    assert offer.used == Decimal("5.00")
    shown = approval.content_hash
    approval_services.decline(actor=office.approver, approval=approval, shown=shown, reason="No", now=timezone.now())
    offer.refresh_from_db()
    assert offer.used == 0
    approval_services.take_back(actor=office.buyer, approval=approval, now=timezone.now())
    again = approvals.sent_again(office.buyer)
    assert isinstance(again, Approval)
    Offer.objects.update(is_active=False)
    order = approving.approve(actor=office.approver, approval=again, shown=approvals.shown(again), now=timezone.now())
    assert order is not None
    assert order.untaxed_total == Decimal("95.00")
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    sent = erp.orders_of(order.reference)[0].order
    assert sent.discount is not None
    assert sent.discount.amount == Decimal("5.00")


def test_a_percentage_is_shown_as_it_is_given_not_rounded(buyer: Actor) -> None:
    assert less(offers.offer(value="2.25")) == "\u22122.25\N{NO-BREAK SPACE}%"
    assert discount(buyer) == Decimal("1.69")  # of 75.00


def test_what_is_taken_off_has_no_more_decimals_than_the_currency(buyer: Actor, settings: Settings) -> None:
    settings.COMPANY_CURRENCY = "CLP"
    Customer.objects.update(currency="CLP")
    offers.offer(value="2.5")
    lines = [OfferLine(1, "A-1", (), Decimal(1250))]
    found = deal_of(actor=Actor(buyer.user, SoldTo.objects.get()), lines=lines, currency="CLP", now=timezone.now())
    assert found.discount is not None
    assert found.discount.amount == Decimal(31)


def test_an_order_that_the_erp_cancels_gives_its_offer_back(erp: FakeErp, buyer: Actor) -> None:
    offer, order = offers.offer(budget="6"), place(buyer)
    deliveries.order(buyer.sold_to, web_reference=order.reference, status="cancelled")
    for seconds in (0, 60):
        watch.look(now=timezone.now() + dt.timedelta(seconds=seconds))
    offer.refresh_from_db()
    assert (offer.used, OfferUse.objects.get().is_released) == (Decimal(0), True)
