"""Changes to people and companies. Each writes its audit entry in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import assisted
from accounts.actors import Actor
from accounts.audit import audit
from accounts.errors import AccountsError, EligibilityRefused
from accounts.models import Eligibility, Membership, RepAssignment, Role, SoldTo, StaffRole, User
from accounts.sessions import end_sessions
from erp_sync.mirror.models import Customer

__all__ = [
    "assign_rep",
    "audit",
    "change_membership",
    "create_from_erp",
    "disable_membership",
    "disable_person",
    "enable_membership",
    "enable_person",
    "exclude",
    "grant_manager",
    "grant_rep",
    "set_eligible",
    "update_profile",
]

By = Actor | User | None

CHANGEABLE = ("role", "order_limit", "month_limit", "ship_to_erp_id", "cost_centre", "branches")
MANAGERS = "Managers"
# What a manager may do in the admin besides looking at everything of the shop.
MANAGER_CHANGES = (
    "accounts.add_user",
    "accounts.change_user",
    "accounts.change_soldto",
    "accounts.add_membership",
    "accounts.change_membership",
    "accounts.add_eligibility",
    "accounts.change_eligibility",
    "accounts.add_repassignment",
    "accounts.change_repassignment",
    "accounts.add_invitation",
    "erp_sync.change_outboxrow",
    "erp_sync.change_syncstate",
    "erp_sync.change_difference",
    "erp_sync.add_announcement",
    "erp_sync.change_announcement",
    "shop.change_payment",
    "shop.add_guardrails",
    "shop.change_guardrails",
    "shop.delete_guardrails",
    "shop.add_article",
    "shop.change_article",
    "shop.delete_article",
    "shop.add_offer",
    "shop.change_offer",
    "shop.delete_offer",
)
VIEWED_APPS = ("accounts", "erp_sync", "shop", "adoption")


def create_from_erp(*, customer: Customer, by: By, now: dt.datetime) -> SoldTo:
    """Return the sold-to of an ERP customer.

    It is made when there is none yet, and follows the ERP's name.
    """
    with transaction.atomic():
        sold_to, is_new = SoldTo.objects.select_for_update().get_or_create(
            erp_id=customer.erp_id, defaults={"number": customer.number, "name": customer.name}
        )
        if is_new:
            _audit_company(sold_to, "company_linked", by, {"number": customer.number}, now=now)
        elif (sold_to.number, sold_to.name) != (customer.number, customer.name):
            sold_to.number, sold_to.name = customer.number, customer.name
            sold_to.save(update_fields=["number", "name"])
    return sold_to


def assign_rep(
    *,
    rep: User,
    sold_to: SoldTo,
    from_on: dt.date,
    to_on: dt.date | None = None,
    by: By,
    now: dt.datetime,
) -> RepAssignment:
    """Give a company to a rep from a day on; repeated with the same day it changes the end.

    Raises:
        AccountsError: the person is not a rep.
    """
    if not rep.is_rep:
        raise AccountsError(_("%(person)s is not a sales rep; give him that role first.") % {"person": rep})
    with transaction.atomic():
        assignment, _is_new = RepAssignment.objects.update_or_create(
            rep=rep, sold_to=sold_to, from_on=from_on, defaults={"to_on": to_on}
        )
        detail = {
            "rep": str(rep.person_key),
            "from": from_on.isoformat(),
            "to": to_on.isoformat() if to_on else "",
        }
        _audit_company(sold_to, "rep_assigned", by, detail, now=now)
    return assignment


def set_eligible(
    *, sold_to: SoldTo, from_on: dt.date, to_on: dt.date | None = None, by: By, now: dt.datetime
) -> Eligibility:
    """Write into the ledger that the company can buy online from a day on.

    Raises:
        EligibilityRefused: the days overlap another entry, or end before they begin.
    """
    entry = Eligibility(sold_to=sold_to, can_buy=True, from_on=from_on, to_on=to_on)
    return _write_eligibility(entry, by=by, now=now)


def exclude(
    *,
    sold_to: SoldTo,
    from_on: dt.date,
    to_on: dt.date | None = None,
    reason: str,
    owner: User,
    review_on: dt.date,
    by: By,
    now: dt.datetime,
) -> Eligibility:
    """Write into the ledger that the company cannot buy online, why, and who looks again when.

    Raises:
        EligibilityRefused: the days overlap another entry, or the reason is missing.
    """
    entry = Eligibility(
        sold_to=sold_to,
        can_buy=False,
        from_on=from_on,
        to_on=to_on,
        reason=reason,
        owner=owner,
        review_on=review_on,
    )
    return _write_eligibility(entry, by=by, now=now)


def _write_eligibility(entry: Eligibility, *, by: By, now: dt.datetime) -> Eligibility:
    with transaction.atomic():
        SoldTo.objects.select_for_update().get(pk=entry.sold_to_id)
        try:
            entry.full_clean()
        except ValidationError as error:
            raise EligibilityRefused(" ".join(error.messages)) from error
        entry.save()
        detail = {
            "can_buy": entry.can_buy,
            "from": entry.from_on.isoformat(),
            "reason": entry.reason,
        }
        _audit_company(entry.sold_to, "eligibility_set", by, detail, now=now)
    return entry


def disable_person(*, person: User, by: By, now: dt.datetime) -> int:
    """Lock a person out at once: no log-in, every open session ended; return how many there were.

    Raises:
        AccountsError: somebody tries it on himself.
    """
    if _user(by) == person:
        raise AccountsError(_("You cannot disable yourself; ask a colleague."))
    with transaction.atomic():
        person.is_active = False
        person.save(update_fields=["is_active"])
        assisted.end_open(rep=person, cause="disabled", now=now)
        ended = end_sessions(user=person)
        _audit_person(person, "person_disabled", by, {"sessions_ended": ended}, now=now)
    return ended


def enable_person(*, person: User, by: By, now: dt.datetime) -> None:
    """Let a disabled person log in again."""
    with transaction.atomic():
        person.is_active = True
        person.save(update_fields=["is_active"])
        _audit_person(person, "person_enabled", by, {}, now=now)


def disable_membership(*, membership: Membership, by: By, now: dt.datetime) -> None:
    """Take a person out of a company; where it was his last one, his sessions end too.

    Raises:
        AccountsError: he would remove himself, or the company's last administrator.
    """
    person = membership.user
    if _user(by) == person:
        raise AccountsError(_("You cannot remove yourself; ask another administrator of your company."))
    with transaction.atomic():
        SoldTo.objects.select_for_update().get(pk=membership.sold_to_id)
        refuse_last_admin(membership)
        membership.is_active = False
        membership.save(update_fields=["is_active"])
        if not person.memberships.filter(is_active=True).exists():
            end_sessions(user=person)
        _audit_person(person, "membership_disabled", by, {}, now=now, sold_to=membership.sold_to)


def refuse_last_admin(membership: Membership) -> None:
    """Keep a company from locking itself out. Call inside a transaction, with the company's row locked.

    Raises:
        AccountsError: without this person nobody could manage the company any more.
    """
    if membership.role != Role.ADMIN or not membership.is_active:
        return
    others = Membership.objects.filter(
        sold_to=membership.sold_to_id, role=Role.ADMIN, is_active=True, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise AccountsError(
            _("%(person)s is the last administrator of this company. Name another one first; nothing was changed.")
            % {"person": membership.user}
        )


def change_membership(
    *, membership: Membership, wanted: Mapping[str, Any], by: By, now: dt.datetime
) -> dict[str, tuple[str, str]]:
    """Change a person's role, limits and usual choices; return what changed, as before and after.

    `wanted` holds some of `CHANGEABLE`. Somebody else's new role begins with a new log-in.

    Raises:
        AccountsError: the company would be without administrator.
    """
    with transaction.atomic():
        SoldTo.objects.select_for_update().get(pk=membership.sold_to_id)
        if wanted.get("role", membership.role) != Role.ADMIN:
            refuse_last_admin(membership)
        before = {name: str(getattr(membership, name) or "") for name in wanted}
        for name, value in wanted.items():
            if name not in CHANGEABLE:
                raise ValueError(name)
            setattr(membership, name, value)
        changed = {
            name: (old, new) for name, old in before.items() if (new := str(getattr(membership, name) or "")) != old
        }
        if changed:
            membership.save(update_fields=list(wanted))
            _audit_person(membership.user, "membership_changed", by, changed, now=now, sold_to=membership.sold_to)
        if "role" in changed and _user(by) != membership.user:
            end_sessions(user=membership.user)
    return changed


def enable_membership(*, membership: Membership, by: By, now: dt.datetime) -> None:
    """Bring a person back into a company."""
    with transaction.atomic():
        membership.is_active = True
        membership.save(update_fields=["is_active"])
        _audit_person(membership.user, "membership_enabled", by, {}, now=now, sold_to=membership.sold_to)


def grant_manager(*, person: User, by: By, now: dt.datetime) -> None:
    """Make somebody a manager.

    The admin, every page of it to look at, and the few changes he needs.
    """
    with transaction.atomic():
        group, _is_new = Group.objects.get_or_create(name=MANAGERS)
        group.permissions.set(_manager_permissions())
        _set_role(person, StaffRole.MANAGER, is_staff=True, by=by, now=now)
        person.groups.add(group)


def grant_rep(*, person: User, by: By, now: dt.datetime) -> None:
    """Make somebody a sales rep: his desk and assisted sessions, no admin."""
    with transaction.atomic():
        _set_role(person, StaffRole.REP, is_staff=False, by=by, now=now)
        person.groups.clear()


def update_profile(*, user: User, first_name: str, last_name: str, language: str, now: dt.datetime) -> None:
    """Change one's own name and language."""
    with transaction.atomic():
        user.first_name, user.last_name, user.language = first_name, last_name, language
        user.save(update_fields=["first_name", "last_name", "language"])
        _audit_person(user, "profile_changed", user, {}, now=now)


