"""The order pad: what somebody is about to order, line by line, until it is in the basket."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class RowState(models.TextChoices):
    """What is known of a row: new (the ERP is still to be asked), ready, or wrong (a person must look)."""

    NEW = "new", _("being checked")
    READY = "ready", _("ready")
    WRONG = "wrong", _("to correct")


class Pad(models.Model):
    """The pad of one person for one company.

    `leftover` is pasted text that did not fit any more, `last_key` the form that was taken last: it is taken once.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="order_pads")
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="order_pads")
    leftover = models.TextField(blank=True)
    last_key = models.UUIDField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("order pad")
        verbose_name_plural = _("order pads")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "sold_to"], name="one_pad")
        ]

    def __str__(self) -> str:
        return f"{self.sold_to} · {self.user}"


class PadRow(models.Model):
    """A line of the pad: what was typed, what we take it for, and what the ERP said about it.

    Attributes:
        row: The number that a person sees beside it: of his paste or file, or the next one.
        first_typed: The text before anybody corrected it; what a customer calls an item may be remembered by it.
        sku: The item meant, "" when none or several fit (`choices`).
        found_by: sku, own, barcode, name, remembered or chosen.
        quantity: As it was read; None when it could not be.
        order_sku, order_quantity: What would be ordered (a replacement, a whole pack).
        verdicts: Of shop.orders.reconcile, worst first; with price, stamp and stock of that moment.
    """

    pad = models.ForeignKey(Pad, on_delete=models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField()
    source = models.CharField(max_length=10, default="typed")
    first_typed = models.CharField(max_length=200, blank=True)
    typed = models.CharField(max_length=200, blank=True)
    typed_quantity = models.CharField(max_length=60, blank=True)
    sku = models.CharField(max_length=64, blank=True)
    found_by = models.CharField(max_length=10, blank=True)
    choices = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    quantity = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    state = models.CharField(max_length=5, choices=RowState.choices, default=RowState.NEW)
    is_taken = models.BooleanField(default=True)
    order_sku = models.CharField(max_length=64, blank=True)
    order_quantity = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    verdicts = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    missing = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    expected_on = models.DateField(null=True, blank=True)
    net_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    priced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("line of an order pad")
        verbose_name_plural = _("lines of order pads")
        ordering: ClassVar[list[str]] = ["row", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["pad", "state", "row"], name="pad_row_state")]

    def __str__(self) -> str:
        return f"{self.row}: {self.typed} x {self.typed_quantity}"
