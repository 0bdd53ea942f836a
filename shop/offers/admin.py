"""Offers for our staff: written here, shown to buyers while they run, with what orders took."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.selectors import company_day
from shop.money import formats
from shop.offers import selectors
from shop.offers.forms import LANGUAGES, OfferForm
from shop.offers.models import Offer
from shop.offers.words import headline

LATEST = 25
# All but `used`: orders count it up while somebody has the form open.
WRITTEN = tuple(one.name for one in Offer._meta.concrete_fields if one.name not in {"id", "used"})


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):
    """Write an offer, switch it off, see what it gave. One that orders took can't be deleted: it ends."""

    form = OfferForm
    list_display = ("__str__", "gives_words", "state_words", "audience", "taken", "spent")
    list_filter = ("is_active", "audience")
    autocomplete_fields = ("companies",)
    readonly_fields = ("latest_uses",)
    fieldsets = (
        (_("What buyers read"), {"fields": tuple(f"{kind}_{code}" for kind in ("name", "text") for code in LANGUAGES)}),
        (_("When"), {"fields": ("starts_on", "ends_on", "is_active")}),
        (_("For whom"), {"fields": ("audience", "price_list", "companies", "is_self_service")}),
        (_("What it gives"), {"fields": ("gives", "value", "minimum", "category_erp_id", "numbers")}),
        (_("How often"), {"fields": ("is_once", "budget")}),
        (_("What orders took of it"), {"fields": ("latest_uses",)}),
    )

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """The form makes a field for each language itself, beside the offer's own."""
        return super().get_form(*args, **(kwargs | {"fields": OfferForm.Meta.fields}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        """Count the orders of each."""
        found: QuerySet[Offer] = super().get_queryset(request)
        return found.annotate(orders=Count("uses", filter=Q(uses__is_released=False)))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say why nobody gets an offer when the ERP can't take one."""
        self._warn(request)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """Save all but what orders took meanwhile; this process gives it at once, the others within half a minute."""
        obj.save(update_fields=WRITTEN if change else None)
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
        used = formats.money(obj.used, settings.COMPANY_CURRENCY)
        return used if obj.budget is None else f"{used} / {formats.money(obj.budget, settings.COMPANY_CURRENCY)}"

    @admin.display(description=_("the latest"))
    def latest_uses(self, obj: Offer) -> SafeString | str:
        """Return the last orders that took it: popular offers have thousands, which no form could carry."""
        latest = obj.uses.select_related("sold_to")[:LATEST] if obj.pk else ()
        rows = [
            (
                formats.datetime_short(one.at),
                one.sold_to,
                formats.money(one.amount, settings.COMPANY_CURRENCY),
                _("given back") if one.is_released else "",
            )
            for one in latest
        ]
        return format_html_join("", "<p>{} · {} · {} {}</p>", rows) or formats.NOTHING

    def _warn(self, request: HttpRequest) -> None:
        if not selectors.can_be_given():
            messages.warning(
                request,
                _(
                    "Offers are kept but not given: this ERP connection can't write a discount as a line of an order. "
                    "With Tryton and Odoo, make a service for discounts and name its code in ERP_OPTIONS, "
                    "discount_product; with files, set discounts there once the ERP reads such a row."
                ),
            )
