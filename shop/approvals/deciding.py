"""Which orders need approval, why, and who may give it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Branches, Membership, RepAssignment, Role, SoldTo, User
from accounts.selectors import company_day, covers
from shop.approvals import words
from shop.approvals.budgets import spent
from shop.approvals.models import ApprovalRule, ApprovalStep
from shop.approvals.periods import start_of

APPROVERS = (Role.APPROVER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What shall be ordered, as rules see it; amounts are untaxed.

    Attributes:
        parts: Item groups (with all above them) and amount of each line.
        order_key: Of the checkout; what it took before (sent again, changed) does not count twice.
    """

    amount: Decimal
    currency: str
    parts: tuple[tuple[frozenset[str], Decimal], ...]
    cost_centre_id: int | None
    cost_centre: str
    order_key: UUID | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `approver_id` is the membership that must approve, None = any approver."""

    cause: str
    params: dict[str, str]
    approver_id: int | None = None

    @property
    def sentence(self) -> str:
        """The reason in the reader's language."""
        return words.reason_sentence(self.cause, self.params)


@dataclass(frozen=True, slots=True)
class Asked:
    """A reason, and the people who may approve it; nobody = it is stuck."""

    reason: Reason
    people: tuple[Membership, ...]

    @property
    def names(self) -> str:
        """Who, for people: any one of them is enough."""
        return words.any_of(str(one.user) for one in self.people)


@dataclass(frozen=True, slots=True)
class Needed:
    """Why an order needs approval, by whom; `nobody` says who must act when a reason has nobody."""

    asked: tuple[Asked, ...]
    nobody: str = ""

    def may_be_given_by(self, actor: Actor) -> bool:
        """Whether the actor alone may say yes to every reason."""
        own = actor.membership.pk if actor.membership and not actor.is_read_only else None
        return all(own in {person.pk for person in one.people} for one in self.asked)

    @property
    def digest(self) -> str:
        """What the buyer was shown, so that he never sends for approval without knowing."""
        shown = [[one.reason.cause, one.reason.approver_id, one.reason.params.get("rule")] for one in self.asked]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]

    @property
    def names(self) -> str:
        """Who must say yes, when it is the same people for every reason; "" when it is not."""
        names = {one.names for one in self.asked}
        return names.pop() if len(names) == 1 else ""

    @property
    def all_names(self) -> str:
        """Everybody who may say yes to something."""
        return ", ".join(dict.fromkeys(one.names for one in self.asked if one.names))


def needed(*, actor: Actor, purchase: Purchase, now: dt.datetime, asker: User | None = None) -> Needed | None:
    """Return why and by whom the purchase must be approved, None when it need not.

    `asker` is who asked for it, where that is not the actor (a quote): he does not approve it. A company without rules
    costs nothing; others a question for the rules, one for each period that counts, and one for the people.
    """
    if not actor.is_under_rules:
        return None
    reasons = [*_limits(actor, purchase, now), *_rules(actor, purchase, now)]
    if not reasons:
        return None
    people, asker = approvers_of(actor.sold_to), asker or actor.user
    asked = tuple(
        Asked(one, tuple(deciders(one.approver_id, people, asker_id=asker.pk, sold_to=actor.sold_to)))
        for one in reasons
    )
    stuck = not all(one.people for one in asked)
    return Needed(asked, nobody(sold_to=actor.sold_to, asker=asker, reader=actor.user, now=now) if stuck else "")


def nobody(*, sold_to: SoldTo, asker: User, reader: User, now: dt.datetime) -> str:
    """Say who must act when nobody can approve an order of somebody."""
    is_admin = Membership.objects.filter(user=asker, sold_to=sold_to, role=Role.ADMIN, is_active=True).exists()
    rep = RepAssignment.objects.filter(covers(company_day(now)), sold_to=sold_to, rep__is_active=True)
    found = rep.select_related("rep").first()
    name = str(found.rep) if found else ""
    return words.nobody_sentence(asker_is_admin=is_admin, is_asker=asker.pk == reader.pk, rep=name)


def approvers_of(sold_to: SoldTo) -> list[Membership]:
    """Return who may approve orders of a company now: its own people, and those of its head office who act for it."""
    there = Q(sold_to=sold_to)
    if sold_to.parent_id is not None:
        there |= Q(sold_to=sold_to.parent_id, branches=Branches.ORDER)
    found = Membership.objects.filter(there, role__in=APPROVERS, is_active=True, user__is_active=True)
    return list(found.select_related("user").order_by("pk"))


