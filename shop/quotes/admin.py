"""What our staff see of quotes: everything to look up, only the guard rails to change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from shop.quotes.models import GuardRails, Quote, QuoteLine, QuoteMove, QuoteVersion


class _Reading(admin.TabularInline):
    """Rows to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Nobody writes them by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """They stay as they are."""
        return False


class LineInline(_Reading):
    """What was asked for."""

    model = QuoteLine
    fields = ("line_no", "sku", "name", "text", "quantity", "unit", "seen_price", "list_price", "note")


class VersionInline(_Reading):
    """What was answered."""

    model = QuoteVersion
    fields = (
        "number",
        "source",
        "made_by",
        "made_at",
        "valid_until",
        "untaxed_total",
        "total",
        "erp_state",
        "erp_message",
    )


class MoveInline(_Reading):
    """What happened."""

    model = QuoteMove
    fields = ("at", "from_state", "to_state", "by", "message")


@admin.register(Quote)
class QuoteAdmin(admin.ModelAdmin):
    """Quotes to look up; nothing is changed here."""

    list_display = ("number", "sold_to", "state", "requested_at", "answer_by_at", "current_version", "valid_until")
    list_filter = ("state", "origin", "requested_at")
    list_select_related = ("sold_to",)
    search_fields = ("reference", "erp_number", "sold_to__name", "sold_to__number", "customer_reference")
    date_hierarchy = "requested_at"
    inlines = (LineInline, VersionInline, MoveInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Quotes come from buyers and the ERP."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Only to look at."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Kept for ever."""
        return False


@admin.register(GuardRails)
class GuardRailsAdmin(admin.ModelAdmin):
    """How far reps may go."""

    list_display = ("__str__", "max_discount", "min_margin", "valid_days", "may_answer_automatically")
    list_select_related = ("sold_to", "rep")
    autocomplete_fields = ("sold_to",)
