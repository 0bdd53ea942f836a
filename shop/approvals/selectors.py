"""Reads approvals and rules; everything starts from the actor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404

from accounts import permissions
from accounts.actors import Actor
from accounts.models import CostCentre, Membership
from accounts.permissions import Action
from erp_sync.statements import fetch
from shop.approvals import deciding, words
from shop.approvals.models import Approval, ApprovalLine, ApprovalMove, ApprovalRule, ApprovalState, ApprovalStep

PAGE = 25
WAITING, MINE, ALL = "waiting", "mine", "all"
LISTS = (WAITING, MINE, ALL)
AT_HOME = 5


@dataclass(frozen=True, slots=True)
class StepView:
    """One reason: its sentence, who may say yes, who has."""

    sentence: str
    names: str
    decided_by: str
    decided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """Everything that the page of an approval shows.

    Attributes:
        can_decide: The actor may say yes or no now.
        can_change: The actor sent it, and may take it back into his basket.
        nobody: Who must act when nobody can approve it; "" when somebody can.
    """

    approval: Approval
    lines: tuple[ApprovalLine, ...]
    steps: tuple[StepView, ...]
    moves: tuple[ApprovalMove, ...]
    can_decide: bool
    can_change: bool
    nobody: str

    @property
    def waits_for(self) -> str:
        """Whose yes is still missing."""
        names = [step.names for step in self.steps if step.decided_at is None and step.names]
        return " · ".join(dict.fromkeys(names))


def get_approval(*, actor: Actor, number: str) -> Approval:
    """Return one approval of the actor's company.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    found = _of(actor).filter(reference=number).first()
    if found is None:
        raise Http404
    return found


def _of(actor: Actor) -> QuerySet[Approval]:
    rows = Approval.objects.filter(sold_to=actor.sold_to)
    return rows.select_related("asked_by", "decided_by", "sold_to", "cost_centre", "assisted")


def view_of(*, actor: Actor, approval: Approval, now: dt.datetime) -> ApprovalView:
    """Return what the page shows (6 queries, whatever the number of lines)."""
    steps = list(approval.steps.select_related("decided_by"))
    people = deciding.approvers_of(approval.sold_to)
    rows, is_stuck, is_mine = [], False, False
    for step in steps:
        who = deciding.deciders(
            step.approver_id, people, asker_id=approval.asked_by_id, sold_to=approval.sold_to
        )  # fmt: skip
        is_open = approval.is_waiting and step.decided_at is None
        is_stuck |= is_open and not who
        is_mine |= is_open and actor.membership is not None and actor.membership.pk in {one.pk for one in who}
        rows.append(_step(step, who))
    return ApprovalView(
        approval=approval,
        lines=tuple(approval.lines.all()),
        steps=tuple(rows),
        moves=tuple(approval.moves.all()),
        can_decide=is_mine and permissions.may(actor, Action.APPROVE),
        can_change=_can_change(actor, approval),
        nobody=_nobody(actor, approval, now) if is_stuck else "",
    )


def _step(step: ApprovalStep, who: list[Membership]) -> StepView:
    return StepView(
        sentence=words.reason_sentence(step.cause, step.params),
        names=words.any_of(str(one.user) for one in who),
        decided_by=str(step.decided_by) if step.decided_by else "",
        decided_at=step.decided_at,
    )


def _can_change(actor: Actor, approval: Approval) -> bool:
    is_his = approval.asked_by_id == actor.user.pk and not actor.is_read_only
    return is_his and approval.state in (ApprovalState.WAITING, ApprovalState.DECLINED)


def _nobody(actor: Actor, approval: Approval, now: dt.datetime) -> str:
    return deciding.nobody(sold_to=approval.sold_to, asker=approval.asked_by, reader=actor.user, now=now)


def decider_of(sold_to_id: int, order_key: UUID) -> int | None:
    """Return the key of the person whose yes placed the order of a checkout, for what he is told of it later."""
    found = Approval.objects.filter(sold_to=sold_to_id, order_key=order_key, state=ApprovalState.APPROVED)
    return found.values_list("decided_by", flat=True).first()


