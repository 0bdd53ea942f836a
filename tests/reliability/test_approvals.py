"""Two approvers, approving what is edited, limits that many want (two_approvers, approve_while_edited, credit_limit).

Each has a control that works wrongly on purpose. APPROVAL_ROUNDS for more (20 by night: 20 times 10 at once).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import CostCentre
from accounts.selectors import company_day
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.outbox.models import OutboxRow
from shop.approvals import budgets, services
from shop.approvals.errors import BudgetSpent
from shop.approvals.models import Approval, ApprovalState, BudgetPeriod, Commitment
from shop.carts.models import CartLine
from shop.orders import approving
from shop.orders.models import Order
from shop.orders.services import CheckoutBlocked
from tests.builders import approvals, people
from tests.builders.approvals import Office
from tests.reliability.rivals import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS, AT_ONCE = int(os.environ.get("APPROVAL_ROUNDS", "5")), 10
TIMES, MANY = 20, 50


@pytest.fixture
def office() -> Iterator[Office]:
    """A company whose orders above 50.00 need one of its approvers."""
    fake.shared().reset()
    gateway.forget()
    found = approvals.office()
    approvals.rule(found.sold_to)
    yield found
    fake.shared().reset()
    gateway.forget()


def yes_of(office: Office, approval: Approval) -> list[Callable[[], object]]:
    """Return clicks of both approvers on the same page, half of them each."""
    both = [approvals.again(office.approver), approvals.again(office.second)]
    shown = approvals.shown(approval)
    return [
        lambda actor=both[number % 2]: approving.approve(  # type: ignore[misc]
            actor=actor, approval=Approval.objects.get(pk=approval.pk), shown=shown, now=timezone.now()
        )
        for number in range(AT_ONCE)
    ]


def no_of(office: Office, approval: Approval) -> Callable[[], object]:
    """Return the click of the administrator who declines what he has read."""
    actor = approvals.again(office.admin)
    return lambda: services.decline(
        actor=actor, approval=approval, shown=approval.content_hash, reason="No", now=timezone.now()
    )


def test_of_two_approvers_one_wins_and_there_is_one_order(office: Office) -> None:
    for number in range(1, ROUNDS + 1):
        approval = approvals.waiting(office.buyer)
        answers = at_once(yes_of(office, approval))
        assert answers == {"done": 1, "ApprovalMoved": AT_ONCE - 1}
        assert (Order.objects.count(), OutboxRow.objects.count()) == (number, number)


def test_yes_and_no_at_once_is_one_of_them(office: Office) -> None:
    for _number in range(ROUNDS):
        approval = approvals.waiting(office.buyer)
        assert at_once(yes_of(office, approval)[:5] + [no_of(office, approval)] * 5)["done"] == 1
        approval.refresh_from_db()
        assert (approval.state == ApprovalState.APPROVED) == bool(approval.order_reference)
    assert Order.objects.count() == Approval.objects.filter(state=ApprovalState.APPROVED).count()


def test_what_is_edited_meanwhile_is_never_approved(office: Office) -> None:
    for _number in range(ROUNDS):
        approval = approvals.waiting(office.buyer)

        def edit(one: Approval = approval) -> None:
            services.take_back(actor=office.buyer, approval=one, now=timezone.now())
            CartLine.objects.filter(cart__user=office.buyer.user).update(quantity=90)
            approvals.sent_again(office.buyer)

        at_once([edit, *yes_of(office, approval)[1:]])
        approval.refresh_from_db()
        orders = Order.objects.filter(order_key=approval.order_key)
        if approval.state == ApprovalState.APPROVED:  # the yes came first: exactly what was read
            assert [order.untaxed_total for order in orders] == [Decimal(100)]
        else:  # the edit came first: nothing, until somebody reads the new version
            assert (approval.state, approval.revision, orders.count()) == (ApprovalState.WAITING, 2, 0)
        CartLine.objects.all().delete()


def test_a_budget_is_never_overdrawn_by_orders_sent_at_once(office: Office) -> None:
    centre = approvals.centre(office.sold_to, budget="350.00")
    buyers = [people.buyer(office.sold_to) for _number in range(AT_ONCE)]
    works = [
        lambda actor=buyer: approvals.submitted(actor, cost_centre="WS")
        for buyer in buyers
    ]  # fmt: skip
    answers = at_once(works)
    assert answers["done"] == 3
    assert set(answers) <= {"done", BudgetSpent.__name__, CheckoutBlocked.__name__}
    assert BudgetPeriod.objects.get(cost_centre=centre).used == Decimal(300)
    # Nothing of those who came too late is lost.
    assert CartLine.objects.count() == AT_ONCE - 3


def test_a_limit_is_never_overdrawn_twenty_times_by_fifty_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Budgets are what the shop itself hands out of something scarce; stock and credit are the ERP's (credit_limit)."""
    monkeypatch.setattr(budgets, "spent_sentence", lambda *_about: "spent")  # costs more than the question
    centres = [approvals.centre(office.sold_to, f"WS-{number}", budget="350.00") for number in range(TIMES)]
    gate = Barrier(MANY)

    def spend(centre: CostCentre) -> str:
        gate.wait(timeout=60)
        try:
            with transaction.atomic():
                spend_100(office, centre)
        except BudgetSpent:
            return "spent"
        return "done"

    def rival(_number: int) -> list[str]:
        try:
            return [spend(centre) for centre in centres]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        told = list(pool.map(rival, range(MANY)))
    assert [Counter(one) for one in zip(*told, strict=True)] == [{"done": 3, "spent": MANY - 3}] * TIMES
    assert set(BudgetPeriod.objects.values_list("used", flat=True)) == {Decimal(300)}
    assert Commitment.objects.count() == 3 * TIMES


