"""The mirror for staff: its rows, what is in quarantine, and the runs, read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy

from erp_sync.mirror import columns as c
from erp_sync.mirror import models as m
from erp_sync.mirror.admin import ReadOnly
from erp_sync.mirror.labels import NAMES

# Beside the row that they belong to, keys say nothing.
KEYS = ("erp_id", "item_erp_id", "order_erp_id", "order_line_erp_id", "first_promised_on")


class Lines(admin.TabularInline):
    """Parts of a row, read-only with it."""

    extra = 0
    can_delete = False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show what people read."""
        return c.shown_fields(self.model, but=KEYS)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Nothing of it is typed."""
        return c.shown_fields(self.model, but=KEYS)

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

    list_display = ("shown_name", *map(c.named, ("code", "erp_id", "parent_erp_id", "synced_at", "gone_at")))
    search_fields = ("code", "erp_id", "names")

    @admin.display(description=gettext_lazy("name"))
    def shown_name(self, category: m.Category) -> str:
        """Return the name in the reader's language."""
        return str(category)


@admin.register(m.Item)
class ItemAdmin(ReadOnly):
    """Items."""

    list_display = (
        c.named("sku"),
        "shown_name",
        *map(c.named, ("brand", "list_price", "is_active", "synced_at", "gone_at")),
    )
    list_filter = (c.choice("is_active", gettext_lazy("In use"), c.TRUTH),)
    search_fields = ("sku", "erp_id", "texts")
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

    list_display = tuple(
        map(c.named, ("number", "name", "price_list", "currency", "is_active", "synced_at", "gone_at"))
    )
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
class PaymentAdmin(c.OfCustomer, ReadOnly):
    """Payments."""

    list_display = (
        c.named("paid_on"),
        c.CUSTOMER,
        *map(c.named, ("amount", "currency", "via", "state", "reference")),
    )
    list_filter = (
        c.choice("via", gettext_lazy("Way"), c.VIAS),
        c.choice("state", gettext_lazy("State"), c.OUTCOMES),
    )
    search_fields = ("customer_erp_id", "reference")


@admin.register(m.Return)
class ReturnAdmin(c.OfCustomer, ReadOnly):
    """Returns."""

    list_display = (c.named("number"), c.CUSTOMER, *map(c.named, ("state", "sku", "quantity", "requested_on")))
    list_filter = (c.choice("state", gettext_lazy("State"), c.STATES),)
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

    list_display = (
        c.column("kind", gettext_lazy("Kind"), NAMES),
        *map(c.named, ("erp_id", "reason", "first_seen_at", "last_seen_at", "settled_at")),
    )
    list_filter = (c.choice("kind", gettext_lazy("Kind"), NAMES), ("settled_at", admin.EmptyFieldListFilter))
    search_fields = ("erp_id", "reason", "raw")


@admin.register(m.SyncRun)
class SyncRunAdmin(ReadOnly):
    """Runs that found something, were asked for, or failed."""

    list_display = (
        c.column("kind", gettext_lazy("Kind"), NAMES),
        *map(
            c.named,
            ("started_at", "ended_at", "seen", "expected", "changed", "quarantined", "is_full", "asked_by", "error"),
        ),
    )
    list_filter = (
        c.choice("kind", gettext_lazy("Kind"), NAMES),
        c.choice("is_full", gettext_lazy("Everything"), c.TRUTH),
    )