# --- lists --------------------------------------------------------------------------------------------------------

# Waits for this person: he has an open reason, which names him, nobody, or somebody who can't decide any more.
_WAITING_FOR = """
SELECT a.id FROM shop_approval a JOIN accounts_soldto c ON c.id = a.sold_to_id
WHERE a.sold_to_id = %s AND a.state = 'waiting' AND (a.asked_by_id <> %s OR c.self_approval) AND EXISTS (
    SELECT 1 FROM shop_approvalstep s
    LEFT JOIN (accounts_membership m JOIN accounts_user u ON u.id = m.user_id)
        ON m.id = s.approver_id AND m.is_active AND u.is_active AND m.role IN ('approver', 'admin')
        AND (m.user_id <> a.asked_by_id OR c.self_approval)
    WHERE s.approval_id = a.id AND s.decided_at IS NULL AND (m.id IS NULL OR m.user_id = %s))
"""


def waiting_ids(*, actor: Actor) -> list[int]:
    """Return the approvals that wait for the actor's own word; nobody else is asked anything."""
    if not actor.is_under_rules or not permissions.may(actor, Action.APPROVE):
        return []
    rows = fetch(_WAITING_FOR, [actor.sold_to.pk, actor.user.pk, actor.user.pk])
    return [row[0] for row in rows]


def waiting_count(*, actor: Actor) -> int:
    """Return how many there are (the badge of the menu)."""
    return len(waiting_ids(actor=actor))


def approvals_page(*, actor: Actor, which: str, page: str | None) -> Page:
    """Return a page of the company's approvals: those that wait for the actor, his own, or all."""
    rows = _of(actor)
    if which == WAITING:
        rows = rows.filter(pk__in=waiting_ids(actor=actor)).order_by("asked_at", "pk")
    elif which == MINE:
        rows = rows.filter(asked_by=actor.user)
    return Paginator(rows, PAGE).get_page(page)


@dataclass(frozen=True, slots=True)
class AtHome:
    """What the first page tells: approvals that wait for the reader, and his own that are not ordered yet."""

    waiting: tuple[Approval, ...] = ()
    mine: tuple[Approval, ...] = ()


def approvals_at_home(*, actor: Actor) -> AtHome:
    """Return what waits (2 queries; none for a company without rules)."""
    if not actor.is_under_rules:
        return AtHome()
    ids = waiting_ids(actor=actor)
    waiting = tuple(_of(actor).filter(pk__in=ids).order_by("asked_at", "pk")[:AT_HOME]) if ids else ()
    open_states = [ApprovalState.WAITING, ApprovalState.DECLINED]
    mine = _of(actor).filter(asked_by=actor.user, state__in=open_states)
    return AtHome(waiting, tuple(mine[:AT_HOME]))


# --- rules --------------------------------------------------------------------------------------------------------


def rules_of(*, actor: Actor) -> list[ApprovalRule]:
    """Return the company's rules, those in force first."""
    found = ApprovalRule.objects.filter(sold_to=actor.sold_to).select_related("cost_centre", "approver__user")
    return list(found.order_by("-is_active", "order_over", "name", "pk"))


def rule_of(*, actor: Actor, pk: int) -> ApprovalRule:
    """Return one rule of the actor's company.

    Raises:
        Http404: there is none such, or it is another company's.
    """
    found = ApprovalRule.objects.filter(sold_to=actor.sold_to, pk=pk).first()
    if found is None:
        raise Http404
    return found


def cost_centres_of(*, actor: Actor, in_use: bool = True) -> list[CostCentre]:
    """Return the company's cost centres; a company without rules is asked nothing."""
    if in_use and not actor.is_under_rules:
        return []
    found = CostCentre.objects.filter(sold_to=actor.sold_to).order_by("-is_active", "code")
    return list(found.filter(is_active=True) if in_use else found)


def cost_centre_of(*, actor: Actor, pk: int) -> CostCentre:
    """Return one cost centre of the actor's company.

    Raises:
        Http404: there is none such, or it is another company's.
    """
    found = CostCentre.objects.filter(sold_to=actor.sold_to, pk=pk).first()
    if found is None:
        raise Http404
    return found
