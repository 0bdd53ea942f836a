"""Closed days and restatements, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from adoption.books.models import CompanyBook, DayBook, Restatement, RollupRun
from adoption.books.words import METRICS, restated
from adoption.company import company


class ReadOnly(admin.ModelAdmin):
    """Rows that only programs write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes one."""
        return False


@admin.register(DayBook)
class DayBookAdmin(ReadOnly):
    """Days as they were when they were closed."""

    list_display = ("day", "version", "counts", "frozen_at")
    exclude = ("rows",)
    date_hierarchy = "day"


@admin.register(Restatement)
class RestatementAdmin(ReadOnly):
    """What late facts changed."""

    list_display = ("day", "figure", "told", "behind", "found_at")
    list_filter = ("metric",)
    date_hierarchy = "day"

    @admin.display(description=_("Figure"), ordering="metric")
    def figure(self, row: Restatement) -> str:
        """Return what was restated, in words."""
        return str(METRICS.get(row.metric, row.metric))

    @admin.display(description=_("What late facts changed"))
    def told(self, row: Restatement) -> str:
        """Return the sentence of the report."""
        return restated(row, company().currency)

    @admin.display(description=_("The rows behind it"))
    def behind(self, row: Restatement) -> str:
        """Return the numbers of the orders and documents that came late, changed or went."""
        return ", ".join(str(one) for cause in row.causes for one in cause.get("ids", ()))


@admin.register(RollupRun)
class RollupRunAdmin(ReadOnly):
    """When the sums were made, and what the comparison found."""

    list_display = ("ran_at", "covers_to", "differences")


@admin.register(CompanyBook)
class CompanyBookAdmin(ReadOnly):
    """Whose imported facts these are."""

    list_display = ("source", "timezone", "currency", "calendar", "as_of", "imported_at")
