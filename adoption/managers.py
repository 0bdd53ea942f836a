"""Who may see adoption and set its plans: our managers and administrators."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User


def may_see(request: HttpRequest) -> bool:
    """Whether this person may see adoption: our managers and administrators."""
    user = request.user
    return isinstance(user, User) and user.is_active and (user.is_manager or user.is_superuser)


class ForManagers(admin.ModelAdmin):
    """Tables that managers keep themselves, whatever other rights they have."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the entry to managers."""
        return may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let managers look."""
        return may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let managers add."""
        return may_see(request)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let managers change."""
        return may_see(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let managers delete."""
        return may_see(request)
