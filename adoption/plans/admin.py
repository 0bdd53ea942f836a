"""Plans, goals, costs, rates and calendars in the administration."""

from __future__ import annotations

from django.contrib import admin

from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    """The years' amounts."""

    list_display = ("year", "metric", "scope", "amount")
    list_filter = ("metric", "scope")


@admin.register(Goal)
class GoalAdmin(admin.ModelAdmin):
    """Where somebody wants a metric to be, and when."""

    list_display = ("__str__", "metric", "baseline", "target", "start_on", "due_on", "owner")
    autocomplete_fields = ("owner",)


@admin.register(Cost)
class CostAdmin(admin.ModelAdmin):
    """What the channels cost."""

    list_display = ("occurred_on", "channel", "kind", "amount", "currency")
    list_filter = ("channel", "kind")
    date_hierarchy = "occurred_on"


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    """Rates by day."""

    list_display = ("currency", "since_on", "rate")
    list_filter = ("currency",)


@admin.register(OpeningInterval)
class OpeningIntervalAdmin(admin.ModelAdmin):
    """Opening hours by calendar; a calendar without rows follows the shop's settings."""

    list_display = ("calendar", "weekday", "opens", "closes")
    list_filter = ("calendar",)


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    """Public holidays by calendar; a calendar without rows has those of its country."""

    list_display = ("day", "calendar", "name")
    list_filter = ("calendar",)
