"""Whose enquiries somebody may write down."""

from __future__ import annotations

import datetime as dt

from django.http import Http404

from accounts.models import SoldTo, User
from accounts.selectors import company_day, customer_of_rep
from adoption.voice.models import Enquiry

UNDO = dt.timedelta(minutes=1)


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
