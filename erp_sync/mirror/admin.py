"""The mirror for staff: how fresh it is, what runs, what is in quarantine, and the rows themselves, read-only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp_sync.mirror import columns as c
from erp_sync.mirror import models as m
from erp_sync.mirror import sync
from erp_sync.mirror.progress import seconds_left
from erp_sync.mirror.rows import TABLES
from erp_sync.ports import MIRRORED

MAY_SYNC = "erp_sync.change_syncstate"
LATE_AFTER = dt.timedelta(minutes=30)

NAMES = {
    "categories": gettext_lazy("Categories"),
    "items": gettext_lazy("Items"),
    "customers": gettext_lazy("Customers"),
    "orders": gettext_lazy("Orders"),
    "deliveries": gettext_lazy("Deliveries"),
    "invoices": gettext_lazy("Invoices"),
    "payments": gettext_lazy("Payments"),
    "returns": gettext_lazy("Returns"),
    "quotes": gettext_lazy("Quotes"),
}


class ReadOnly(admin.ModelAdmin):
    """Rows that only the pull writes."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one; those who may view still see it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes one."""
        return False


class Lines(admin.TabularInline):
    """Parts of a row, read-only with it."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who sees the row sees its parts."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one."""
        return False


class OrderLines(Lines):
    """Lines of an order."""

    model = m.OrderLine


class DeliveryLines(Lines):
    """Lines of a delivery."""

    model = m.DeliveryLine


class InvoiceLines(Lines):
    """Lines of an invoice."""

    model = m.InvoiceLine


class QuoteLines(Lines):
    """Lines of a quote."""

    model = m.QuoteLine


class Addresses(Lines):
    """Places of a customer."""

    model = m.Address


class Contacts(Lines):
    """Ways to reach a customer."""

    model = m.Contact


@admin.register(m.Category)
class CategoryAdmin(ReadOnly):
    """Categories."""

    list_display = ("__str__", "code", "erp_id", "parent_erp_id", "synced_at", "gone_at")
    search_fields = ("code", "erp_id", "names")


@admin.register(m.Item)
class ItemAdmin(ReadOnly):
    """Items."""

    list_display = ("sku", "shown_name", "brand", "list_price", "is_active", "synced_at", "gone_at")
    list_filter = ("is_active",)
    search_fields = ("sku", "erp_id", "texts")
    exclude = ("names", "search", "words", "facets")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[m.Item]:
        """Leave out what only the search needs."""
        return super().get_queryset(request).defer("names", "search", "words", "facets")

    @admin.display(description=gettext_lazy("name"))
    def shown_name(self, item: m.Item) -> str:
        """Return the name in the reader's language."""
        return item.name_in(get_language() or "en")


@admin.register(m.Customer)
class CustomerAdmin(ReadOnly):
    """Customers."""

    list_display = ("number", "name", "price_list", "currency", "is_active", "synced_at", "gone_at")
    search_fields = ("number", "name", "erp_id", "tax_number")
    inlines = (Addresses, Contacts)


@admin.register(m.Order)
class OrderAdmin(c.OfCustomer, ReadOnly):
    """Orders of all channels."""

    list_display = (
        c.column("number", gettext_lazy("Number")),
        c.CUSTOMER,
        c.column("placed_at", gettext_lazy("Date")),
        c.column("channel_hint", gettext_lazy("Channel"), c.CHANNELS),
        c.column("status", gettext_lazy("Status"), c.STATES),
        c.column("step", gettext_lazy("Step"), c.STATES),
        c.column("total", gettext_lazy("Total")),
        c.column("currency", gettext_lazy("Currency")),
    )
    list_filter = (
        c.choice("channel_hint", gettext_lazy("Channel"), c.CHANNELS),
        c.choice("status", gettext_lazy("Status"), c.STATES),
        c.choice("step", gettext_lazy("Step"), c.STATES),
    )
    search_fields = ("number", "customer_reference", "web_reference", "customer_erp_id")
    date_hierarchy = "placed_at"
    show_full_result_count = False
    inlines = (OrderLines,)


