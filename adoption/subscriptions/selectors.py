"""Who may get which page, and what he may see of it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import StaffRole, User
from adoption.reports.sections.registry import SECTIONS
from adoption.subscriptions.models import Subscription

# A page that is about nothing but money has nothing left for those who may not see any.
MONEY_PAGES = frozenset({"money"})


def readers() -> QuerySet[User]:
    """Return our own people who may get a page: managers all, reps what concerns their own customers."""
    ours = Q(staff_role__in=[StaffRole.MANAGER, StaffRole.REP]) | Q(is_superuser=True)
    return User.objects.filter(ours, is_active=True).order_by("last_name", "first_name", "email")


def sees_money(reader: User) -> bool:
    """Whether a reader may see amounts."""
    return reader.is_manager or reader.is_superuser


def may_get(reader: User, section: str) -> bool:
    """Whether somebody may get a page by mail."""
    if not reader.is_active or section not in {one.key for one in SECTIONS}:
        return False
    return sees_money(reader) or (reader.is_rep and section not in MONEY_PAGES)


def asked_by(subscription: Subscription) -> Mapping[str, str]:
    """Return what the reader's page is asked for: a rep's is narrowed to his own customers, whatever was chosen."""
    asked: dict[str, str] = QueryDict(subscription.query).dict()
    if not sees_money(subscription.reader):
        asked["rep"] = str(subscription.reader.person_key)
    return asked


def ended_by(*, person_key: str, pk: int) -> Subscription | None:
    """Return the subscription that a link stands for; None when it is over."""
    return Subscription.objects.select_related("reader").filter(pk=pk, reader__person_key=person_key).first()
