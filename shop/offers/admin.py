"""Offers for our staff: written here, shown to buyers while they run, with what orders took."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.selectors import company_day
from shop.money import formats
from shop.offers import selectors
from shop.offers.forms import LANGUAGES, OfferForm
from shop.offers.models import Offer, OfferUse
from shop.offers.words import headline


class UseInline(admin.TabularInline):
    """What orders took of it; only to look at."""

    model = OfferUse
    fields = ("at", "sold_to", "amount", "order_key", "is_released")
    readonly_fields = fields
    ordering = ("-at",)
    extra = 0
    max_num = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Orders write them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """They stay as they are."""
        return False


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):
    """Write an offer, switch it off, see what it gave. One that orders took can't be deleted: it ends."""

    form = OfferForm
    list_display = ("__str__", "gives_words", "state_words", "audience", "taken", "spent")
    list_filter = ("is_active", "audience")
    autocomplete_fields = ("companies",)
    inlines = (UseInline,)
    fieldsets = (
        (_("What buyers read"), {"fields": tuple(f"{kind}_{code}" for kind in ("name", "text") for code in LANGUAGES)}),
        (_("When"), {"fields": ("starts_on", "ends_on", "is_active")}),
        (_("For whom"), {"fields": ("audience", "price_list", "companies", "is_self_service")}),
        (_("What it gives"), {"fields": ("gives", "value", "minimum", "category_erp_id", "numbers")}),
        (_("How often"), {"fields": ("is_once", "budget")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        """Count the orders of each."""
        found: QuerySet[Offer] = super().get_queryset(request)
        return found.annotate(orders=Count("uses", filter=Q(uses__is_released=False)))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say why nobody gets an offer when the ERP can't take one."""
        self._warn(request)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """Save, and let this process give it at once; the others do within half a minute."""
        super().save_model(request, obj, form, change)
        selectors.forget()
        self._warn(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """The companies are saved after the offer."""
        super().save_related(request, form, formsets, change)
        selectors.forget()

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """What orders took is a receipt: it stays."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.uses.exists())

    @admin.display(description=_("gives"))
    def gives_words(self, obj: Offer) -> str:
        """Return the headline."""
        return headline(obj)

    @admin.display(description=_("state"))
    def state_words(self, obj: Offer) -> Any:
        """Say whether it is given today."""
        day = company_day(timezone.now())
        if not obj.is_active:
            return _("switched off")
        if obj.ends_on < day:
            return _("over")
        if obj.starts_on > day:
            return _("from %(day)s") % {"day": formats.date_short(obj.starts_on)}
        return _("running") if selectors.can_be_given() else _("not given: the ERP can't take it")

    @admin.display(description=_("orders"))
    def taken(self, obj: Any) -> int:
        """Return how many orders took it."""
        return int(obj.orders)

    @admin.display(description=_("given so far"))
    def spent(self, obj: Offer) -> str:
        """Return what it gave, and of how much."""
        return f"{obj.used} / {obj.budget}" if obj.budget is not None else str(obj.used)

    def _warn(self, request: HttpRequest) -> None:
        if not selectors.can_be_given():
            messages.warning(
                request,
                _(
                    "Offers are kept but not given: this ERP connection can't write a discount as a line of an order. "
                    "With Tryton, make a service for discounts and name its code in ERP_OPTIONS, discount_product."
                ),
            )
