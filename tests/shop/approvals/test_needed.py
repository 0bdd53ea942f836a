"""Which orders need approval, by whom and why; the buyer is told before he sends anything."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from accounts.selectors import company_day
from erp_sync.mirror.models import Item
from shop.approvals import deciding, words
from shop.approvals.models import Approval, Commitment
from shop.carts.models import Cart, CartLine
from shop.errors import BasketChanged
from shop.orders import services
from shop.orders.checkout import checkout
from shop.orders.models import Order
from tests.builders import approvals, catalogue, people

pytestmark = pytest.mark.django_db


def causes(office: approvals.Office, quantity: str, cost_centre: str | None = None) -> list[str]:
    approvals.fill(office.buyer, quantity)
    found = checkout(actor=approvals.again(office.buyer), now=timezone.now(), cost_centre=cost_centre)
    CartLine.objects.all().delete()
    return [one.reason.cause for one in found.needed.asked] if found.needed else []


def test_an_order_above_the_rule_names_who_and_why_and_the_one_below_nobody() -> None:
    office = approvals.office()
    approvals.rule(office.sold_to, "Above 50", over="50.00")
    assert causes(office, "5") == []
    approvals.fill(office.buyer, "6")
    found = checkout(actor=approvals.again(office.buyer), now=timezone.now()).needed
    assert found is not None
    (asked,) = found.asked
    assert asked.reason.sentence == "Above 50: €60.00 is above €50.00."
    assert {one.user for one in asked.people} == {office.approver.user, office.second.user, office.admin.user}
    assert found.nobody == ""


def test_a_company_without_rules_asks_the_database_nothing_more(django_assert_num_queries: object) -> None:
    office = approvals.office()
    approvals.fill(office.buyer)
    buyer = approvals.again(office.buyer)
    checkout(actor=buyer, now=timezone.now())
    with CaptureQueriesContext(connection) as caught:
        checkout(actor=buyer, now=timezone.now())
    ours = [one["sql"] for one in caught.captured_queries]
    assert not [sql for sql in ours if "approval" in sql or "costcentre" in sql or "commitment" in sql]


@pytest.mark.parametrize(("role", "expected"), [(Role.BUYER, ["order_over"]), (Role.APPROVER, [])])
def test_a_rule_for_a_role_holds_for_that_role_alone(role: str, expected: list[str]) -> None:
    office = approvals.office()
    approvals.rule(office.sold_to, over="50.00", role=role)
    assert causes(office, "6") == expected


def test_a_rule_for_an_item_group_counts_only_what_is_in_it() -> None:
    office = approvals.office()
    tools = catalogue.category("Tools")
    Item.objects.filter(sku=approvals.SKU).update(category_ids=[tools.erp_id])
    catalogue.item("B-2", price="100.00")
    approvals.rule(office.sold_to, "Tools", over="50.00", category_erp_id=tools.erp_id)
    assert causes(office, "5") == []
    assert causes(office, "6") == ["order_over"]


def test_a_rule_without_amounts_holds_for_every_order_of_its_cost_centre() -> None:
    office = approvals.office()
    centre = approvals.centre(office.sold_to, "WS")
    approvals.centre(office.sold_to, "OFF")
    approvals.rule(office.sold_to, "Workshop", over=None, cost_centre=centre)
    assert causes(office, "1", "WS") == ["always"]
    assert causes(office, "1", "OFF") == []


def test_what_was_ordered_before_in_the_period_counts() -> None:
    office = approvals.office()
    approvals.rule(office.sold_to, "Month", over=None, period_over=Decimal("90.00"))
    assert isinstance(approvals.submitted(office.buyer, "5"), Order)
    assert causes(office, "4") == []
    assert causes(office, "5") == ["period_over"]
    Commitment.objects.update(on=company_day(timezone.now()).replace(day=1) - dt.timedelta(days=1))
    assert causes(office, "5") == []


def test_a_persons_own_limits_need_any_approver() -> None:
    office = approvals.office()
    assert office.buyer.membership is not None
    office.buyer.membership.order_limit, office.buyer.membership.month_limit = Decimal(50), Decimal(80)
    office.buyer.membership.save()
    assert causes(office, "6") == [words.ORDER_LIMIT]
    assert causes(office, "9") == [words.ORDER_LIMIT, words.MONTH_LIMIT]


def test_where_nobody_can_approve_the_checkout_says_who_must_act() -> None:
    sold_to = people.sold_to()
    catalogue.item(approvals.SKU, price="10.00")
    boss = people.buyer(sold_to, role=Role.ADMIN)
    approvals.rule(sold_to, over="50.00")
    approvals.fill(boss)
    found = checkout(actor=approvals.again(boss), now=timezone.now()).needed
    assert found is not None
    assert found.asked[0].people == ()
    assert "You are the only one who could approve it" in found.nobody
    assert "Rules" in found.nobody


def test_a_named_approver_who_left_is_replaced_by_any_other() -> None:
    office = approvals.office()
    named = office.approver.membership
    assert named is not None
    approvals.rule(office.sold_to, over="50.00", approver=named)
    people_now = deciding.approvers_of(office.sold_to)
    ask = {"asker_id": office.buyer.user.pk, "sold_to": office.sold_to}
    assert deciding.deciders(named.pk, people_now, **ask) == [named]  # type: ignore[arg-type]
    named.is_active = False
    named.save()
    left = deciding.deciders(named.pk, deciding.approvers_of(office.sold_to), **ask)  # type: ignore[arg-type]
    assert {one.user for one in left} == {office.second.user, office.admin.user}


def test_nothing_is_sent_for_approval_that_the_buyer_was_not_told_of() -> None:
    office = approvals.office()
    approvals.fill(office.buyer)
    data = approvals.typed(approvals.again(office.buyer))
    approvals.rule(office.sold_to, over="50.00")
    key = Cart.objects.get().order_key
    with pytest.raises(BasketChanged, match="who must approve"):
        services.submit_order(actor=approvals.again(office.buyer), key=key, data=data, now=timezone.now())
    assert (Approval.objects.count(), Order.objects.count(), CartLine.objects.count()) == (0, 0, 1)
