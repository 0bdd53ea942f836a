"""Baskets. One for each person and company, so a rep's basket for a customer is never the buyer's."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Cart(models.Model):
    """The basket of one person for one company. `order_key` is the key of the next checkout from it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="carts")
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="carts")
    order_key = models.UUIDField()
    customer_reference = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=500, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "sold_to"], name="one_basket")
        ]

    def __str__(self) -> str:
        return f"{self.sold_to} · {self.user}"


class CartLine(models.Model):
    """An item in the basket; quantity in its sales unit. `seen_price` is what the buyer last saw (a receipt)."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)
    quantity = models.DecimalField(max_digits=16, decimal_places=4)
    note = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    seen_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    seen_currency = models.CharField(max_length=3, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cart", "sku"], name="cart_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="cart_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} x {self.quantity}"
