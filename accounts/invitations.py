"""Invitations by mail: written, sent, sent again, taken back, accepted once."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

import structlog
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actors import Actor
from accounts.audit import audit
from accounts.errors import InvitationRefused
from accounts.models import Invitation, Membership, SoldTo, User

log = structlog.get_logger("accounts.invitations")

LIFE = dt.timedelta(days=14)
SESSION_KEY = "invitation"
SALT = "accounts.invitation"


def invite(
    *,
    email: str,
    sold_to: SoldTo,
    role: str,
    language: str,
    by: Actor | User,
    now: dt.datetime,
) -> Invitation:
    """Write an invitation; its mail goes out after the commit.

    Raises:
        InvitationRefused: the person is one of ours, is in the company already, or has an open
            invitation.
    """
    email = email.strip().lower()
    inviter = by.user if isinstance(by, Actor) else by
    with transaction.atomic():
        SoldTo.objects.select_for_update().get(pk=sold_to.pk)
        refuse_useless(email=email, sold_to=sold_to, now=now)
        invitation = Invitation.objects.create(
            email=email,
            sold_to=sold_to,
            role=role,
            language=language,
            invited_by=inviter,
            # Made unique first; the real hash needs the row's id.
            token_hash=secrets.token_hex(32),
            created_at=now,
            expires_at=now + LIFE,
        )
        _renew_token(invitation, now=now)
        _audit(invitation, "invitation_written", by, now=now)
        _mail_after_commit(invitation)
    return invitation


def resend(*, invitation: Invitation, by: Actor | User, now: dt.datetime) -> None:
    """Send an invitation again for another 14 days; the link of the earlier mail stops working.

    Raises:
        InvitationRefused: it was accepted or taken back.
    """
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if row.accepted_at or row.revoked_at:
            raise InvitationRefused(_("This invitation was already accepted or taken back. Write a new one."))
        _renew_token(row, now=now)
        _audit(row, "invitation_resent", by, now=now)
        _mail_after_commit(row)


def revoke(*, invitation: Invitation, by: Actor | User, now: dt.datetime) -> None:
    """Take an invitation back.

    Raises:
        InvitationRefused: it was accepted already: the person must be disabled instead.
    """
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if row.accepted_at:
            raise InvitationRefused(_("This invitation was accepted already. Remove the person instead."))
        row.revoked_at = row.revoked_at or now
        row.save(update_fields=["revoked_at"])
        _audit(row, "invitation_revoked", by, now=now)


def accept(*, invitation: Invitation, user: User, now: dt.datetime) -> Membership:
    """Make the person a member. Works once, however often and from wherever it is tried.

    Raises:
        InvitationRefused: used, taken back, too old, or written to another address.
    """
    if invitation.email != user.email.lower():
        raise InvitationRefused(_("This invitation was sent to another address. Sign out, then open its link again."))
    with transaction.atomic():
        usable = Invitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        )
        if not usable.update(accepted_at=now, accepted_by=user):
            raise InvitationRefused(closed_sentence())
        membership, _is_new = Membership.objects.update_or_create(
            user=user,
            sold_to=invitation.sold_to,
            defaults={"role": invitation.role, "is_active": True},
        )
        _audit(invitation, "invitation_accepted", user, now=now)
    return membership


def find(*, token: str, now: dt.datetime) -> Invitation | None:
    """Return the invitation of a link while it can be accepted."""
    return _usable(token_hash=_hash(token), now=now)


def remember(request: HttpRequest, invitation: Invitation) -> None:
    """Keep the invitation for the next pages, so that the token leaves the address bar."""
    request.session[SESSION_KEY] = invitation.token_hash


def remembered(request: HttpRequest, *, now: dt.datetime) -> Invitation | None:
    """Return the invitation that this visitor opened, while it can still be accepted."""
    token_hash = request.session.get(SESSION_KEY, "")
    return _usable(token_hash=token_hash, now=now) if token_hash else None


def forget(request: HttpRequest) -> None:
    """Drop the invitation from the visitor's session."""
    request.session.pop(SESSION_KEY, None)


def closed_sentence() -> str:
    """Say why a link no longer works and what to do."""
    return _(
        "This invitation was used already, taken back, or is older than 14 days. "
        "Ask the person who invited you to send it again."
    )


def send(*, invitation_id: int, now: dt.datetime) -> bool:
    """Send the mail of an invitation that was not sent since it was last written.

    Safe to run twice.
    """
    invitation = Invitation.objects.select_related("sold_to", "invited_by").filter(pk=invitation_id).first()
    if invitation is None or invitation.sent_at or invitation.revoked_at or invitation.accepted_at:
        return False
    context = {"invitation": invitation, "link": link_of(invitation)}
    mails.send(name="invitation", to=invitation.email, language=invitation.language, context=context)
    Invitation.objects.filter(pk=invitation_id, token_hash=invitation.token_hash).update(sent_at=now)
    return True


def token_of(invitation: Invitation) -> str:
    """Return the secret of an invitation's link.

    It is derived from the server's key and stored nowhere.
    """
    written = int(invitation.expires_at.timestamp())
    return signing.Signer(salt=SALT).signature(f"{invitation.pk}:{invitation.email}:{written}")


def link_of(invitation: Invitation) -> str:
    """Return the whole address that the mail shows."""
    return settings.SHOP_URL + reverse("invitation", args=[token_of(invitation)]) + mails.FROM_MAIL


def refuse_useless(*, email: str, sold_to: SoldTo, now: dt.datetime) -> None:
    """Refuse an invitation that nobody needs or may accept.

    Raises:
        InvitationRefused: see `invite`.
    """
    person = User.objects.filter(email=email).first()
    if person and (person.staff_role or person.is_staff):
        raise InvitationRefused(_("This is one of our own people; he cannot belong to a customer's company."))
    if person and person.memberships.filter(sold_to=sold_to, is_active=True).exists():
        raise InvitationRefused(_("%(email)s belongs to this company already.") % {"email": email})
    open_ones = Invitation.objects.filter(email=email, sold_to=sold_to, accepted_at=None, revoked_at=None)
    if open_ones.filter(expires_at__gt=now).exists():
        raise InvitationRefused(
            _("%(email)s has an open invitation to this company. Send that one again.") % {"email": email}
        )


def _renew_token(invitation: Invitation, *, now: dt.datetime) -> None:
    invitation.expires_at = now + LIFE
    invitation.sent_at = None
    invitation.token_hash = _hash(token_of(invitation))
    invitation.save(update_fields=["expires_at", "sent_at", "token_hash"])


def _usable(*, token_hash: str, now: dt.datetime) -> Invitation | None:
    found = Invitation.objects.filter(token_hash=token_hash, expires_at__gt=now, sold_to__is_active=True)
    return found.filter(accepted_at=None, revoked_at=None).select_related("sold_to", "invited_by").first()


def _mail_after_commit(invitation: Invitation) -> None:
    from accounts.tasks import wake_invitation

    transaction.on_commit(lambda: wake_invitation(invitation.pk), robust=True)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _audit(invitation: Invitation, action: str, by: Actor | User, *, now: dt.datetime) -> None:
    audit(
        actor=by,
        action=action,
        object_type="invitation",
        object_id=str(invitation.pk),
        detail={"role": invitation.role},
        now=now,
        sold_to=invitation.sold_to,
    )
