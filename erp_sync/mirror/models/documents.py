"""Orders, deliveries, invoices, payments and returns of all channels."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import EXACT, MONEY, QUANTITY, MirrorRow
from erp_sync.records import channel_of


class Order(MirrorRow):
    """An order of any channel. Field meanings: `records.OrderRecord`."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64)
    status = models.CharField(max_length=20)
    step = models.CharField(max_length=20, blank=True)
    placed_at = models.DateTimeField()
    time_known = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    channel_hint = models.CharField(max_length=20)
    web_reference = models.CharField(max_length=40, blank=True, db_index=True)
    customer_reference = models.CharField(max_length=120, blank=True)
    untaxed_total = models.DecimalField(**MONEY, null=True, blank=True)
    tax_total = models.DecimalField(**MONEY, null=True, blank=True)
    total = models.DecimalField(**MONEY, null=True, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    is_return = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False, db_default=False)
    ship_to = models.CharField(max_length=500, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, blank=True)
    placed_by = models.CharField(max_length=120, blank=True)
    allowed = models.JSONField(default=list, blank=True)
    quote_erp_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer_erp_id", "-placed_at"], name="order_of_customer"),
            models.Index(fields=["placed_at"], name="order_placed"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def channel(self) -> str:
        """Where it was born, in the words of channels."""
        return channel_of(self.channel_hint, self.web_reference)


class OrderLine(models.Model):
    """One line of an order; quantities in `unit`. `first_promised_on` is the first promise seen; no pull moves it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True, db_index=True)
    description = models.CharField(max_length=500, blank=True)
    item_type = models.CharField(max_length=20, default="goods")
    quantity = models.DecimalField(**QUANTITY)
    quantity_delivered = models.DecimalField(**QUANTITY, default=0)
    quantity_cancelled = models.DecimalField(**QUANTITY, default=0)
    unit = models.CharField(max_length=40, blank=True)
    net_price = models.DecimalField(**EXACT)
    list_price = models.DecimalField(**EXACT, null=True, blank=True)
    unit_cost = models.DecimalField(**EXACT, null=True, blank=True)
    amount = models.DecimalField(**MONEY, null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    first_promised_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "line_no"], name="mirror_order_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class Delivery(MirrorRow):
    """A shipment. Field meanings: `records.DeliveryRecord`."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=20)
    planned_on = models.DateField(null=True, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return self.number


class DeliveryLine(models.Model):
    """What a delivery brings of an order line."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="lines")
    order_erp_id = models.CharField(max_length=64, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("delivery line")
        verbose_name_plural = _("delivery lines")

    def __str__(self) -> str:
        return f"{self.sku} x {self.quantity}"


class Invoice(MirrorRow):
    """An invoice or credit note. Field meanings: `records.InvoiceRecord`; `paid_at` where the instant is known."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    invoiced_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    untaxed_total = models.DecimalField(**MONEY)
    tax_total = models.DecimalField(**MONEY)
    total = models.DecimalField(**MONEY)
    amount_due = models.DecimalField(**MONEY)
    order_numbers = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    customer_references = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    discount_until = models.DateField(null=True, blank=True)
    discount_amount = models.DecimalField(**MONEY, null=True, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer_erp_id", "-invoiced_on"], name="invoice_of_customer"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """One line of an invoice; quantities positive in credit notes too."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True, db_index=True)
    description = models.CharField(max_length=500, blank=True)
    item_type = models.CharField(max_length=20, default="goods")
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)
    net_price = models.DecimalField(**EXACT)
    list_price = models.DecimalField(**EXACT, null=True, blank=True)
    unit_cost = models.DecimalField(**EXACT, null=True, blank=True)
    amount = models.DecimalField(**MONEY)
    order_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering: ClassVar[list[str]] = ["line_no"]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class Payment(MirrorRow):
    """Money received; `paid_at` where the instant is known."""

    customer_erp_id = models.CharField(max_length=64, db_index=True)
    invoice_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    paid_on = models.DateField()
    paid_at = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    via = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Return(MirrorRow):
    """Goods that came back or will."""

    number = models.CharField(max_length=64, blank=True)
    customer_erp_id = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=20)
    order_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True)
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    reason = models.CharField(max_length=500, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    credit_number = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")

    def __str__(self) -> str:
        return self.number or self.erp_id