@admin.register(m.Delivery)
class DeliveryAdmin(c.OfCustomer, ReadOnly):
    """Deliveries."""

    list_display = (
        c.column("number", gettext_lazy("Number")),
        c.CUSTOMER,
        c.column("state", gettext_lazy("State"), c.STATES),
        c.column("shipped_on", gettext_lazy("Shipped")),
        c.column("carrier", gettext_lazy("Carrier")),
        c.column("tracking_number", gettext_lazy("Tracking number")),
    )
    list_filter = (c.choice("state", gettext_lazy("State"), c.STATES),)
    search_fields = ("number", "customer_erp_id", "tracking_number")
    show_full_result_count = False
    inlines = (DeliveryLines,)


@admin.register(m.Invoice)
class InvoiceAdmin(c.OfCustomer, ReadOnly):
    """Invoices and credit notes."""

    list_display = (
        c.column("number", gettext_lazy("Number")),
        c.CUSTOMER,
        c.column("kind", gettext_lazy("Kind"), c.STATES),
        c.column("state", gettext_lazy("State"), c.STATES),
        c.column("invoiced_on", gettext_lazy("Date")),
        c.column("total", gettext_lazy("Total")),
        c.column("amount_due", gettext_lazy("To pay")),
        c.column("currency", gettext_lazy("Currency")),
    )
    list_filter = (
        c.choice("kind", gettext_lazy("Kind"), c.STATES),
        c.choice("state", gettext_lazy("State"), c.STATES),
    )
    search_fields = ("number", "customer_erp_id")
    date_hierarchy = "invoiced_on"
    show_full_result_count = False
    inlines = (InvoiceLines,)


@admin.register(m.Payment)
class PaymentAdmin(ReadOnly):
    """Payments."""

    list_display = ("paid_on", "customer_erp_id", "amount", "currency", "via", "state", "reference")
    list_filter = ("via", "state")
    search_fields = ("customer_erp_id", "reference")


@admin.register(m.Return)
class ReturnAdmin(ReadOnly):
    """Returns."""

    list_display = ("number", "customer_erp_id", "state", "sku", "quantity", "requested_on")
    list_filter = ("state",)
    search_fields = ("number", "customer_erp_id", "sku")


@admin.register(m.Quote)
class QuoteAdmin(c.OfCustomer, ReadOnly):
    """Quotes of all channels."""

    list_display = (
        c.column("number", gettext_lazy("Number")),
        c.column("reference", gettext_lazy("Our reference")),
        c.CUSTOMER,
        c.column("requested_at", gettext_lazy("Date")),
        c.column("state", gettext_lazy("State"), c.STATES),
        c.column("valid_until", gettext_lazy("Valid until")),
        c.column("total", gettext_lazy("Total")),
        c.column("currency", gettext_lazy("Currency")),
    )
    list_filter = (c.choice("state", gettext_lazy("State"), c.STATES),)
    search_fields = ("number", "reference", "customer_erp_id", "customer_reference")
    show_full_result_count = False
    inlines = (QuoteLines,)


@admin.register(m.Quarantine)
class QuarantineAdmin(ReadOnly):
    """Records that could not be read, with the reason and what the ERP sent."""

    list_display = ("kind", "erp_id", "reason", "first_seen_at", "last_seen_at", "settled_at")
    list_filter = ("kind", ("settled_at", admin.EmptyFieldListFilter))
    search_fields = ("erp_id", "reason", "raw")


@admin.register(m.SyncRun)
class SyncRunAdmin(ReadOnly):
    """Runs that found something, were asked for, or failed."""

    list_display = (
        "kind",
        "started_at",
        "ended_at",
        "seen",
        "expected",
        "changed",
        "quarantined",
        "is_full",
        "asked_by",
        "error",
    )
    list_filter = ("kind", "is_full")


# --- the page of the pull ---


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
