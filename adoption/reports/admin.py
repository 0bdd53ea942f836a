"""The adoption report in the admin: for managers and administrators, read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from adoption.events.models import Event, OrderChannel
from adoption.reports import pages, periods
from adoption.reports.figures import BY_KEY
from adoption.reports.models import AdoptionReport


def may_see(request: HttpRequest) -> bool:
    """Whether this person may see adoption: our managers and administrators."""
    user = request.user
    return isinstance(user, User) and user.is_active and (user.is_manager or user.is_superuser)


@admin.register(AdoptionReport)
class AdoptionReportAdmin(admin.ModelAdmin):
    """A page instead of a list: the menu entry leads to the report."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the entry to managers."""
        return may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let managers look."""
        return may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Put the report in the list's place, and each figure below it."""
        return [
            path("", self.admin_site.admin_view(self.report), name="adoption_adoptionreport_changelist"),
            path("<slug:key>/", self.admin_site.admin_view(self.figure), name="adoption_figure"),
        ]

    def report(self, request: HttpRequest) -> HttpResponse:
        """Show the adoption page."""
        self._refuse_unless_manager(request)
        found = pages.report(**self._period(request), now=timezone.now())
        return self._page(request, "admin/adoption/report.html", _("Adoption"), {"report": found})

    def figure(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show one figure with everything behind it."""
        self._refuse_unless_manager(request)
        if key not in BY_KEY:
            raise Http404
        found = pages.detail(figure=BY_KEY[key], **self._period(request), now=timezone.now())
        return self._page(request, "admin/adoption/figure.html", str(BY_KEY[key].title), {"detail": found})

    def _refuse_unless_manager(self, request: HttpRequest) -> None:
        """For everybody else the page does not exist."""
        if not may_see(request):
            raise Http404

    def _period(self, request: HttpRequest) -> dict[str, str]:
        return {
            "chosen_key": request.GET.get("period", "quarter")[:20],
            "first": request.GET.get("first", "")[:10],
            "last": request.GET.get("last", "")[:10],
        }

    def _page(self, request: HttpRequest, template: str, title: str, found: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, "choices": periods.CHOICES, **found}
        return TemplateResponse(request, template, context)


class FactAdmin(admin.ModelAdmin):
    """Facts to look at; nobody edits one."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Facts come from the shop."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts stay."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts stay."""
        return False


@admin.register(Event)
class EventAdmin(FactAdmin):
    """Events as they were recorded."""

    list_display = ("occurred_at", "kind", "actor", "account_id", "object_type", "object_id", "session_id")
    list_filter = ("kind", "actor")
    search_fields = ("event_id", "account_id", "object_id")
    date_hierarchy = "occurred_at"


@admin.register(OrderChannel)
class OrderChannelAdmin(FactAdmin):
    """The channel that was decided for each order, with its rule."""

    list_display = ("order_key", "channel", "rule", "decided_at")
    list_filter = ("channel", "rule")
    search_fields = ("order_key",)
