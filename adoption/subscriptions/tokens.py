"""The link at the foot of a weekly mail that ends it without a log-in: signed, and good for nothing else."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from adoption.subscriptions.models import Subscription

SALT = "adoption.subscriptions.end"


def path_of(subscription: Subscription) -> str:
    """Return the address of the link."""
    token = signing.dumps([str(subscription.reader.person_key), subscription.pk], salt=SALT)
    return reverse("report-mail-end", kwargs={"token": token})


def read(token: str) -> tuple[str, int] | None:
    """Return whose subscription a link ends, and which; None when it is not ours. It does not grow old."""
    try:
        person_key, pk = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(person_key), int(pk)
