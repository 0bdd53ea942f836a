"""Enquiries and leads in the administration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from adoption.managers import ForManagers, OfCompany
from adoption.reports.words import source_word
from adoption.voice import clock
from adoption.voice.models import ContactRequest, Enquiry, Lead


@admin.register(Enquiry)
class EnquiryAdmin(OfCompany):
    """What customers asked a person."""

    list_display = ("occurred_at", "company", "medium", "topic", "intent")
    list_filter = ("medium", "topic", "intent")
    search_fields = ("enquiry_id", "account_id")
    show_full_result_count = False


@admin.register(Lead)
class LeadAdmin(OfCompany):
    """Who showed interest."""

    list_display = ("created_at", "came_from", "identity_key", "company")
    list_filter = ("source",)
    search_fields = ("lead_id", "identity_key", "account_id")
    show_full_result_count = False

    @admin.display(description=_("source"), ordering="source")
    def came_from(self, lead: Lead) -> str:
        """Return the source in words."""
        return source_word(lead.source)


@admin.register(ContactRequest)
class ContactRequestAdmin(ForManagers):
    """What came through the contact form; set when it was answered."""

    list_display = ("received", "name", "email", "company", "answer_by", "answered_at", "response_minutes")
    list_select_related = ("lead",)
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    fields = (
        "name", "email", "company", "text", "lead", "answer_by", "answered_at", "answered_by", "answer",
        "response_minutes",
    )  # fmt: skip
    readonly_fields = (
        "name", "email", "company", "text", "lead", "answer_by", "answered_by", "answer", "response_minutes"
    )  # fmt: skip
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The form adds them."""
        return False

    def save_model(self, request: HttpRequest, obj: ContactRequest, form: Any, change: bool) -> None:  # noqa: FBT001
        """Who notes it as answered, answered it."""
        if obj.answered_at and obj.response_minutes is None:
            obj.answered_by = str(request.user)[:120]
            obj.response_minutes = clock.business_minutes(obj.lead.created_at, obj.answered_at)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("time"), ordering="lead__created_at")
    def received(self, row: ContactRequest) -> dt.datetime:
        """Return when it came."""
        return row.lead.created_at
