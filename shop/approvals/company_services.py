"""What a company's administrator sets: rules, cost centres, places, and the limits of people. Each is audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import services as people
from accounts.actors import Actor
from accounts.audit import audit
from accounts.models import ClosedShipTo, CostCentre, Membership, SoldTo
from accounts.permissions import Action, require
from accounts.selectors import company_day
from erp_sync.mirror.models import Address
from shop.approvals.errors import RuleRefused
from shop.approvals.models import ApprovalRule, BudgetPeriod
from shop.approvals.periods import start_of


@dataclass(frozen=True, slots=True)
class RuleData:
    """A rule as it was typed; empty conditions hold for every order."""

    name: str
    role: str
    cost_centre: CostCentre | None
    category_erp_id: str
    order_over: Decimal | None
    period_over: Decimal | None
    period: str
    approver: Membership | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class CentreData:
    """A cost centre as it was typed; a budget of None is no limit."""

    code: str
    name: str
    is_active: bool
    budget: Decimal | None
    period: str


def save_rule(*, actor: Actor, rule: ApprovalRule | None, data: RuleData, now: dt.datetime) -> ApprovalRule:
    """Make a rule, or change one. Orders that wait keep the reasons that they were sent with.

    Raises:
        NotPermitted: the actor does not manage the company.
        RuleRefused: it can't be held like this.
    """
    require(actor, Action.MANAGE_RULES)
    if data.category_erp_id and data.period_over is not None:
        raise RuleRefused(
            _("For an item group only the amount of one order can be counted. Leave the amount of a period empty.")
        )
    with transaction.atomic():
        before = _said(rule) if rule else {}
        rule = rule or ApprovalRule(sold_to=actor.sold_to)
        for name in RuleData.__dataclass_fields__:
            setattr(rule, name, getattr(data, name))
        rule.changed_at = now
        rule.save()
        _note_rules(actor.sold_to)
        _audit(actor, "rule.save", "approval_rule", rule.pk, {"before": before, "after": _said(rule)}, now)
    return rule


def remove_rule(*, actor: Actor, rule: ApprovalRule, now: dt.datetime) -> None:
    """Take a rule away; orders that wait because of it go on waiting.

    Raises:
        NotPermitted: the actor does not manage the company.
    """
    require(actor, Action.MANAGE_RULES)
    with transaction.atomic():
        _audit(actor, "rule.remove", "approval_rule", rule.pk, {"before": _said(rule)}, now)
        rule.delete()
        _note_rules(actor.sold_to)


def set_self_approval(*, actor: Actor, is_allowed: bool, now: dt.datetime) -> None:
    """Say whether approvers may approve their own orders.

    Raises:
        NotPermitted: the actor does not manage the company.
    """
    require(actor, Action.MANAGE_RULES)
    with transaction.atomic():
        SoldTo.objects.filter(pk=actor.sold_to.pk).update(self_approval=is_allowed)
        _audit(actor, "company.self_approval", "sold_to", actor.sold_to.pk, {"after": is_allowed}, now)


def save_cost_centre(*, actor: Actor, centre: CostCentre | None, data: CentreData, now: dt.datetime) -> CostCentre:
    """Make a cost centre, or change one; a new budget holds for the period that runs, with what was used of it.

    Raises:
        NotPermitted: the actor does not manage the company.
        RuleRefused: the company has a cost centre of this code.
    """
    require(actor, Action.MANAGE_RULES)
    with transaction.atomic():
        SoldTo.objects.select_for_update(no_key=True).get(pk=actor.sold_to.pk)
        same = CostCentre.objects.filter(sold_to=actor.sold_to, code=data.code)
        if (same.exclude(pk=centre.pk) if centre else same).exists():
            raise RuleRefused(_("There is a cost centre %(code)s already. Change that one.") % {"code": data.code})
        before = _said_centre(centre) if centre else {}
        centre = centre or CostCentre(sold_to=actor.sold_to)
        for name, value in asdict(data).items():
            setattr(centre, name, value)
        centre.save()
        _follow_budget(centre, now)
        _note_rules(actor.sold_to)
        after = _said_centre(centre)
        _audit(actor, "cost_centre.save", "cost_centre", centre.pk, {"before": before, "after": after}, now)
    return centre


def _follow_budget(centre: CostCentre, now: dt.datetime) -> None:
    if centre.budget is None:
        return
    starts_on = start_of(centre.period, company_day(now))
    BudgetPeriod.objects.filter(cost_centre=centre, starts_on=starts_on).update(amount=centre.budget)


def set_places(*, actor: Actor, open_ones: Collection[str], now: dt.datetime) -> None:
    """Say to which of the ERP's places the company lets people order; all others are shut.

    Raises:
        NotPermitted: the actor does not manage the company.
        RuleRefused: none would be left.
    """
    require(actor, Action.MANAGE_RULES)
    places = set(places_of(actor).values_list("erp_id", flat=True))
    shut = places - set(open_ones)
    if places and shut == places:
        raise RuleRefused(_("Leave at least one address open, or nobody can order. Nothing was changed."))
    with transaction.atomic():
        found = ClosedShipTo.objects.filter(sold_to=actor.sold_to)
        before = sorted(found.values_list("ship_to_erp_id", flat=True))
        found.delete()
        ClosedShipTo.objects.bulk_create(ClosedShipTo(sold_to=actor.sold_to, ship_to_erp_id=one) for one in shut)
        _audit(actor, "company.places", "sold_to", actor.sold_to.pk, {"before": before, "after": sorted(shut)}, now)


def places_of(actor: Actor) -> Any:
    """Return every place that the ERP has of the company, open or shut."""
    return Address.objects.filter(customer__erp_id=actor.sold_to.erp_id, is_delivery=True).order_by("name", "pk")


def change_person(*, actor: Actor, membership: Membership, wanted: Mapping[str, Any], now: dt.datetime) -> None:
    """Change a colleague's role, limits and usual choices.

    Raises:
        NotPermitted: the actor does not manage people.
        AccountsError: the company would be without administrator.
    """
    require(actor, Action.MANAGE_PEOPLE)
    with transaction.atomic():
        people.change_membership(membership=membership, wanted=wanted, by=actor, now=now)
        _note_rules(actor.sold_to)


def _note_rules(sold_to: SoldTo) -> None:
    """Keep what the checkout asks first: whether there is anything to hold an order against."""
    has_rules = (
        ApprovalRule.objects.filter(sold_to=sold_to, is_active=True).exists()
        or CostCentre.objects.filter(sold_to=sold_to, is_active=True).exists()
        or Membership.objects.filter(
            Q(order_limit__isnull=False) | Q(month_limit__isnull=False), sold_to=sold_to, is_active=True
        ).exists()
        or sold_to.approvals.filter(state="waiting").exists()
    )
    SoldTo.objects.filter(pk=sold_to.pk).update(has_rules=has_rules)


def _said(rule: ApprovalRule) -> dict[str, str]:
    """Return a rule for the audit log, which holds keys of people, never names."""
    said = {name: str(getattr(rule, name) or "") for name in RuleData.__dataclass_fields__}
    return said | {"approver": str(rule.approver.user.person_key) if rule.approver else ""}


def _said_centre(centre: CostCentre) -> dict[str, str]:
    return {name: str(getattr(centre, name) or "") for name in CentreData.__dataclass_fields__}


def _audit(actor: Actor, action: str, kind: str, pk: int | None, detail: dict[str, Any], now: dt.datetime) -> None:
    audit(actor=actor, action=action, object_type=kind, object_id=str(pk or ""), detail=detail, now=now)
