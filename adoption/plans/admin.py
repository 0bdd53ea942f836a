"""Plans, goals, costs, rates and calendars in the administration: by hand, or from a file."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from adoption.managers import ForManagers, may_see
from adoption.plans import files
from adoption.plans.errors import BadFile, Problem
from adoption.plans.forms import CostForm, ExchangeRateForm, GoalForm, HolidayForm, OpeningIntervalForm, PlanForm
from adoption.plans.goal_metrics import name_of
from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan
from adoption.reports.words import channel_word, plan_word, weekday_word
from sheets.cells import Column
from sheets.responses import table_response

MOST_SHOWN = 50


class FromFiles(ForManagers):
    """A table that may be filled from a file too."""

    table: ClassVar[files.Table]
    change_list_template = "admin/adoption/list_from_file.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page that takes a file, and its template."""
        view, name = self.admin_site.admin_view, f"adoption_{self.opts.model_name}"
        own = [
            path("file/", view(self.file), name=f"{name}_file"),
            path("file/template.csv", view(self.template), name=f"{name}_template"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Name the page that takes a file."""
        context = {"file_url": reverse(f"admin:adoption_{self.opts.model_name}_file")}
        return super().changelist_view(request, context | (extra_context or {}))

    def file(self, request: HttpRequest) -> HttpResponse:
        """Show what a file must look like, and take one."""
        if not may_see(request):
            raise Http404
        problems: tuple[Problem, ...] = ()
        if request.method == "POST":
            try:
                kept = files.keep(self.table, _sent(request))
            except BadFile as error:
                problems = error.problems
            else:
                self.message_user(request, _said(kept), messages.SUCCESS)
                return redirect(f"admin:adoption_{self.opts.model_name}_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("%(what)s from a file") % {"what": capfirst(self.opts.verbose_name_plural)},
            "opts": self.opts,
            "columns": _columns(self.table),
            "replaced": bool(self.table.replaced),
            "template_url": reverse(f"admin:adoption_{self.opts.model_name}_template"),
            "problems": problems[:MOST_SHOWN],
            "problem_count": len(problems),
            "more": max(len(problems) - MOST_SHOWN, 0),
        }
        return TemplateResponse(request, "admin/adoption/file.html", context, status=422 if problems else 200)

    def template(self, request: HttpRequest) -> HttpResponseBase:
        """Send such a file with what there is now."""
        if not may_see(request):
            raise Http404
        columns = [Column(name) for name in self.table.columns]
        return table_response("csv", name=self.table.name, columns=columns, rows=files.template_rows(self.table))


def _sent(request: HttpRequest) -> bytes:
    """Return the file's content, no more of it than may be."""
    file = request.FILES.get("file")
    if file is None:
        raise BadFile([Problem(0, "", gettext("Choose a file first."))])
    return bytes(file.read(files.MOST_BYTES + 1))


def _said(kept: files.Kept) -> str:
    words = gettext("%(new)s new, %(changed)s changed, %(same)s as before.") % {
        "new": kept.new,
        "changed": kept.changed,
        "same": kept.same,
    }
    gone = gettext("%(removed)s that the file no longer holds were taken away.") % {"removed": kept.removed}
    return f"{words} {gone}" if kept.removed else words


def _columns(table: files.Table) -> list[tuple[str, Any, str, str]]:
    """Return the columns with what they are, an example, and the values that may stand there if not any may."""
    fields = [table.form.base_fields[field] for field in table.columns.values()]
    allowed = [", ".join(value for value, _words in getattr(field, "choices", ())) for field in fields]
    return list(zip(table.columns, (field.label for field in fields), table.examples, allowed, strict=True))


@admin.register(Plan)
class PlanAdmin(FromFiles):
    """The years' amounts."""

    form = PlanForm
    table = files.PLANS
    list_display = ("year", "metric_name", "scope_name", "amount", "seasonality")
    list_filter = ("year",)

    @admin.display(description=_("metric"), ordering="metric")
    def metric_name(self, plan: Plan) -> str:
        """Return what is planned, in words."""
        return plan_word(plan.metric)

    @admin.display(description=_("scope"), ordering="scope")
    def scope_name(self, plan: Plan) -> str:
        """Return for which channels."""
        return gettext("all channels") if plan.scope == "total" else channel_word(plan.scope)


@admin.register(Goal)
class GoalAdmin(ForManagers):
    """Where somebody wants a metric to be, and when."""

    form = GoalForm
    list_display = ("__str__", "metric_name", "baseline", "target", "start_on", "due_on", "owner")

    @admin.display(description=_("metric"), ordering="metric")
    def metric_name(self, goal: Goal) -> str:
        """Return what the goal is about, in words."""
        return str(name_of(goal.metric))

    def save_model(self, request: HttpRequest, obj: Goal, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's own)
        """Give a new goal its key."""
        obj.goal_id = obj.goal_id or f"G-{uuid.uuid4().hex[:12]}"
        super().save_model(request, obj, form, change)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer our own people as owners."""
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.filter(is_active=True, is_staff=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Cost)
class CostAdmin(FromFiles):
    """What the channels cost."""

    form = CostForm
    table = files.COSTS
    list_display = ("occurred_on", "channel_name", "kind", "amount", "currency")
    list_filter = ("kind",)
    date_hierarchy = "occurred_on"

    @admin.display(description=_("channel"), ordering="channel")
    def channel_name(self, cost: Cost) -> str:
        """Return the channel in words."""
        return gettext("shared by all channels") if cost.channel == "shared" else channel_word(cost.channel)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(FromFiles):
    """Rates by day."""

    form = ExchangeRateForm
    table = files.RATES
    list_display = ("currency", "since_on", "rate")
    list_filter = ("currency",)


@admin.register(OpeningInterval)
class OpeningIntervalAdmin(FromFiles):
    """Opening hours by calendar; a calendar without rows follows the shop's settings."""

    form = OpeningIntervalForm
    table = files.HOURS
    list_display = ("calendar", "weekday_name", "opens", "closes")
    list_filter = ("calendar",)

    @admin.display(description=_("weekday"), ordering="weekday")
    def weekday_name(self, interval: OpeningInterval) -> str:
        """Return the weekday in words."""
        return weekday_word(interval.weekday)


@admin.register(Holiday)
class HolidayAdmin(FromFiles):
    """Public holidays by calendar; a calendar without rows has those of its country."""

    form = HolidayForm
    table = files.HOLIDAYS
    list_display = ("day", "calendar", "name")
    list_filter = ("calendar",)
