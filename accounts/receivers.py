"""Django's and allauth's own signals, turned into sessions and facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import assisted, sessions
from accounts.models import User
from accounts.signals import facts_wanted


@receiver(user_logged_in, dispatch_uid="accounts.session")
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Start the session's clock; Django has given it a new key already."""
    sessions.open_session(request, user, now=timezone.now())


@receiver(user_logged_out, dispatch_uid="accounts.session")
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Close an assisted session with the log-in that carries it."""
    if not isinstance(user, User):
        return
    now = timezone.now()
    assisted.end_open(rep=user, cause="signed_out", now=now)
    sessions.close_session(request, user, now=now)


@receiver([password_changed, password_reset, password_set], dispatch_uid="accounts.password")
def password_is_new(user: User, **kwargs: Any) -> None:
    """End every session that the old password opened."""
    sessions.end_sessions(user=user)


@receiver(facts_wanted, dispatch_uid="accounts.facts_again")
def tell_again(since: dt.datetime, **kwargs: Any) -> None:
    """Announce what can be told again from our own rows."""
    assisted.announce_again(since=since)
