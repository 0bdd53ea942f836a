"""How adoption writes a mail: text and HTML of one template, in the reader's language; and what can go wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

MAIL_TROUBLE = (SMTPException, OSError)


def written(
    *,
    to: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    key: str,
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """Return a mail of `emails/<template>.txt` and `.html`, in the language that is active.

    The same key gives the same Message-ID, so that a mail that went twice is shown once.
    """
    full = {
        "subject": subject,
        "company_name": settings.COMPANY_NAME,
        "company_address": settings.COMPANY_ADDRESS,
        **context,
    }
    host = urlsplit(settings.SHOP_URL).hostname or "shop"
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"emails/{template}.txt", full),
        to=[to],
        headers={
            "Message-ID": f"<adoption-{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>",
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    )
    mail.attach_alternative(render_to_string(f"emails/{template}.html", full), "text/html")
    return mail