def _set_role(person: User, role: str, *, is_staff: bool, by: By, now: dt.datetime) -> None:
    before = person.staff_role
    person.staff_role, person.is_staff = role, is_staff
    person.save(update_fields=["staff_role", "is_staff"])
    if before != role:
        end_sessions(user=person)  # a new right begins with a new log-in
        _audit_person(person, "role_changed", by, {"before": before, "after": role}, now=now)


def _manager_permissions() -> list[Permission]:
    wanted = Q(codename__startswith="view_", content_type__app_label__in=VIEWED_APPS)
    for name in MANAGER_CHANGES:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.filter(wanted))


def _user(by: By) -> User | None:
    return by.user if isinstance(by, Actor) else by


def _audit_company(sold_to: SoldTo, action: str, by: By, detail: Mapping[str, object], *, now: dt.datetime) -> None:
    audit(
        actor=by,
        action=action,
        object_type="sold_to",
        object_id=str(sold_to.pk),
        detail=dict(detail),
        now=now,
        sold_to=sold_to,
    )


def _audit_person(
    person: User,
    action: str,
    by: By,
    detail: Mapping[str, object],
    *,
    now: dt.datetime,
    sold_to: SoldTo | None = None,
) -> None:
    audit(
        actor=by,
        action=action,
        object_type="person",
        object_id=str(person.person_key),
        detail=dict(detail),
        now=now,
        sold_to=sold_to,
    )