def deciders(
    approver_id: int | None, people: Iterable[Membership], *, asker_id: int, sold_to: SoldTo
) -> list[Membership]:
    """Return who of the approvers may give one approval.

    The one whom the rule names; if he can't any more, or is the asker himself, any other: no dead end.
    """
    allowed = [one for one in people if one.user_id != asker_id or sold_to.self_approval]
    named = [one for one in allowed if one.pk == approver_id]
    return named or allowed


def steps_for(
    membership: Membership | None, steps: Sequence[ApprovalStep], *, asker_id: int, sold_to: SoldTo
) -> list[ApprovalStep]:
    """Return the open steps that the person may decide now."""
    if membership is None or membership.is_read_only:
        return []
    people = approvers_of(sold_to)
    return [
        step
        for step in steps
        if step.decided_at is None
        and any(
            one.pk == membership.pk for one in deciders(step.approver_id, people, asker_id=asker_id, sold_to=sold_to)
        )
    ]


# --- limits and rules ---------------------------------------------------------------------------------------------


def _limits(actor: Actor, purchase: Purchase, now: dt.datetime) -> list[Reason]:
    """Return the reasons of the person's own limits; whoever may approve has none above him but rules."""
    member = actor.membership
    if member is None:
        return []
    found = []
    said = {"amount": str(purchase.amount), "currency": purchase.currency}
    if member.order_limit is not None and purchase.amount > member.order_limit:
        found.append(Reason(words.ORDER_LIMIT, said | {"limit": str(member.order_limit)}))
    if member.month_limit is not None:
        before = spent(
            sold_to=actor.sold_to, person=actor.user, since=start_of("month", company_day(now)),
            without=purchase.order_key,
        )  # fmt: skip
        if before + purchase.amount > member.month_limit:
            more = {"limit": str(member.month_limit), "spent": str(before + purchase.amount)}
            found.append(Reason(words.MONTH_LIMIT, said | more))
    return found


def _rules(actor: Actor, purchase: Purchase, now: dt.datetime) -> list[Reason]:
    rules = ApprovalRule.objects.filter(sold_to=actor.sold_to, is_active=True)
    return [reason for rule in rules if (reason := _of_rule(rule, actor, purchase, now))]


def _of_rule(rule: ApprovalRule, actor: Actor, purchase: Purchase, now: dt.datetime) -> Reason | None:
    """Return the reason that a rule gives, None where it does not apply."""
    role = actor.membership.role if actor.membership else Role.BUYER
    if rule.role and rule.role != role:
        return None
    if rule.cost_centre_id is not None and rule.cost_centre_id != purchase.cost_centre_id:
        return None
    amount = _amount_of(rule, purchase)
    if amount is None:
        return None
    said = {
        "rule": rule.name, "amount": str(amount), "currency": purchase.currency, "group": rule.category_erp_id,
        "cost_centre": purchase.cost_centre if rule.cost_centre_id else "",
    }  # fmt: skip
    if rule.order_over is None and rule.period_over is None:
        return Reason(words.ALWAYS, said, rule.approver_id)
    if rule.order_over is not None and amount > rule.order_over:
        return Reason(words.ORDER_OVER, said | {"limit": str(rule.order_over)}, rule.approver_id)
    if rule.period_over is not None:
        total = amount + _before(rule, actor, purchase, now)
        if total > rule.period_over:
            more = {"limit": str(rule.period_over), "spent": str(total), "period": rule.period}
            return Reason(words.PERIOD_OVER, said | more, rule.approver_id)
    return None


def _amount_of(rule: ApprovalRule, purchase: Purchase) -> Decimal | None:
    """Return what of the purchase a rule counts, None for nothing."""
    if not rule.category_erp_id:
        return purchase.amount
    parts = [amount for groups, amount in purchase.parts if rule.category_erp_id in groups]
    return sum(parts, Decimal(0)) if parts else None


def _before(rule: ApprovalRule, actor: Actor, purchase: Purchase, now: dt.datetime) -> Decimal:
    """Return what the cost centre of the rule, or the person, has spent in the period before."""
    since = start_of(rule.period, company_day(now))
    whose = {"cost_centre_id": rule.cost_centre_id} if rule.cost_centre_id else {"person": actor.user}
    return spent(sold_to=actor.sold_to, since=since, without=purchase.order_key, **whose)