def spend_100(office: Office, centre: CostCentre) -> None:
    """Take 100.00 of a cost centre's budget for an order of its own."""
    budgets.commit(
        sold_to=office.sold_to, order_key=uuid4(), person=office.buyer.user, cost_centre=centre,
        amount=Decimal(100), currency="EUR", now=timezone.now(),
    )  # fmt: skip


# --- controls -----------------------------------------------------------------------------------------------------


def test_control_without_lock_state_and_key_two_approvers_make_two_orders(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(approval: Approval) -> Approval:
        return approval

    def careless(**given: object) -> None:
        Approval.objects.filter(pk=given["approval"].pk).update(state=ApprovalState.APPROVED)  # type: ignore[attr-defined]

    monkeypatch.setattr(services, "locked", unlocked)
    monkeypatch.setattr(services, "close", careless)
    approval = approvals.waiting(office.buyer)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_order DROP CONSTRAINT order_key_once")
    try:
        at_once(yes_of(office, approval))
        assert Order.objects.count() > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE shop_order CASCADE")
            cursor.execute("ALTER TABLE shop_order ADD CONSTRAINT order_key_once UNIQUE (sold_to_id, order_key)")


def test_control_an_approval_that_binds_to_no_content_approves_what_nobody_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.Content, "content_hash", lambda _self, **_given: "always the same")
    approval = approvals.waiting(office.buyer)
    read = approvals.shown(approval)
    services.take_back(actor=office.buyer, approval=approval, now=timezone.now())
    CartLine.objects.update(quantity=90)
    approvals.sent_again(office.buyer)
    actor = approvals.again(office.approver)
    order = approving.approve(actor=actor, approval=Approval.objects.get(), shown=read, now=timezone.now())
    assert order is not None
    assert order.untaxed_total == Decimal(900)


def test_control_a_budget_that_is_read_and_then_written_is_overdrawn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = approvals.centre(office.sold_to, budget="350.00")
    row = BudgetPeriod.objects.create(
        cost_centre=centre, starts_on=company_day(timezone.now()).replace(day=1), amount=Decimal(350)
    )
    gate = Barrier(AT_ONCE)

    def careless(*_given: object) -> BudgetPeriod:
        left = BudgetPeriod.objects.get(pk=row.pk)
        gate.wait(timeout=30)  # everybody has read before anybody writes
        if left.used + 100 > left.amount:
            raise BudgetSpent("spent")
        return row

    monkeypatch.setattr(budgets, "_take", careless)
    works = [lambda: spend_100(office, centre)] * AT_ONCE
    assert at_once(works)["done"] > 3
