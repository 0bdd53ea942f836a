"""Who may see adoption and set its plans: our managers and administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import SoldTo, User


def may_see(request: HttpRequest) -> bool:
    """Whether this person may see adoption: our managers and administrators."""
    user = request.user
    return isinstance(user, User) and user.is_active and (user.is_manager or user.is_superuser)


class OfCompany(admin.ModelAdmin):
    """A list whose rows name a company by its ERP key in `account_id`: shows its name."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the name along."""
        rows: QuerySet[Any] = super().get_queryset(request)
        name = SoldTo.objects.filter(erp_id=OuterRef("account_id")).values("name")[:1]
        named: QuerySet[Any] = rows.annotate(company_name=Subquery(name))
        return named

    @admin.display(description=_("company"), ordering="account_id")
    def company(self, row: Any) -> str:
        """Return the company's name, its key when nobody knows it."""
        return str(row.company_name or row.account_id)


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
