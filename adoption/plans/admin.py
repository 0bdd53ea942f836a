"""Plans, goals, costs, rates and calendars in the administration."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from adoption.managers import ForManagers
from adoption.plans.goal_metrics import NAMES, name_of
from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan


@admin.register(Plan)
class PlanAdmin(ForManagers):
    """The years' amounts."""

    list_display = ("year", "metric", "scope", "amount")
    list_filter = ("metric", "scope")


class GoalForm(forms.ModelForm):
    """A goal names its metric in words; its key is given by us."""

    metric = forms.ChoiceField(label=_("metric"), choices=[("", "—"), *NAMES.items()])

    class Meta:
        model = Goal
        fields = ("title", "metric", "baseline", "target", "start_on", "due_on", "owner")
        help_texts = {"baseline": _("Shares as 0.35 for 35 %."), "target": _("Shares as 0.50 for 50 %.")}


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
class CostAdmin(ForManagers):
    """What the channels cost."""

    list_display = ("occurred_on", "channel", "kind", "amount", "currency")
    list_filter = ("channel", "kind")
    date_hierarchy = "occurred_on"


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ForManagers):
    """Rates by day."""

    list_display = ("currency", "since_on", "rate")
    list_filter = ("currency",)


@admin.register(OpeningInterval)
class OpeningIntervalAdmin(ForManagers):
    """Opening hours by calendar; a calendar without rows follows the shop's settings."""

    list_display = ("calendar", "weekday", "opens", "closes")
    list_filter = ("calendar",)


@admin.register(Holiday)
class HolidayAdmin(ForManagers):
    """Public holidays by calendar; a calendar without rows has those of its country."""

    list_display = ("day", "calendar", "name")
    list_filter = ("calendar",)
