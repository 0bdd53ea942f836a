"""What the admin pages of people and companies share."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audit import audit
from accounts.middleware import ip_of
from accounts.models import (
    SoldTo,
    User,
)


def badge(tone: str, words: str) -> SafeString:
    """Return a coloured word; the word carries the meaning."""
    return format_html('<span class="badge {}">{}</span>', tone, words)


def when(instant: dt.datetime | None) -> str:
    """Return an instant by the company's clock, short; a dash when there is none."""
    if instant is None:
        return "–"  # noqa: RUF001 (a dash, not a minus)
    return formats.date_format(timezone.localtime(instant, ZoneInfo(settings.COMPANY_TZ)), "SHORT_DATETIME_FORMAT")


class AuditedAdmin(admin.ModelAdmin):
    """Every change made here is in the audit log too; deleting is not offered."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Write Django's own entry and ours."""
        self._audit(request, obj, "admin_added", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Write Django's own entry and ours."""
        self._audit(request, obj, "admin_changed", message)
        return super().log_change(request, obj, message)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: people are disabled, entries are ended."""
        return False

    def _audit(self, request: HttpRequest, obj: Model, action: str, message: Any) -> None:
        audit(
            actor=user_of(request),
            action=action,
            object_type=str(self.opts.model_name),
            object_id=str(obj.pk),
            detail={"change": _nameless(message)},
            now=timezone.now(),
            sold_to=obj if isinstance(obj, SoldTo) else None,
            ip=ip_of(request),
        )


def _nameless(message: Any) -> Any:
    """Return what was changed without what the changed rows are called: that may be a person's name."""
    if not isinstance(message, list):
        return message
    return [
        {step: {name: value for name, value in what.items() if name != "object"} for step, what in one.items()}
        for one in message
    ]


class ReadOnlyAdmin(admin.ModelAdmin):
    """A log: to be read and searched, by nobody to be changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


def user_of(request: HttpRequest) -> User:
    """Return who works in the admin; the site lets nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("The admin let somebody in who is not logged in.")
    return user
