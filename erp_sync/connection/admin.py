"""The connection's page: how the ERP answers now and over a month, what runs, what waits, what is announced."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from erp_sync.connection import charts, selectors, services
from erp_sync.connection.forms import AnnouncementForm
from erp_sync.connection.models import Announcement, Pulse
from erp_sync.mirror.admin import MAY_SYNC, kind_rows
from erp_sync.mirror.labels import NAMES
from erp_sync.outbox import selectors as outbox
from erp_sync.settling.admin import LookOnly

MAY_ANNOUNCE = "erp_sync.add_announcement"
PAGE = "admin:erp_sync_pulse_changelist"


@admin.register(Pulse)
class PulseAdmin(LookOnly):
    """The page stands where the list of pulses would be."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the announcements."""
        view = self.admin_site.admin_view
        return [
            path("look/", view(require_POST(self.look)), name="erp_sync_pulse_look"),
            path("announce/", view(require_POST(self.announce)), name="erp_sync_pulse_announce"),
            path("withdraw/<int:pk>/", view(require_POST(self.withdraw)), name="erp_sync_pulse_withdraw"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the page; while a pull runs it loads itself again."""
        return self._page(request, AnnouncementForm())

    def look(self, request: HttpRequest) -> HttpResponse:
        """Feel the pulse now, for whoever just connected the ERP or wonders whether it is back."""
        if not request.user.has_perm(MAY_SYNC):
            raise PermissionDenied
        services.feel_pulse(now=timezone.now())
        return redirect(PAGE)

    def announce(self, request: HttpRequest) -> HttpResponse:
        """Announce something to the buyers."""
        self._refuse_unless_may_announce(request)
        form = AnnouncementForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        services.announce(
            texts=form.texts,
            starts_at=form.cleaned_data["starts_at"],
            ends_at=form.cleaned_data["ends_at"],
            by=_who(request),
            now=timezone.now(),
        )
        messages.success(request, _("Buyers read it above every page for that time."))
        return redirect(PAGE)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End an announcement now."""
        self._refuse_unless_may_announce(request)
        services.withdraw(announcement=get_object_or_404(Announcement, pk=pk), now=timezone.now())
        messages.success(request, _("It is no longer shown."))
        return redirect(PAGE)

    def _page(self, request: HttpRequest, form: AnnouncementForm) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        days, rows, state = selectors.days(now=now), kind_rows(now), selectors.now_of(now=now)
        pulse = state.pulse
        context = {
            **self.admin_site.each_context(request),
            "title": _("ERP connection"),
            "opts": self.opts,
            "state": state,
            "copy_age": charts.age(pulse.mirror_lag_s) if pulse else "",
            "oldest_write": charts.duration(pulse.oldest_write_s) if pulse and pulse.oldest_write_s else "",
            "charts": charts.charts(days),
            "days": [
                (day, charts.age(day.oldest_write_s), charts.age(day.mirror_lag_s))
                for day in reversed(days)
                if day.answered is not None or day.parity is not None
            ],
            "rows": rows,
            "may_sync": request.user.has_perm(MAY_SYNC),
            "runs": [(NAMES.get(run.kind, run.kind), run) for run in selectors.last_runs()],
            "comparisons": selectors.last_comparisons(),
            "outbox": outbox.summary(now=now),
            "announcements": selectors.announcements(now=now),
            "now": now,
            "form": form if request.user.has_perm(MAY_ANNOUNCE) else None,
        }
        response = TemplateResponse(request, "admin/erp_sync/connection/page.html", context)
        if any(row.running for row in rows) and not form.is_bound:
            response["Refresh"] = "3"
        return response

    def _refuse_unless_may_announce(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MAY_ANNOUNCE):
            raise PermissionDenied


def _who(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", "") or request.user.pk)
