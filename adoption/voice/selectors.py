"""Whose enquiries somebody may write down, and what waits for his answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import F, Q, QuerySet
from django.http import Http404

from accounts.models import SoldTo, User
from accounts.selectors import company_day, customer_of_rep, customers_of_rep
from adoption.voice.models import ContactRequest, Enquiry

UNDO = dt.timedelta(minutes=1)
MOST_WAITING = 100


def customer(*, user: User, number: str, now: dt.datetime) -> SoldTo:
    """Return a customer by number: a rep's own, for managers and administrators any.

    Raises:
        Http404: there is none such, or it is not his: both look the same.
    """
    if user.is_manager or user.is_superuser:
        found = SoldTo.objects.filter(number=number, is_active=True).first()
        if found is None:
            raise Http404
        return found
    if not user.is_rep:
        raise Http404
    return customer_of_rep(rep=user, number=number, on=company_day(now))


def latest(*, sold_to: SoldTo) -> list[Enquiry]:
    """Return the last enquiries of a customer."""
    return list(Enquiry.objects.filter(account_id=sold_to.erp_id).order_by("-occurred_at")[:8])


def to_undo(*, user: User, sold_to: SoldTo, now: dt.datetime) -> Enquiry | None:
    """Return what he wrote down in the last minute, the latest."""
    own = Enquiry.objects.filter(account_id=sold_to.erp_id, logged_by=str(user.person_key))
    return own.filter(occurred_at__gt=now - UNDO).order_by("-occurred_at", "-pk").first()


def waiting(*, user: User, now: dt.datetime) -> list[ContactRequest]:
    """Return what waits for an answer of his, the most pressing first.

    A rep sees what his customers wrote, and what nobody's customer wrote; managers see all.
    """
    found = _of(user, now).filter(answered_at=None).select_related("lead")
    return list(found.order_by(F("answer_by").asc(nulls_last=True), "pk")[:MOST_WAITING])


def waiting_of(*, account_ids: Collection[str]) -> list[ContactRequest]:
    """Return what people of these companies wrote and nobody has answered."""
    found = ContactRequest.objects.filter(answered_at=None, lead__account_id__in=account_ids)
    return list(found.select_related("lead").order_by("answer_by", "pk"))


def request_for(*, user: User, pk: int, now: dt.datetime) -> ContactRequest:
    """Return a contact request that he may answer.

    Raises:
        Http404: there is none such, or it is a colleague's: both look the same.
    """
    found = _of(user, now).select_related("lead").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _of(user: User, now: dt.datetime) -> QuerySet[ContactRequest]:
    if user.is_manager or user.is_superuser:
        return ContactRequest.objects.all()
    if not user.is_rep:
        return ContactRequest.objects.none()
    own = customers_of_rep(rep=user, on=company_day(now)).values("erp_id")
    return ContactRequest.objects.filter(Q(lead__account_id="") | Q(lead__account_id__in=own))
