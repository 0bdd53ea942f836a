"""What we hold of a person: handed out as one file, or forgotten. Facts keep an opaque key that then names nobody."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import audit
from accounts.errors import AccountsError
from accounts.models import AuditEntry, Invitation, Membership, User
from accounts.sessions import end_sessions
from accounts.signals import PersonErased, person_erased, personal_data_wanted

GONE = "erased.invalid"


def export(*, person: User, by: User, now: dt.datetime) -> dict[str, Any]:
    """Return everything held of a person, by part; every app adds what it knows."""
    found: dict[str, Any] = {"exported_at": now, "person": _person(person), "companies": _companies(person)}
    found["invitations"] = list(
        Invitation.objects.filter(email__iexact=person.email).values(
            "sold_to__name", "role", "created_at", "accepted_at"
        )
    )
    entries = AuditEntry.objects.filter(actor_key=person.person_key).order_by("at")
    found["what_you_did"] = list(entries.values("at", "action", "object_type", "object_id", "ip"))
    for _receiver, part in personal_data_wanted.send(sender=export, person=person):
        found |= cast("dict[str, Any]", part)
    audit(actor=by, action="personal_data_exported", object_type="person", object_id=str(person.person_key), now=now)
    return found


def _person(person: User) -> dict[str, Any]:
    names = ("email", "first_name", "last_name", "language", "date_joined", "last_login", "person_key", "staff_role")
    return {name: getattr(person, name) for name in names}


def _companies(person: User) -> list[Any]:
    rows = Membership.objects.filter(user=person).order_by("pk")
    return list(rows.values("sold_to__name", "sold_to__number", "role", "is_active", "created_at"))


def erase(*, person: User, by: User, now: dt.datetime) -> None:
    """Forget a person: name, address, log-in, second factor and the link to his key go, at once.

    Orders, invoices and the audit log stay whole, as the law asks; facts keep the old key, which names nobody any more.

    Raises:
        AccountsError: it is oneself, or an administrator.
    """
    if person == by or person.is_superuser:
        raise AccountsError(_("Nobody erases himself or an administrator. Nothing was changed."))
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=person.pk)
        told = PersonErased(row.pk, str(row.person_key), row.email, name=str(row))
        end_sessions(user=row)
        _forget_log(row)
        EmailAddress.objects.filter(user=row).delete()
        Authenticator.objects.filter(user=row).delete()
        Membership.objects.filter(user=row).update(is_active=False)
        address = f"{uuid.uuid4().hex}@{GONE}"
        Invitation.objects.filter(email__iexact=row.email).update(email=address, revoked_at=now)
        audit(actor=by, action="person_erased", object_type="person", object_id=told.person_key, now=now)
        _empty(row, address)
        person_erased.send(sender=erase, event=told)


def _forget_log(row: User) -> None:
    """Take his name out of the administration's own log: it calls rows by what they were called then."""
    members = Membership.objects.filter(user=row).values_list("pk", flat=True)
    invited = Invitation.objects.filter(email__iexact=row.email).values_list("pk", flat=True)
    about = Q()
    for model, keys in (("user", [row.pk]), ("membership", members), ("invitation", invited)):
        about |= Q(content_type__model=model, object_id__in=[str(key) for key in keys])
    LogEntry.objects.filter(about, content_type__app_label="accounts").update(object_repr="", change_message="")


def _empty(row: User, address: str) -> None:
    row.email, row.first_name, row.last_name, row.language = address, "", "", ""
    row.last_login, row.is_active, row.is_staff, row.staff_role = None, False, False, ""
    row.person_key = uuid.uuid4()
    row.set_unusable_password()
    row.save()
    row.groups.clear()
