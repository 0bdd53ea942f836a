"""Reads about people and companies; everything that a buyer sees starts from his actor."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import CompanyNotInErp
from accounts.models import (
    AssistedSession,
    Invitation,
    Membership,
    RepAssignment,
    SoldTo,
    User,
)
from erp_sync.mirror.models import Address, Customer
from erp_sync.records import PriceContext
from erp_sync.statements import columns, fetch, from_row


def company_day(now: dt.datetime) -> dt.date:
    """Return the date at our own company, by which assignments and eligibility begin and end."""
    return now.astimezone(ZoneInfo(settings.COMPANY_TZ)).date()


def price_context(*, sold_to: SoldTo) -> PriceContext:
    """Return for whom prices are asked, as the ERP has it.

    Raises:
        CompanyNotInErp: the customer was never pulled; without him no price may be shown.
    """
    found = sold_to.price_terms
    if found is None:
        found = Customer.objects.filter(erp_id=sold_to.erp_id).values_list("price_list", "currency").first()
    if found is None:
        raise CompanyNotInErp(
            _("%(company)s is not among the customers pulled from the ERP. Pull them, then try again.")
            % {"company": sold_to.name}
        )
    price_list, currency = found
    return PriceContext(
        customer_erp_id=sold_to.erp_id,
        price_list=price_list,
        currency=currency or settings.COMPANY_CURRENCY,
    )


def ship_tos(*, actor: Actor) -> list[Address]:
    """Return the places that the actor's company can be delivered to, without those that it has shut."""
    return [from_row(Address, row) for row in fetch(_ship_tos_statement(), [actor.sold_to.erp_id])]


@cache
def _ship_tos_statement() -> str:
    return f"""
SELECT {columns(Address, "a")} FROM erp_sync_address a JOIN erp_sync_customer c ON c.id = a.customer_id
WHERE c.erp_id = %s AND a.is_delivery AND NOT EXISTS (
    SELECT 1 FROM accounts_closedshipto shut JOIN accounts_soldto s ON s.id = shut.sold_to_id
    WHERE s.erp_id = c.erp_id AND shut.ship_to_erp_id = a.erp_id)
ORDER BY a.name, a.id
"""  # noqa: S608 (names of our own tables)


def is_eligible(*, sold_to: SoldTo, on: dt.date) -> bool:
    """Whether the company can buy online on that day, by the ledger."""
    return bool(fetch(_IS_ELIGIBLE, [sold_to.pk, on, on]))


_IS_ELIGIBLE = """
SELECT 1 FROM accounts_eligibility e
WHERE e.sold_to_id = %s AND e.can_buy AND e.from_on <= %s AND (e.to_on IS NULL OR e.to_on >= %s) LIMIT 1
"""


def covers(on: dt.date) -> Q:
    """Rows with `from_on` and `to_on` (open end allowed) that hold on the day."""
    return Q(from_on__lte=on) & (Q(to_on__isnull=True) | Q(to_on__gte=on))


def memberships_of(user: User) -> list[Membership]:
    """Return the open memberships of a person with their companies, the oldest first."""
    if user.open_memberships is not None:
        return user.open_memberships
    found = Membership.objects.filter(user=user, is_active=True, sold_to__is_active=True)
    return list(found.select_related("sold_to").order_by("pk"))


def branch_memberships(user: User, *, sold_to_id: int | None = None) -> list[Membership]:
    """Return memberships that stand for the branches of a person's head offices (of one branch alone), to be looked at.

    Each has the branch as its company and is never saved; `via` is the real one.
    """
    real = {one.sold_to_id: one for one in memberships_of(user) if one.branches}
    if not real:
        return []
    found = SoldTo.objects.filter(parent__in=real, is_active=True)
    if sold_to_id is not None:
        found = found.filter(pk=sold_to_id)
    own = {one.sold_to_id for one in memberships_of(user)}
    return [_for_branch(real[branch.parent_id or 0], branch) for branch in found if branch.pk not in own]


def membership_in(user: User, *, sold_to_id: int) -> Membership | None:
    """Return a person's membership of a company, or what stands for it in a branch; only a branch costs a question."""
    own = next((one for one in memberships_of(user) if one.sold_to_id == sold_to_id), None)
    return own or next(iter(branch_memberships(user, sold_to_id=sold_to_id)), None)


def _for_branch(real: Membership, branch: SoldTo) -> Membership:
    stands = copy.copy(real)
    stands._state = copy.copy(real._state)
    stands._state.fields_cache = {}
    stands.user, stands.sold_to, stands.via = real.user, branch, real
    return stands


def companies_for(*, user: User) -> list[SoldTo]:
    """Return the companies that a person may act for as a buyer."""
    return [membership.sold_to for membership in memberships_of(user)]


def customers_of_rep(*, rep: User, on: dt.date) -> QuerySet[SoldTo]:
    """Return the active companies that the rep looks after on that day."""
    mine = RepAssignment.objects.filter(covers(on), rep=rep, sold_to=OuterRef("pk"))
    return SoldTo.objects.filter(Exists(mine), is_active=True)


def customer_of_rep(*, rep: User, number: str, on: dt.date) -> SoldTo:
    """Return one of the rep's companies by its customer number.

    Raises:
        Http404: there is none such, or it is not his: both look the same.
    """
    found = customers_of_rep(rep=rep, on=on).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def open_assisted(*, rep: User) -> AssistedSession | None:
    """Return the rep's assisted session that was not ended yet, in whatever browser it began."""
    return AssistedSession.objects.filter(rep=rep, ended_at__isnull=True).select_related("sold_to", "rep").first()


def acted_for_us(*, actor: Actor) -> QuerySet[AssistedSession]:
    """Return who of our reps acted for the actor's company, newest first, with his orders."""
    return (
        AssistedSession.objects.filter(sold_to=actor.sold_to)
        .select_related("rep")
        .prefetch_related("orders")
        .order_by("-started_at")
    )


def people_of(*, actor: Actor) -> list[Membership]:
    """Return everybody of the actor's company, the disabled at the end."""
    found = Membership.objects.filter(sold_to=actor.sold_to).select_related("user")
    return list(found.order_by("-is_active", "user__last_name", "user__email"))


def membership_of(*, actor: Actor, pk: int) -> Membership:
    """Return one membership of the actor's company.

    Raises:
        Http404: there is none such, or it is another company's.
    """
    found = Membership.objects.filter(sold_to=actor.sold_to, pk=pk).select_related("user", "sold_to").first()
    if found is None:
        raise Http404
    return found


def open_invitations(*, actor: Actor, now: dt.datetime) -> Sequence[Invitation]:
    """Return the invitations of the actor's company that can still be accepted."""
    found = Invitation.objects.filter(sold_to=actor.sold_to, accepted_at__isnull=True, revoked_at__isnull=True)
    return list(found.filter(expires_at__gt=now))


def invitation_of(*, actor: Actor, pk: int) -> Invitation:
    """Return one invitation of the actor's company.

    Raises:
        Http404: there is none such, or it is another company's.
    """
    found = Invitation.objects.filter(sold_to=actor.sold_to, pk=pk).first()
    if found is None:
        raise Http404
    return found
