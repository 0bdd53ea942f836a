"""What orders take from persons, cost centres and budgets, and give back: once each, by conditional updates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import CostCentre, Membership, Role, SoldTo, User
from accounts.selectors import company_day
from erp_sync.statements import fetch
from shop.approvals.errors import BudgetSpent
from shop.approvals.models import BudgetPeriod, Commitment
from shop.approvals.periods import start_of
from shop.money import formats


@dataclass(frozen=True, slots=True)
class BudgetView:
    """How a cost centre stands in the current period; `left` is None without a budget."""

    centre: CostCentre
    used: Decimal
    left: Decimal | None
    starts_on: dt.date


def commit(
    *,
    sold_to: SoldTo,
    order_key: UUID,
    person: User,
    cost_centre: CostCentre | None,
    amount: Decimal,
    currency: str,
    now: dt.datetime,
) -> None:
    """Take an untaxed amount for an order; what the same order had taken before is given back first.

    Call inside a transaction.

    Raises:
        BudgetSpent: the cost centre's budget does not hold for it.
    """
    release(sold_to_id=sold_to.pk, order_key=order_key)
    on = company_day(now)
    budget = _take(cost_centre, amount, currency, on) if cost_centre is not None else None
    Commitment.objects.update_or_create(
        sold_to=sold_to,
        order_key=order_key,
        defaults={
            "person": person,
            "cost_centre": cost_centre,
            "budget": budget,
            "amount": amount,
            "on": on,
            "is_released": False,
        },
    )


def release(*, sold_to_id: int, order_key: UUID) -> None:
    """Give back what an order has taken; doing it again gives nothing back. Call inside a transaction."""
    for budget, amount in fetch(_RELEASE, [sold_to_id, order_key]):
        if budget is not None:
            BudgetPeriod.objects.filter(pk=budget).update(used=F("used") - amount)


_RELEASE = """
UPDATE shop_commitment SET is_released = true WHERE sold_to_id = %s AND order_key = %s AND NOT is_released
RETURNING budget_id, amount
"""


def _take(centre: CostCentre, amount: Decimal, currency: str, on: dt.date) -> BudgetPeriod | None:
    if centre.budget is None:
        return None
    starts_on = start_of(centre.period, on)
    budget, _made = BudgetPeriod.objects.get_or_create(
        cost_centre=centre, starts_on=starts_on, defaults={"amount": centre.budget}
    )
    enough = BudgetPeriod.objects.filter(pk=budget.pk, used__lte=F("amount") - amount)
    if not enough.update(used=F("used") + amount):
        budget.refresh_from_db()
        raise BudgetSpent(spent_sentence(centre, max(budget.amount - budget.used, Decimal(0)), amount, currency))
    return budget


def spent_sentence(centre: CostCentre, left: Decimal, amount: Decimal, currency: str) -> str:
    """Say that a budget does not hold, what is left, and who can do something about it."""
    said = {
        "centre": centre,
        "left": formats.money(left, currency),
        "amount": formats.money(amount, currency),
        "who": ", ".join(administrators(centre.sold_to_id)) or _("your sales rep"),
    }
    return (
        _(
            "The budget of %(centre)s has %(left)s left in this period; this order takes %(amount)s. Nothing was sent. "
            "Choose another cost centre, take lines out, or ask %(who)s to raise the budget."
        )
        % said
    )


def administrators(sold_to_id: int) -> list[str]:
    """Return the names of the company's active administrators."""
    found = Membership.objects.filter(
        sold_to_id=sold_to_id, role=Role.ADMIN, is_active=True, user__is_active=True
    ).select_related("user")
    return [str(one.user) for one in found.order_by("pk")]


def shortage(centre: CostCentre, amount: Decimal, currency: str, now: dt.datetime, order_key: UUID) -> str:
    """Return the sentence of a budget that does not hold at the moment, "" when it does; nothing is taken."""
    if centre.budget is None:
        return ""
    view = standing(centre, now)
    own = Commitment.objects.filter(sold_to_id=centre.sold_to_id, order_key=order_key, is_released=False)
    back = own.filter(budget__cost_centre=centre).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    left = (view.left or Decimal(0)) + back
    return spent_sentence(centre, max(left, Decimal(0)), amount, currency) if amount > left else ""


def standing(centre: CostCentre, now: dt.datetime) -> BudgetView:
    """Return how a cost centre stands now."""
    starts_on = start_of(centre.period, company_day(now))
    row = BudgetPeriod.objects.filter(cost_centre=centre, starts_on=starts_on).first()
    used = row.used if row else Decimal(0)
    amount = row.amount if row else centre.budget
    return BudgetView(centre, used, None if centre.budget is None or amount is None else amount - used, starts_on)


def spent(
    *,
    sold_to: SoldTo,
    since: dt.date,
    person: User | None = None,
    cost_centre_id: int | None = None,
    without: UUID | None = None,
) -> Decimal:
    """Return what was ordered since a day, or waits for approval: of a person, or of a cost centre."""
    found = Commitment.objects.filter(sold_to=sold_to, on__gte=since, is_released=False)
    if person is not None:
        found = found.filter(person=person)
    if cost_centre_id is not None:
        found = found.filter(cost_centre=cost_centre_id)
    if without is not None:
        found = found.exclude(order_key=without)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
