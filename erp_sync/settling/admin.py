"""Differences with both sides, for a person to settle; the rounds; the trust of each customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from erp_sync.mirror import columns as c
from erp_sync.mirror.models import Customer
from erp_sync.settling import services
from erp_sync.settling.errors import SettlingRefused
from erp_sync.settling.models import Comparison, CustomerTrust, Difference, Kind

MAY_SETTLE = "erp_sync.change_difference"
NOTHING = "\u2013"


class LookOnly(admin.ModelAdmin):
    """Rows that only the shop itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one; those who may view still see it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False


class OpenOnes(admin.SimpleListFilter):
    """Where a difference stands; open ones first."""

    title = _("state")
    parameter_name = "is"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices besides the open ones."""
        return [("settled", _("settled")), ("gone", _("agrees again")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        """Call the first choice what it is."""
        chosen = self.value()
        yield {
            "selected": chosen is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("open"),
        }
        for key, words in self.lookup_choices:
            yield {
                "selected": chosen == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": words,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Difference]) -> QuerySet[Difference]:
        """Return those that were chosen."""
        match self.value():
            case "settled":
                return queryset.exclude(settled_at=None)
            case "gone":
                return queryset.exclude(gone_at=None)
            case "all":
                return queryset
        return queryset.filter(gone_at=None, settled_at=None)


@dataclass(frozen=True, slots=True)
class Pair:
    """One fact with its two sides; what the ERP adds by itself (freight) is no difference."""

    name: Any
    ours: str
    theirs: str
    differs: bool


FACTS = {
    "number": _("number in the ERP"),
    "total": _("total"),
    "net_price": _("net price"),
    "rule": _("price agreement"),
    "as_of": _("said at"),
}
STATES = dict(c.STATES) | {
    "done": _("in the ERP"),
    "refused": _("refused or given up"),
    "succeeded": _("booked"),
    "reversed": _("taken back"),
    "requested": _("requested"),
    "approved": _("approved"),
    "rejected": _("rejected"),
}


def pairs(difference: Difference) -> list[Pair]:
    """Return the facts of both sides beside each other: first single ones, then each item."""
    ours, theirs = difference.ours, difference.theirs
    about_state = difference.kind in {Kind.CANCELLED, Kind.GHOST, Kind.MISSING}
    found = [Pair(_("state"), _state(ours), _state(theirs), about_state)]
    for name, words in FACTS.items():
        mine, there = _text(name, ours.get(name)), _text(name, theirs.get(name))
        if {mine, there} != {NOTHING}:
            found.append(Pair(words, mine, there, name in {"total", "net_price"} and mine != there))
    deals, others = _deals(ours), _deals(theirs)
    found += [Pair(sku, deal, others.get(sku, NOTHING), deal != others.get(sku)) for sku, deal in deals.items()]
    return found + [
        Pair(sku or NOTHING, NOTHING, deal, differs=False) for sku, deal in others.items() if sku not in deals
    ]


def _state(side: dict[str, Any]) -> str:
    state = side.get("state", "")
    return str(STATES.get(state, state)) or NOTHING


def _deals(side: dict[str, Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for sku, quantity, price in side.get("lines", ()):
        found.setdefault(sku, []).append(f"{_figure(quantity)} x {_figure(price)}")
    return {sku: ", ".join(deals) for sku, deals in found.items()}


def _text(name: str, value: Any) -> str:
    if value in {None, ""}:
        return NOTHING
    if name == "as_of":
        at = timezone.localtime(dt.datetime.fromisoformat(value))
        return format_datetime(at, "d MMM y, HH:mm", locale=_locale())
    return _figure(value) if name in {"total", "net_price"} else str(value)


def _figure(value: Any) -> str:
    """Return a number as the reader writes it, with the decimals that it has."""
    return format_decimal(Decimal(str(value)), "#,##0.00##" if "." in str(value) else "#,##0", locale=_locale())


def _locale() -> str:
    return to_locale(get_language() or settings.LANGUAGE_CODE)


@admin.register(Difference)
class DifferenceAdmin(c.OfCustomer, LookOnly):
    """What differs; a person says what was done about it."""

    list_display = (
        "reference",
        "subject",
        "kind",
        c.CUSTOMER,
        c.column("first_seen_at", _("First seen")),
        c.column("last_seen_at", _("Last seen")),
        "note",
    )
    list_filter = (OpenOnes, "subject", "kind")
    search_fields = ("reference", "customer_erp_id", "note")
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/erp_sync/settling/difference.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may settle may look."""
        return super().has_view_permission(request, obj) or request.user.has_perm(MAY_SETTLE)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of settling."""
        view = self.admin_site.admin_view(require_POST(self.settle))
        return [path("<int:pk>/settle/", view, name="erp_sync_difference_settle"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show both sides and, where it is open, the form."""
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            customer = Customer.objects.filter(erp_id=row.customer_erp_id).first()
            context = {
                "title": row.reference,
                "subtitle": None,
                "row": row,
                "customer": customer,
                "pairs": pairs(row),
                "may_settle": row.settled_at is None and request.user.has_perm(MAY_SETTLE),
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note what was done about it."""
        if not request.user.has_perm(MAY_SETTLE):
            raise PermissionDenied
        row = get_object_or_404(Difference, pk=pk)
        who = str(getattr(request.user, "email", "") or request.user.pk)
        try:
            services.settle(difference=row, by=who, note=request.POST.get("note", ""), now=timezone.now())
        except SettlingRefused as refused:
            messages.error(request, str(refused))
            return redirect("admin:erp_sync_difference_change", pk)
        messages.success(request, _("Settled. It is open again by itself if either side changes."))
        return redirect("admin:erp_sync_difference_changelist")


@admin.register(Comparison)
class ComparisonAdmin(LookOnly):
    """Every round with its counts."""

    list_display = ("started_at", "round", "compared", "different", "unanswered", "ended_at", "error")
    list_filter = ("round",)
    show_full_result_count = False


@admin.register(CustomerTrust)
class CustomerTrustAdmin(LookOnly):
    """How many of each customer's web orders came as promised."""

    list_display = (
        "name",
        "shown_share",
        "orders",
        "kept",
        "price_kept",
        "complete",
        "on_time",
        "billed",
    )
    search_fields = ("name", "customer_erp_id")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerTrust]:
        """Add the share, to sort by."""
        share = Cast(F("kept"), FloatField()) / F("orders")
        rows: QuerySet[CustomerTrust] = super().get_queryset(request).annotate(as_promised=share)
        return rows

    @admin.display(description=_("trust"), ordering="as_promised")
    def shown_share(self, row: CustomerTrust) -> str:
        """Return the share of orders that came as promised."""
        if row.share is None:
            return NOTHING
        return format_percent(row.share, "#,##0\u00a0%", locale=to_locale(get_language() or "en"))
