"""Closed days and restatements, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from adoption.books.models import CompanyBook, DayBook, Restatement, RollupRun


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

    list_display = ("day", "metric", "before", "after", "found_at")
    list_filter = ("metric",)
    date_hierarchy = "day"


@admin.register(RollupRun)
class RollupRunAdmin(ReadOnly):
    """When the sums were made, and what the comparison found."""

    list_display = ("ran_at", "covers_to", "differences")


@admin.register(CompanyBook)
class CompanyBookAdmin(ReadOnly):
    """Whose imported facts these are."""

    list_display = ("source", "timezone", "currency", "calendar", "as_of", "imported_at")
