"""Invitations: sent after the commit, accepted once, taken back, too old; sign-up is shut without one."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import invitations
from accounts.actors import Actor
from accounts.errors import InvitationRefused
from accounts.models import AuditEntry, Invitation, Membership, User
from tests.builders import people

pytestmark = pytest.mark.django_db
SIGNUP = "/accounts/signup/"
NEW = {
    "first_name": "Eva",
    "last_name": "Prieto",
    "password1": "a long enough secret",
    "password2": "a long enough secret",
}


def write(actor: Actor, email: str = "eva@example.com", **fields: str) -> Invitation:
    """Return an invitation into the actor's company."""
    values = {"role": "buyer", "language": "en"} | fields
    return invitations.invite(email=email, sold_to=actor.sold_to, by=actor, now=timezone.now(), **values)


def open_link(client: Client, invitation: Invitation) -> int:
    """Open the invitation's link and return the status."""
    return client.get(reverse("invitation", args=[invitations.token_of(invitation)])).status_code


def sign_up(client: Client, email: str = "eva@example.com") -> int:
    """Send the sign-up form and return the status."""
    return client.post(SIGNUP, {"email": email, **NEW}).status_code


def test_the_mail_goes_out_after_the_commit_with_a_link_that_works(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    admin = people.buyer(role="admin")
    with django_capture_on_commit_callbacks(execute=True):
        invitation = write(admin, "Eva@Example.com")
        assert mail.outbox == []
    [message] = mail.outbox
    assert message.to == ["eva@example.com"]
    assert admin.sold_to.name in message.subject
    [link] = set(re.findall(r"https?://\S+/invitation/\S+/", str(message.body)))
    assert client.get(link[link.index("/invitation") :]).status_code == 302
    invitation.refresh_from_db()
    assert invitation.sent_at is not None
    assert invitations.token_of(invitation) not in invitation.token_hash


def test_the_mail_speaks_the_language_of_the_invited(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(people.buyer(role="admin"), language="es")
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert '<html lang="es">' in html


def test_sending_twice_sends_one_mail() -> None:
    invitation = write(people.buyer(role="admin"))
    sent = [invitations.send(invitation_id=invitation.pk, now=timezone.now()) for _ in range(2)]
    assert sent == [True, False]
    assert len(mail.outbox) == 1


def test_an_invited_person_signs_up_and_belongs_to_the_company(client: Client) -> None:
    admin = people.buyer(role="admin")
    invitation = write(admin, role="approver", language="es")
    assert open_link(client, invitation) == 302
    page = client.get(reverse("invitation-accept"), follow=True).content.decode()
    assert 'value="eva@example.com"' in page
    assert sign_up(client) == 302
    user = User.objects.get(email="eva@example.com")
    assert (user.first_name, user.language) == ("Eva", "es")
    membership = Membership.objects.get(user=user)
    assert (membership.sold_to, membership.role) == (admin.sold_to, "approver")
    assert client.get(reverse("people")).status_code == 200  # logged in, for the company
    invitation.refresh_from_db()
    assert invitation.accepted_by == user


def test_sign_up_is_shut_without_an_invitation(client: Client) -> None:
    assert b"by invitation" in client.get(SIGNUP).content
    sign_up(client)
    assert not User.objects.exists()


def test_the_log_in_page_does_not_offer_sign_up(client: Client) -> None:
    page = client.get("/accounts/login/").content
    assert b"by invitation" in page
    assert SIGNUP.encode() not in page


def test_an_invitation_works_once(client: Client) -> None:
    invitation = write(people.buyer(role="admin"))
    open_link(client, invitation)
    sign_up(client)
    late = Client()
    assert open_link(late, invitation) == 410
    assert sign_up(late, "other@example.com") == 200
    assert not User.objects.filter(email="other@example.com").exists()


def test_two_browsers_with_one_link_make_one_person() -> None:
    invitation = write(people.buyer(role="admin"))
    first, second = Client(), Client()
    for one in (first, second):
        open_link(one, invitation)
    sign_up(first)
    sign_up(second)
    assert User.objects.filter(email="eva@example.com").count() == 1
    assert Membership.objects.filter(user__email="eva@example.com").count() == 1


def test_another_address_in_the_form_is_refused_and_leaves_nobody(client: Client) -> None:
    invitation = write(people.buyer(role="admin"))
    open_link(client, invitation)
    sign_up(client, "thief@example.com")
    assert not User.objects.filter(email="thief@example.com").exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.parametrize(("days", "status"), [(13.99, 302), (14.0, 410)])
def test_an_invitation_ends_after_fourteen_days(client: Client, days: float, status: int) -> None:
    invitation = write(people.buyer(role="admin"))
    with time_machine.travel(invitation.created_at + dt.timedelta(days=days), tick=False):
        assert open_link(client, invitation) == status


def test_a_revoked_invitation_is_closed_even_when_its_page_is_open(client: Client) -> None:
    admin = people.buyer(role="admin")
    invitation = write(admin)
    open_link(client, invitation)
    invitations.revoke(invitation=invitation, by=admin, now=timezone.now())
    assert b"by invitation" in client.get(SIGNUP).content
    assert open_link(Client(), invitation) == 410


def test_sending_again_renews_the_link_and_ends_the_old_one(client: Client) -> None:
    admin = people.buyer(role="admin")
    invitation = write(admin)
    old = invitations.token_of(invitation)
    later = timezone.now() + dt.timedelta(days=3)
    invitations.resend(invitation=invitation, by=admin, now=later)
    invitation.refresh_from_db()
    assert invitation.expires_at == later + dt.timedelta(days=14)
    assert client.get(reverse("invitation", args=[old])).status_code == 410
    assert open_link(client, invitation) == 302


def test_a_known_person_joins_a_second_company_with_a_click(client: Client) -> None:
    known, admin = people.buyer(), people.buyer(role="admin")
    invitation = write(admin, known.user.email)
    open_link(client, invitation)
    assert b"log-in with this address" in client.get(reverse("invitation-accept")).content
    client.force_login(known.user)
    assert client.post(reverse("invitation-accept")).status_code == 302
    assert set(known.user.memberships.values_list("sold_to", flat=True)) == {
        known.sold_to.pk,
        admin.sold_to.pk,
    }


def test_somebody_else_cannot_join_with_it(client: Client) -> None:
    other = people.buyer()
    invitation = write(people.buyer(role="admin"))
    client.force_login(other.user)
    open_link(client, invitation)
    assert client.post(reverse("invitation-accept")).status_code == 410
    assert other.user.memberships.count() == 1


def test_useless_invitations_are_refused_with_the_reason() -> None:
    admin = people.buyer(role="admin")
    member, rep = people.buyer(admin.sold_to), people.rep()
    write(admin)
    for email, words in (
        (member.user.email, "belongs"),
        (rep.email, "our own people"),
        ("eva@example.com", "open invitation"),
    ):
        with pytest.raises(InvitationRefused, match=words):
            write(admin, email)
    assert Invitation.objects.count() == 1


def test_every_step_is_in_the_audit_log() -> None:
    admin = people.buyer(role="admin")
    invitation = write(admin)
    invitations.resend(invitation=invitation, by=admin, now=timezone.now())
    invitations.revoke(invitation=invitation, by=admin, now=timezone.now())
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["invitation_written", "invitation_resent", "invitation_revoked"]
    assert set(AuditEntry.objects.values_list("actor_key", flat=True)) == {admin.user.person_key}


def test_accepting_again_is_refused_even_with_an_invitation_in_hand() -> None:
    admin = people.buyer(role="admin")
    user = people.person("eva@example.com")
    invitation = write(admin)
    invitations.accept(invitation=invitation, user=user, now=timezone.now())
    Membership.objects.filter(user=user).update(is_active=False)
    with pytest.raises(InvitationRefused, match="used already"):
        invitations.accept(invitation=invitation, user=user, now=timezone.now())
    assert not Membership.objects.get(user=user).is_active
