"""Enquiries and leads in the administration."""

from __future__ import annotations

from django.contrib import admin

from adoption.voice.models import Enquiry, Lead


@admin.register(Enquiry)
class EnquiryAdmin(admin.ModelAdmin):
    """What customers asked a person."""

    list_display = ("occurred_at", "account_id", "medium", "topic", "intent")
    list_filter = ("medium", "topic", "intent")
    search_fields = ("enquiry_id", "account_id")
    show_full_result_count = False


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """Who showed interest."""

    list_display = ("created_at", "source", "identity_key", "account_id")
    list_filter = ("source",)
    search_fields = ("lead_id", "identity_key", "account_id")
    show_full_result_count = False
