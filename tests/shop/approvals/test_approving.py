"""Yes, no, changed and sent again: one order at most, exactly what was read, nothing typed lost."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.errors import NotPermitted
from accounts.models import AuditEntry, SoldTo
from adoption.events.models import Event
from erp_sync import gateway
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from erp_sync.outbox import exporter
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.signals import WriteSettled
from shop.approvals import services, sweeping
from shop.approvals.errors import ApprovalMoved, ApprovalRefused
from shop.approvals.models import Approval, ApprovalState, BudgetPeriod, Commitment
from shop.approvals.selectors import waiting_ids
from shop.carts.models import Cart, CartLine
from shop.notices.models import Notice
from shop.orders import approving, settling, standing
from shop.orders.models import Order, OrderState
from shop.orders.services import CheckoutBlocked, submit_order
from shop.quotes.acceptance import accept_quote
from shop.quotes.errors import QuoteRefused
from tests.builders import approvals, people, quotes
from tests.builders.approvals import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """A company whose orders above 50.00 need approval."""
    found = approvals.office()
    approvals.rule(found.sold_to)
    return found


def say_yes(office: Office, approval: Approval, **given: object) -> Order | None:
    known = {"actor": approvals.again(office.approver), "shown": approvals.shown(approval), "now": timezone.now()}
    return approving.approve(approval=approval, **(known | given))  # type: ignore[arg-type]


def forget() -> None:
    """Let what was asked before be as after a while."""
    cache.clear()
    gateway.forget()


def untouched(approval: Approval) -> bool:
    approval.refresh_from_db()
    return approval.is_waiting and not Order.objects.exists() and not OutboxRow.objects.exists()


def test_an_approved_order_is_placed_once_with_everything_the_buyer_chose(office: Office, erp: FakeErp) -> None:
    approval = approvals.waiting(office.buyer)
    assert not Order.objects.exists()
    assert not CartLine.objects.exists()
    order = say_yes(office, approval)
    assert order is not None
    assert (order.placed_by, order.channel, order.placed_at) == (office.buyer.user, "web_self", approval.asked_at)
    assert (order.customer_reference, order.note, order.ship_to_erp_id, order.requested_on) == (
        "PO-77", "Gate 3", approval.ship_to_erp_id, approval.requested_on,
    )  # fmt: skip
    assert (order.total, order.approved_by) == (approval.total, str(office.approver.user))
    exporter.export_due(now=timezone.now())
    order.refresh_from_db()
    assert (order.state, len(erp.orders_of(order.reference))) == (OrderState.CONFIRMED, 1)
    event = Event.objects.get(kind="order_submitted")
    assert (event.user_id, event.occurred_at) == (str(office.buyer.user.person_key), approval.asked_at)
    with pytest.raises(ApprovalMoved, match="ordered once"):
        say_yes(office, Approval.objects.get(), actor=approvals.again(office.second))
    assert Order.objects.count() == OutboxRow.objects.count() == 1


def test_a_repeated_click_is_the_same_waiting_order(office: Office) -> None:
    approvals.fill(office.buyer)
    buyer, key = approvals.again(office.buyer), Cart.objects.get().order_key
    data = approvals.typed(buyer)
    first = submit_order(actor=buyer, key=key, data=data, now=timezone.now())
    assert submit_order(actor=buyer, key=key, data=data, now=timezone.now()) == first
    assert Approval.objects.count() == 1


def test_a_declined_order_says_why_and_comes_back_changed_as_a_new_version(office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    actor = approvals.again(office.approver)
    with pytest.raises(ApprovalRefused, match="Say why"):
        services.decline(actor=actor, approval=approval, shown=approval.content_hash, reason=" ", now=timezone.now())
    services.decline(actor=actor, approval=approval, shown=approval.content_hash, reason="Half", now=timezone.now())
    assert Notice.objects.get(event="approval_declined").person == office.buyer.user
    approval.refresh_from_db()
    with pytest.raises(ApprovalMoved, match="declined it"):
        say_yes(office, approval, actor=approvals.again(office.second))
    services.take_back(actor=office.buyer, approval=approval, now=timezone.now())
    cart = Cart.objects.get()
    assert (cart.customer_reference, cart.note, cart.requested_on) == ("PO-77", "Gate 3", approval.requested_on)
    CartLine.objects.update(quantity=8)
    again = approvals.sent_again(office.buyer)
    assert isinstance(again, Approval)
    assert (again.pk, again.revision, again.untaxed_total) == (approval.pk, 2, Decimal(80))
    order = say_yes(office, again)
    assert order is not None
    assert order.untaxed_total == Decimal(80)


def test_an_edit_voids_the_approval_that_was_being_given(office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    read = approvals.shown(approval)
    services.take_back(actor=office.buyer, approval=approval, now=timezone.now())
    with pytest.raises(ApprovalMoved, match="taken it back"):
        say_yes(office, Approval.objects.get(), shown=read)
    CartLine.objects.update(quantity=90)
    approvals.sent_again(office.buyer)
    with pytest.raises(ApprovalMoved, match="has changed it"):
        say_yes(office, Approval.objects.get(), shown=read)
    assert not Order.objects.exists()


def test_what_was_changed_below_the_rule_is_ordered_at_once(office: Office) -> None:
    approval = approvals.waiting(office.buyer)
    services.take_back(actor=office.buyer, approval=approval, now=timezone.now())
    CartLine.objects.update(quantity=2)
    order = approvals.sent_again(office.buyer)
    assert isinstance(order, Order)
    approval.refresh_from_db()
    assert (approval.state, approval.order_reference) == (ApprovalState.APPROVED, order.reference)


def test_nobody_approves_his_own_order_unless_the_company_allows_it(office: Office) -> None:
    approval = approvals.waiting(office.approver)
    with pytest.raises(ApprovalRefused, match="yourself"):
        say_yes(office, approval)
    assert untouched(approval)
    SoldTo.objects.update(self_approval=True)
    assert say_yes(office, Approval.objects.get()) is not None


@pytest.mark.parametrize("who", ["buyer", "rep", "stranger", "reader"])
def test_who_may_not_approve_is_refused_and_nothing_changes(office: Office, who: str) -> None:
    approval = approvals.waiting(office.buyer)
    head = people.sold_to()
    reading = people.buyer(head, role="approver")
    assert reading.membership is not None
    reading.membership.branches = "read"
    reading.membership.via = reading.membership
    actors = {
        "buyer": approvals.again(people.buyer(office.sold_to)),
        "rep": people.assisting(office.sold_to),
        "stranger": people.buyer(role="approver"),
        "reader": replace(reading, sold_to=office.sold_to),
    }
    with pytest.raises((NotPermitted, ApprovalRefused)):
        say_yes(office, approval, actor=actors[who])
    with pytest.raises((NotPermitted, ApprovalRefused)):
        services.decline(
            actor=actors[who], approval=approval, shown=approval.content_hash, reason="No", now=timezone.now()
        )
    assert untouched(approval)


def test_an_approver_who_was_disabled_meanwhile_decides_nothing_and_another_can(office: Office) -> None:
    assert office.approver.membership is not None
    office.approver.membership.is_active = False
    office.approver.membership.save()
    approval = approvals.waiting(office.buyer)
    with pytest.raises(ApprovalRefused):
        say_yes(office, approval, actor=office.approver)
    assert untouched(approval)
    assert waiting_ids(actor=approvals.again(office.second)) == [approval.pk]
    assert say_yes(office, approval, actor=approvals.again(office.second)) is not None


def test_two_reasons_with_two_people_need_both_and_only_the_last_yes_places_it(office: Office) -> None:
    approvals.rule(office.sold_to, "Above 60", over="60.00", approver=office.second.membership)
    approvals.rule(office.sold_to, "Above 70", over="70.00", approver=office.approver.membership)
    approval = approvals.waiting(office.buyer)
    assert say_yes(office, approval) is None
    assert not Order.objects.exists()
    assert waiting_ids(actor=approvals.again(office.approver)) == []
    assert waiting_ids(actor=approvals.again(office.second)) == [approval.pk]
    assert say_yes(office, approval, actor=approvals.again(office.second)) is not None


# --- prices and the ERP -------------------------------------------------------------------------------------------


def test_a_lower_price_is_the_erps_and_both_are_told(office: Office, erp: FakeErp) -> None:
    approval = approvals.waiting(office.buyer)
    erp.set_price("", approvals.SKU, (1, "9.00"))
    order = say_yes(office, approval)
    assert order is not None
    assert order.untaxed_total == Decimal(90)
    assert Commitment.objects.get().amount == Decimal(90)
    assert Notice.objects.get(event="approval_given").params["price"] == "lower"
    assert "Prices went down" in approval.moves.get(what="price").message


def test_a_higher_price_is_honoured_for_a_day_and_then_needs_the_approvers_yes(office: Office, erp: FakeErp) -> None:
    first, second = approvals.waiting(office.buyer), approvals.waiting(office.buyer)
    erp.set_price("", approvals.SKU, (1, "11.00"))
    order = say_yes(office, first)
    assert order is not None
    assert order.untaxed_total == Decimal(100)
    exporter.export_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.CONFIRMED
    later = timezone.now() + dt.timedelta(hours=25)
    with time_machine.travel(later, tick=True):
        with pytest.raises(ApprovalMoved, match="Prices went up"):
            say_yes(office, second)
        found = standing.standing(actor=office.approver, approval=second, now=timezone.now(), live=True)
        assert found.raised
        order = say_yes(office, second, shown=approvals.shown(second, found.raised))
    assert order is not None
    assert order.untaxed_total == Decimal(110)
    assert Notice.objects.get(event="approval_given", params__price="higher").person == office.buyer.user


def test_approved_while_the_erp_is_away_the_order_waits_for_its_confirmation(office: Office, erp: FakeErp) -> None:
    approval = approvals.waiting(office.buyer)
    erp.book.is_down = True
    gateway.forget()
    order = say_yes(office, approval)
    assert order is not None
    assert (order.state, order.total) == (OrderState.PENDING_CONFIRMATION, approval.total)
    assert OutboxRow.objects.get().payload["recheck"] is True


def test_what_can_not_be_ordered_any_more_goes_on_waiting_with_the_reason(office: Office, erp: FakeErp) -> None:
    approval = approvals.waiting(office.buyer)
    erp.add_customer(office.sold_to.erp_id, credit_limit=Decimal(5))
    forget()
    with pytest.raises(ApprovalRefused, match="of your credit"):
        say_yes(office, approval)
    erp.add_customer(office.sold_to.erp_id)
    forget()
    Item.objects.update(is_active=False)
    with pytest.raises(ApprovalRefused, match="no longer sold"):
        say_yes(office, approval)
    assert untouched(approval)


# --- budgets ------------------------------------------------------------------------------------------------------


def test_a_budget_is_taken_when_sent_and_given_back_when_declined_or_taken_back(office: Office) -> None:
    approvals.centre(office.sold_to, budget="150.00")
    first = approvals.waiting(office.buyer, cost_centre="WS")
    assert BudgetPeriod.objects.get().used == Decimal(100)
    with pytest.raises(CheckoutBlocked, match=r"has €50\.00 left") as caught:
        approvals.waiting(people.buyer(office.sold_to), cost_centre="WS")
    assert str(office.admin.user) in str(caught.value)
    actor = approvals.again(office.approver)
    services.decline(actor=actor, approval=first, shown=first.content_hash, reason="No", now=timezone.now())
    assert BudgetPeriod.objects.get().used == 0
    second = approvals.waiting(office.buyer, cost_centre="WS")
    services.take_back(actor=office.buyer, approval=second, now=timezone.now())
    services.take_back(actor=office.buyer, approval=second, now=timezone.now())
    assert BudgetPeriod.objects.get().used == 0


def test_an_order_that_the_erp_refuses_gives_its_budget_back(office: Office) -> None:
    approvals.centre(office.sold_to, budget="150.00")
    approval = approvals.waiting(office.buyer, cost_centre="WS")
    order = say_yes(office, approval)
    assert order is not None
    assert order.cost_centre == "WS · Workshop"
    event = WriteSettled(kind="order", reference=order.reference, state="rejected", written=None, message="blocked")
    settling.settle(event=event, now=timezone.now())
    assert BudgetPeriod.objects.get().used == 0


# --- quotes -------------------------------------------------------------------------------------------------------


def test_a_quote_above_the_rules_is_accepted_by_an_approver_and_not_by_who_asked(office: Office) -> None:
    quote = quotes.asked(approvals.again(office.buyer), (approvals.SKU, "10"))
    quotes.answered(quote, people.rep(office.sold_to), "9.00")
    quote.refresh_from_db()
    with pytest.raises(QuoteRefused, match="rules want this approved"):
        accept_quote(
            actor=approvals.again(office.buyer), quote=quote, acceptance=quotes.yes_to(quote), now=timezone.now()
        )
    assert not Order.objects.exists()
    approver = approvals.again(office.approver)
    order = accept_quote(actor=approver, quote=quote, acceptance=quotes.yes_to(quote), now=timezone.now())
    assert (order.untaxed_total, Commitment.objects.get().amount) == (Decimal(90), Decimal(90))


# --- told ---------------------------------------------------------------------------------------------------------


def test_approvers_are_told_and_what_nobody_decides_is_told_to_everybody_once(
    office: Office, settings: Settings
) -> None:
    approval = approvals.waiting(office.buyer)
    told = set(Notice.objects.filter(event="approval_asked").values_list("person", flat=True))
    assert told == {office.approver.user.pk, office.second.user.pk, office.admin.user.pk}
    late = timezone.now() + dt.timedelta(hours=settings.APPROVAL_STUCK_H, minutes=1)
    assert sweeping.sweep(now=timezone.now()) == 0
    assert (sweeping.sweep(now=late), sweeping.sweep(now=late)) == (1, 0)
    friction = Event.objects.get(kind="friction")
    assert (friction.props["cause"], friction.account_id) == ("approval_stuck", office.sold_to.erp_id)
    assert Notice.objects.filter(event="approval_stuck", person=office.buyer.user).count() == 1
    say_yes(office, approval)
    kinds = set(Event.objects.filter(kind__startswith="approval_").values_list("kind", flat=True))
    assert kinds == {"approval_submitted", "approval_stuck", "approval_approved"}
    assert AuditEntry.objects.get(action="approval.approved").actor_key == office.approver.user.person_key


def test_a_reps_order_for_the_customer_waits_for_the_customers_own_approver(office: Office) -> None:
    rep = people.assisting(office.sold_to)
    approval = approvals.waiting(rep)
    assert approval.channel == "web_assisted"
    with pytest.raises(NotPermitted):
        say_yes(office, approval, actor=approvals.again(rep))
    order = say_yes(office, approval)
    assert order is not None
    assert (order.assisted, order.channel, order.placed_by) == (rep.assisted, "web_assisted", rep.user)
