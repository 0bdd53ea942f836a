"""How fresh the mirror is: a page for each kind with what runs, what failed, and the buttons that ask for more."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp_sync.mirror import columns as c
from erp_sync.mirror import models as m
from erp_sync.mirror import sync
from erp_sync.mirror.labels import NAMES
from erp_sync.mirror.progress import seconds_left
from erp_sync.mirror.rows import TABLES
from erp_sync.ports import MIRRORED

MAY_SYNC = "erp_sync.change_syncstate"
LATE_AFTER = dt.timedelta(minutes=30)


class ReadOnly(admin.ModelAdmin):
    """Rows that only the pull writes; every field under its label."""

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show what people read."""
        return c.shown_fields(self.model)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Nothing of it is typed."""
        return c.shown_fields(self.model)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one; those who may view still see it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes one."""
        return False


@dataclass(frozen=True, slots=True)
class Running:
    """A run that is under way: count, rate, time left."""

    seen: int
    expected: int | None
    percent: int | None
    rate: int
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind on the page.

    Attributes:
        is_late: It was pulled whole longer ago than `LATE_AFTER`, or never.
        has_failed: The last try ended with `error`; it is newer than the last success.
    """

    kind: str
    name: Any
    rows: int
    last_success_at: dt.datetime | None
    keys_compared_at: dt.datetime | None
    is_late: bool
    has_failed: bool
    error: str
    error_at: dt.datetime | None
    quarantined: int
    running: Running | None


def kind_rows(now: dt.datetime) -> list[KindRow]:
    """Return how every kind stands, in the order in which they are pulled."""
    states = {state.kind: state for state in m.SyncState.objects.all()}
    runs = {run.kind: run for run in m.SyncRun.objects.filter(ended_at=None).order_by("started_at")}
    open_ones = m.Quarantine.objects.filter(settled_at=None).values_list("kind").annotate(Count("pk"))
    quarantined = dict(open_ones)
    return [
        _kind_row(kind, states.get(kind) or m.SyncState(kind=kind), runs.get(kind), quarantined.get(kind, 0), now)
        for kind in MIRRORED
    ]


def _kind_row(kind: str, state: m.SyncState, run: m.SyncRun | None, quarantined: int, now: dt.datetime) -> KindRow:
    success, failure = state.last_success_at, state.last_error_at
    return KindRow(
        kind=kind,
        name=NAMES[kind],
        rows=TABLES[kind].model._default_manager.filter(gone_at=None).count(),
        last_success_at=success,
        keys_compared_at=state.keys_compared_at,
        is_late=success is None or now - success > LATE_AFTER,
        has_failed=failure is not None and (success is None or failure >= success),
        error=state.last_error,
        error_at=failure,
        quarantined=quarantined,
        running=_running(run, now) if run else None,
    )


def _running(run: m.SyncRun, now: dt.datetime) -> Running:
    elapsed = max((now - run.started_at).total_seconds(), 0.001)
    left = seconds_left(run.expected, run.seen, elapsed)
    return Running(
        seen=run.seen,
        expected=run.expected,
        percent=min(100, 100 * run.seen // run.expected) if run.expected else None,
        rate=round(run.seen / elapsed),
        seconds_left=None if left is None else round(left),
    )


@admin.register(m.SyncState)
class SyncStateAdmin(ReadOnly):
    """How fresh the mirror is; its list is a page of its own with buttons."""

    def get_urls(self) -> list[URLPattern]:
        """Add the buttons' address."""
        ask = path("ask/", self.admin_site.admin_view(require_POST(self.ask)), name="erp_sync_syncstate_ask")
        return [ask, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show every kind; while something runs the page loads itself again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = kind_rows(timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Copy of the ERP's data"),
            "opts": self.opts,
            "rows": rows,
            "may_sync": request.user.has_perm(MAY_SYNC),
        }
        response = TemplateResponse(request, "admin/erp_sync/mirror/sync.html", context)
        if any(row.running for row in rows):
            response["Refresh"] = "3"
        return response

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask a worker for a pull (of one kind or all, of what changed or everything) or a comparison of ids."""
        if not request.user.has_perm(MAY_SYNC):
            raise PermissionDenied
        if _ask_worker(request):
            messages.success(request, _("A worker was asked. This page shows how far it is once it begins."))
        else:
            messages.error(
                request,
                _("No worker could be asked: the message broker does not answer. The next round runs by itself."),
            )
        page = "pulse" if request.POST.get("from") == "connection" else "syncstate"
        return redirect(f"admin:erp_sync_{page}_changelist")


def _ask_worker(request: HttpRequest) -> bool:
    if request.POST.get("keys") == "1":
        return sync.ask_for_comparison()
    kind = request.POST.get("kind", "")
    who = str(getattr(request.user, "email", "") or request.user.pk)
    return sync.ask_for_pull(
        kinds=[kind] if kind in MIRRORED else MIRRORED, full=request.POST.get("full") == "1", asked_by=who
    )
