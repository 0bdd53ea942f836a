"""What a company sets for itself: its administrator alone, never so that he locks it out, and only his own company."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry, ClosedShipTo, CostCentre, Membership, Role, SoldTo
from accounts.selectors import ship_tos
from erp_sync.mirror.models import Address, Customer
from shop.approvals.models import ApprovalRule
from tests.builders import approvals, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Actor:
    """Log a company's administrator in."""
    return people.acting(client, role=Role.ADMIN)


def rule_fields(**more: str) -> dict[str, str]:
    return {
        "name": "Above 500", "role": "buyer", "order_over": "500.00", "period_over": "", "period": "month",
        "cost_centre": "", "category_erp_id": "", "approver": "", "is_active": "on",
    } | more  # fmt: skip


def test_a_rule_that_is_saved_holds_at_once_and_is_audited(client: Client, admin: Actor) -> None:
    assert client.post(reverse("rule-new"), rule_fields()).status_code == 302
    rule = ApprovalRule.objects.get()
    assert (rule.sold_to, rule.order_over, rule.role) == (admin.sold_to, Decimal("500.00"), "buyer")
    assert SoldTo.objects.get(pk=admin.sold_to.pk).has_rules
    assert "Above 500" in client.get(reverse("rule-list")).content.decode()
    assert AuditEntry.objects.get(action="rule.save").detail["after"]["order_over"] == "500.00"
    client.post(reverse("rule-remove", args=[rule.pk]))
    assert not SoldTo.objects.get(pk=admin.sold_to.pk).has_rules


@pytest.mark.parametrize(
    "typed", [{"order_over": "-1"}, {"order_over": "1e400"}, {"name": ""}, {"category_erp_id": "none"}]
)
def test_a_rule_that_says_nothing_clear_is_refused_with_what_was_typed(
    client: Client, admin: Actor, typed: dict[str, str]
) -> None:
    assert client.post(reverse("rule-new"), rule_fields(**typed)).status_code == 422
    assert not ApprovalRule.objects.exists()


def test_another_companys_approver_or_cost_centre_cannot_be_named(client: Client, admin: Actor) -> None:
    other = people.buyer(role=Role.APPROVER)
    centre = approvals.centre(other.sold_to)
    for typed in ({"approver": str(other.membership.pk if other.membership else 0)}, {"cost_centre": str(centre.pk)}):
        assert client.post(reverse("rule-new"), rule_fields(**typed)).status_code == 422
    rule = approvals.rule(other.sold_to)
    assert client.post(reverse("rule-edit", args=[rule.pk]), rule_fields()).status_code == 404
    assert client.post(reverse("centre-edit", args=[centre.pk]), {}).status_code == 404


@pytest.mark.parametrize("role", [Role.BUYER, Role.APPROVER])
def test_colleagues_read_the_rules_and_change_nothing(client: Client, role: str) -> None:
    actor = people.acting(client, role=role)
    rule = approvals.rule(actor.sold_to)
    assert client.get(reverse("rule-list")).status_code == 200
    assert client.post(reverse("rule-new"), rule_fields()).status_code == 403
    assert client.post(reverse("rule-remove", args=[rule.pk])).status_code == 403
    assert client.post(reverse("rule-own"), {"allow": "yes"}).status_code == 403
    assert client.post(reverse("company-places"), {}).status_code == 403
    assert list(ApprovalRule.objects.all()) == [rule]


def person_fields(**more: str) -> dict[str, str]:
    return {
        "role": "buyer", "order_limit": "", "month_limit": "", "ship_to_erp_id": "", "cost_centre": "", "branches": "",
    } | more  # fmt: skip


def test_limits_and_usual_choices_of_a_colleague_are_kept_and_audited(client: Client, admin: Actor) -> None:
    colleague, place = people.member(admin.sold_to), ship_tos(actor=admin)[0].erp_id
    fields = person_fields(role="approver", order_limit="1,500.00", ship_to_erp_id=place)
    assert client.post(reverse("person-edit", args=[colleague.pk]), fields).status_code == 302
    colleague.refresh_from_db()
    assert (colleague.role, colleague.order_limit, colleague.ship_to_erp_id) == ("approver", Decimal(1500), place)
    changed = AuditEntry.objects.get(action="membership_changed").detail
    assert changed["role"] == ["buyer", "approver"]


def test_the_last_administrator_stays_one(client: Client, admin: Actor) -> None:
    assert admin.membership is not None
    answer = client.post(reverse("person-edit", args=[admin.membership.pk]), person_fields(role="buyer"))
    assert answer.status_code == 422
    assert "last administrator" in answer.content.decode()
    people.member(admin.sold_to, role=Role.ADMIN)
    assert client.post(reverse("person-edit", args=[admin.membership.pk]), person_fields()).status_code == 302
    assert Membership.objects.get(pk=admin.membership.pk).role == "buyer"


def test_a_place_that_is_shut_is_offered_no_more_and_one_stays_open(client: Client, admin: Actor) -> None:
    customer = Customer.objects.get(erp_id=admin.sold_to.erp_id)
    Address.objects.create(customer=customer, erp_id="A-second", name="Yard")
    first = next(place.erp_id for place in ship_tos(actor=admin) if place.erp_id != "A-second")
    client.post(reverse("company-places"), {"open": [first]})
    assert [place.erp_id for place in ship_tos(actor=admin)] == [first]
    client.post(reverse("company-places"), {"open": []})
    assert [place.erp_id for place in ship_tos(actor=admin)] == [first]
    assert ClosedShipTo.objects.get().ship_to_erp_id == "A-second"


def test_a_cost_centre_has_a_code_once_and_a_new_budget_holds_for_the_running_period(
    client: Client, admin: Actor
) -> None:
    fields = {"code": "WS", "name": "Workshop", "budget": "100", "period": "month", "is_active": "on"}
    assert client.post(reverse("centre-new"), fields).status_code == 302
    assert client.post(reverse("centre-new"), fields).status_code == 422
    centre = CostCentre.objects.get()
    centre.periods.create(starts_on="2026-01-01", amount=1)
    client.post(reverse("centre-edit", args=[centre.pk]), fields | {"budget": "250.50"})
    centre.refresh_from_db()
    assert centre.budget == Decimal("250.50")


def test_a_rep_who_acts_for_the_customer_sees_no_rules_and_changes_none(client: Client) -> None:
    rep = people.assisting()
    people.log_in(client, rep)
    for name in ("rule-list", "centre-list", "company-places"):
        assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse("rule-new"), rule_fields()).status_code == 403
