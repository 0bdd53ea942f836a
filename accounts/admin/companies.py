"""Customer companies in the admin: taken over from the ERP, never typed."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.admin.parts import AuditedAdmin, badge, user_of
from accounts.models import (
    Eligibility,
    Membership,
    RepAssignment,
    SoldTo,
    StaffRole,
    User,
)
from accounts.selectors import company_day, covers
from erp_sync.mirror.models import Customer

LINK_PAGE = 200
OURS = ~Q(staff_role="") | Q(is_staff=True)


class MembershipInline(admin.TabularInline):
    """The people of a company."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    fields = ("user", "role", "is_active", "created_at")
    readonly_fields = ("created_at",)
    can_delete = False


class LedgerFormSet(BaseInlineFormSet):
    """Refuses overlapping days before the database does."""

    def clean(self) -> None:
        """Compare every entry with the next one."""
        super().clean()
        rows = sorted(
            (form.cleaned_data["from_on"], form.cleaned_data.get("to_on") or dt.date.max)
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("from_on")
        )
        for earlier, later in pairwise(rows):
            if later[0] <= earlier[1]:
                raise ValidationError(
                    gettext(
                        "Two entries overlap on %(day)s. End the earlier one first, or choose other "
                        "days; nothing was saved."
                    )
                    % {"day": later[0]}
                )


class EligibilityInline(admin.TabularInline):
    """The ledger: since when and until when the company can buy online, or why it cannot."""

    model = Eligibility
    formset = LedgerFormSet
    extra = 0
    can_delete = False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer our own people as owners of an exclusion."""
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.filter(OURS, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AssignmentInline(admin.TabularInline):
    """Which rep looks after the company."""

    model = RepAssignment
    extra = 0
    can_delete = False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer sales reps only."""
        if db_field.name == "rep":
            kwargs["queryset"] = User.objects.filter(staff_role=StaffRole.REP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(SoldTo)
class CompanyAdmin(AuditedAdmin):
    """Customer companies: taken over from the ERP, never typed."""

    change_list_template = "admin/accounts/soldto/change_list.html"
    list_display = ("name", "number", "online", "reps", "people", "marks")
    list_filter = ("eligibility__can_buy", "is_strategic", "is_active")
    search_fields = ("name", "number", "memberships__user__email")
    fields = (
        ("name", "number", "erp_id"),
        ("is_active", "is_strategic", "is_test", "credit_is_blocked"),
        ("timezone", "calendar"),
        ("parent", "self_approval"),
    )
    readonly_fields = ("name", "number", "erp_id")
    autocomplete_fields = ("parent",)
    inlines = (MembershipInline, EligibilityInline, AssignmentInline)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: companies come from the ERP."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SoldTo]:
        """Bring along what the list shows."""
        on = company_day(timezone.now())
        companies: QuerySet[SoldTo] = super().get_queryset(request)
        reps = RepAssignment.objects.filter(covers(on)).select_related("rep")
        return companies.annotate(
            people_count=Count("memberships", Q(memberships__is_active=True), distinct=True)
        ).prefetch_related(
            Prefetch("eligibility", Eligibility.objects.filter(covers(on)), to_attr="today"),
            Prefetch("assignments", reps, to_attr="reps_today"),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the page that takes companies over from the ERP."""
        link = path("from-erp/", self.admin_site.admin_view(self.from_erp), name="accounts_soldto_from_erp")
        return [link, *super().get_urls()]

    def from_erp(self, request: HttpRequest) -> HttpResponseBase:
        """List the ERP's customers that are no company here yet.

        Take over those that are ticked.
        """
        if not self.has_change_permission(request):
            return redirect("admin:accounts_soldto_changelist")
        query = request.GET.get("q", "").strip()
        found = Customer.objects.filter(is_active=True, gone_at=None)
        found = found.exclude(erp_id__in=SoldTo.objects.values("erp_id")).order_by("name")
        if request.method == "POST":
            return self._take_over(request, found.filter(erp_id__in=request.POST.getlist("customer")))
        if query:
            found = found.filter(Q(name__icontains=query) | Q(number__istartswith=query))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Companies from the ERP"),
            "customers": found[:LINK_PAGE],
            "query": query,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/soldto/from_erp.html", context)

    def _take_over(self, request: HttpRequest, customers: QuerySet[Customer]) -> HttpResponseBase:
        now = timezone.now()
        taken = [services.create_from_erp(customer=customer, by=user_of(request), now=now) for customer in customers]
        words = ngettext("%(n)d company taken over.", "%(n)d companies taken over.", len(taken))
        self.message_user(request, words % {"n": len(taken)}, messages.SUCCESS)
        return redirect("admin:accounts_soldto_changelist")

    @admin.display(description=_("online"))
    def online(self, company: Any) -> SafeString:
        """Say whether the company can buy online today, and if not whether somebody decided so."""
        entry = next(iter(company.today), None)
        if entry is None:
            return badge("", gettext("not enabled"))
        if entry.can_buy:
            return badge("good", gettext("can buy"))
        return format_html('<span class="badge bad" title="{}">{}</span>', entry.reason, gettext("excluded"))

    @admin.display(description=_("marks"))
    def marks(self, company: SoldTo) -> SafeString:
        """Return what is special about the company, in words."""
        found = [
            badge(tone, words)
            for is_so, tone, words in (
                (company.is_strategic, "info", gettext("strategic")),
                (company.is_test, "", gettext("test")),
                (company.credit_is_blocked, "attention", gettext("credit blocked")),
                (not company.is_active, "bad", gettext("closed")),
            )
            if is_so
        ]
        return format_html_join(" ", "{}", ((one,) for one in found))

    @admin.display(description=_("sales rep"))
    def reps(self, company: Any) -> str:
        """Return who looks after the company today."""
        return ", ".join(str(assignment.rep) for assignment in company.reps_today)

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, company: Any) -> int:
        """Return how many people may order for the company."""
        return int(company.people_count)
