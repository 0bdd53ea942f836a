"""Quotes: what buyers asked for and what the ERP offered, of all channels."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import MONEY, PRICE, QUANTITY, MirrorRow


class Quote(MirrorRow):
    """A request for a price or a quotation. Field meanings: `records.QuoteRecord`."""

    number = models.CharField(max_length=64, blank=True, db_index=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    customer_erp_id = models.CharField(max_length=64)
    state = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    requested_at = models.DateTimeField()
    untaxed_total = models.DecimalField(**MONEY, null=True, blank=True)
    tax_total = models.DecimalField(**MONEY, null=True, blank=True)
    total = models.DecimalField(**MONEY, null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    customer_reference = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    terms = models.TextField(blank=True)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer_erp_id", "-requested_at"], name="quote_of_customer"),
        ]

    def __str__(self) -> str:
        return self.number or self.reference or self.erp_id


class QuoteLine(models.Model):
    """One line of a quote; without a SKU it is free text."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True)
    item_erp_id = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=500, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)
    net_price = models.DecimalField(**PRICE, null=True, blank=True)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)
    amount = models.DecimalField(**MONEY, null=True, blank=True)
    delivery_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")
        ordering: ClassVar[list[str]] = ["line_no"]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku or self.description} x {self.quantity}"
