"""Mails about log-ins, written and sent in a worker: subject, plain text and HTML from templates/emails/accounts/."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User

# The entry source that a visit from a mail is counted under (docs/metrics.md).
FROM_MAIL = "?src=email"


def send(*, name: str, to: str, language: str, context: dict[str, Any]) -> None:
    """Write the mail `name` in a language and send it."""
    full = {
        "company_name": settings.COMPANY_NAME,
        "company_address": settings.COMPANY_ADDRESS,
        "email": to,
    } | context
    prefix = f"emails/accounts/{name}"
    with translation.override(language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"{prefix}_subject.txt", full).split())
        message = EmailMultiAlternatives(subject, render_to_string(f"{prefix}.txt", full), to=[to])
        message.attach_alternative(render_to_string(f"{prefix}.html", full), "text/html")
    message.send()


def send_password_link(*, email: str, language: str) -> None:
    """Send the link to choose a password; to an address without a log-in, a mail that says so."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        send(name="unknown_address", to=email, language=language, context={})
        return
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = settings.SHOP_URL + reverse("account_reset_password_from_key", kwargs=key) + FROM_MAIL
    send(name="password_link", to=email, language=user.language or language, context={"link": link})
