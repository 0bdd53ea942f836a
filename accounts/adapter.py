"""How allauth behaves here.

Sign-up by invitation only, mails by the workers, everybody to his own first page.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from accounts import invitations, mails, sessions, tasks
from accounts.errors import InvitationRefused
from accounts.models import User

log = structlog.get_logger("accounts.adapter")


# Where a manager begins: the adoption report in the administration.
ADOPTION = "admin:adoption_adoptionreport_changelist"


class AccountAdapter(DefaultAccountAdapter):
    """See the module."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Open only to somebody who came by the link of an invitation that still holds."""
        return invitations.remembered(request, now=timezone.now()) is not None

    def save_user(self, request: HttpRequest, user: Any, form: Form, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        """Create the person and his membership together.

        The invitation is used up in the same transaction.
        """
        now = timezone.now()
        invitation = invitations.remembered(request, now=now)
        if invitation is None:
            raise _refused(request, invitations.closed_sentence())
        # The link came to this address, so it is his.
        self.stash_verified_email(request, invitation.email)
        user.language = invitation.language or translation.get_language() or ""
        try:
            with transaction.atomic():
                saved = super().save_user(request, user, form, commit=True)
                invitations.accept(invitation=invitation, user=saved, now=now)
        except InvitationRefused as error:
            raise _refused(request, str(error)) from error
        invitations.forget(request)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Reps begin at their desk, managers with adoption, administrators in the admin, buyers on the home page."""
        user = request.user
        if isinstance(user, User) and user.is_rep:
            return resolve_url("rep-desk")
        if isinstance(user, User) and user.is_manager:
            return resolve_url(ADOPTION)
        if isinstance(user, User) and user.is_staff:
            return resolve_url("admin:index")
        return str(super().get_login_redirect_url(request))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the pages in the person's own language, unless another one was chosen on this device."""
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            set_language_cookie(response, user.language)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Announce a failed log-in."""
        sessions.note_failure(email=str(credentials.get("email", "")), now=timezone.now())

    def queue_password_link(self, email: str) -> None:
        """Let a worker send the link to choose a password, so that the page takes as long for every address."""
        language = translation.get_language() or ""
        try:
            tasks.send_password_link.delay(email, language)
        except (OperationalError, OSError) as error:
            log.warning("mail_not_handed_over", template="password_link", error=str(error))
            mails.send_password_link(email=email, language=language)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail now and let a worker send it.

        When no worker can be reached, send it here.
        """
        full = {
            "company_name": settings.COMPANY_NAME,
            "shop_url": settings.SHOP_URL,
            "email": email,
        } | context
        message = self.render_mail(template_prefix, email, full)
        html = next((str(part.content) for part in getattr(message, "alternatives", [])), "")
        try:
            tasks.deliver.delay(message.subject, str(message.body), html, list(message.to))
        except (OperationalError, OSError) as error:
            log.warning("mail_not_handed_over", template=template_prefix, error=str(error))
            message.send()


def _refused(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    messages.error(request, sentence)
    return ImmediateHttpResponse(redirect("account_login"))


def set_language_cookie(response: HttpResponseBase, language: str) -> None:
    """Set the cookie that Django's own language switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE or "Lax",
    )
