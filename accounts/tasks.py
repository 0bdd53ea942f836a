"""What accounts leave to the workers: mails, and assisted sessions whose time is over."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import assisted, invitations, mails, sessions

log = structlog.get_logger("accounts.tasks")

MAIL_TROUBLE = (OSError, SMTPException)


@shared_task(autoretry_for=MAIL_TROUBLE, retry_backoff=30, retry_backoff_max=1800, max_retries=8)
def send_invitation(invitation_id: int) -> None:
    """Send one invitation's mail, if it was not sent yet."""
    invitations.send(invitation_id=invitation_id, now=timezone.now())


@shared_task(autoretry_for=MAIL_TROUBLE, retry_backoff=30, retry_backoff_max=1800, max_retries=8)
def deliver(subject: str, text: str, html: str, to: list[str]) -> None:
    """Send one mail that is already written, so that no page waits for the mail server."""
    message = EmailMultiAlternatives(subject, text, to=to)
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


@shared_task(autoretry_for=MAIL_TROUBLE, retry_backoff=30, retry_backoff_max=1800, max_retries=8)
def send_password_link(email: str, language: str) -> None:
    """Send the link to choose a password; whether the address has a log-in is looked up here, not on the page."""
    mails.send_password_link(email=email, language=language)


@shared_task
def end_overdue_sessions() -> None:
    """Close assisted sessions whose browser never came back."""
    assisted.end_overdue(now=timezone.now())


@shared_task
def forget_expired_sessions() -> None:
    """Delete sessions whose time is over."""
    sessions.forget_expired(now=timezone.now())


def wake_invitation(invitation_id: int) -> None:
    """Hand an invitation to the workers.

    When nobody can be reached the log of invitations shows it as not sent.
    """
    try:
        send_invitation.delay(invitation_id)
    except (OperationalError, OSError) as error:
        log.warning("invitation_not_handed_over", invitation_id=invitation_id, error=str(error))
