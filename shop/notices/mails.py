"""Writes the mails of notices: one notice, or the day's notices; text and HTML, in the reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import is_ours
from accounts.models import User
from shop.notices import tokens
from shop.notices.models import Notice
from shop.notices.words import words_of

# The entry source that a visit from a mail is counted under (docs/metrics.md).
FROM_MAIL = "?src=email"


def single(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail of one notice."""
    person = notice.person
    with translation.override(person.language or settings.LANGUAGE_CODE):
        words = words_of(notice.event, notice.params)
        token = tokens.token_for(person=person, event=notice.event)
        context = {"words": words, "url": _open_url(notice), "sold_to": notice.sold_to} | _frame(person, token)
        return _mail(person, words.title, "notice", context, token, key=f"{notice.pk}")


def digest(notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """Return the day's mail of one person, the latest notice last; there is at least one."""
    person = notices[0].person
    with translation.override(person.language or settings.LANGUAGE_CODE):
        rows = [(words_of(one.event, one.params), one, _open_url(one)) for one in notices]
        token = tokens.token_for(person=person, event=tokens.DIGEST)
        more = len(rows) - 1
        title = rows[-1][0].title
        subject = _("%(title)s, and %(more)s more") % {"title": title, "more": more} if more else title
        context = {
            "rows": rows,
            "url": settings.SHOP_URL + reverse("notices") + FROM_MAIL,
            "names_company": is_ours(person) or len({one.sold_to_id for one in notices}) > 1,
        } | _frame(person, token)
        key = "digest-" + "-".join(str(one.pk) for one in notices)
        return _mail(person, subject, "digest", context, token, key=key)


def _open_url(notice: Notice) -> str:
    return settings.SHOP_URL + reverse("notice-open", kwargs={"pk": notice.pk}) + FROM_MAIL


def _frame(person: User, token: str) -> dict[str, Any]:
    return {
        "person": person,
        "company_name": settings.COMPANY_NAME,
        "company_address": settings.COMPANY_ADDRESS,
        "settings_url": settings.SHOP_URL + reverse("notice-settings") + FROM_MAIL,
        "unsubscribe_url": settings.SHOP_URL + tokens.path_of(token),
    }


def _mail(
    person: User, subject: str, name: str, context: dict[str, Any], token: str, *, key: str
) -> EmailMultiAlternatives:
    context = {"subject": subject} | context
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"emails/notices/{name}.txt", context),
        to=[person.email],
        headers={
            "Message-ID": _message_id(key),
            "Auto-Submitted": "auto-generated",
            # RFC 8058: a mail program may end these mails with one POST.
            "List-Unsubscribe": f"<{settings.SHOP_URL}{tokens.path_of(token)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(render_to_string(f"emails/notices/{name}.html", context), "text/html")
    return mail


def _message_id(key: str) -> str:
    """Return the same id for the same mail, so that one that went twice (we died in between) is shown once."""
    host = urlsplit(settings.SHOP_URL).hostname or "shop"
    return f"<notice-{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"
