"""The link at the foot of a mail that ends such mails without a log-in: signed, and good for nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse

from accounts.models import User
from shop.notices.events import EVENTS

SALT = "shop.notices.unsubscribe"
# Stands for all events that come in the day's mail.
DIGEST = "digest"


class BadToken(ValueError):
    """Not one of ours, changed, or of somebody who is gone."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whose mails about which event (or DIGEST) a token ends."""

    person: User
    event: str


def token_for(*, person: User, event: str) -> str:
    """Return the token that ends mails about an event, or the day's mail, for this person alone."""
    return signing.dumps([str(person.person_key), event], salt=SALT)


def read(token: str) -> Subscription:
    """Return what a token ends. It does not grow old: a mail may be years old when somebody has enough of it.

    Raises:
        BadToken: see there.
    """
    try:
        person_key, event = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error
    person = User.objects.filter(person_key=person_key).first()
    if person is None or (event != DIGEST and event not in EVENTS):
        raise BadToken
    return Subscription(person=person, event=event)


def path_of(token: str) -> str:
    """Return the address of the link."""
    return reverse("notice-unsubscribe", kwargs={"token": token})
