"""Customers with their places, contacts and own part numbers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import MirrorRow


class Customer(MirrorRow):
    """A customer company as the ERP knows it."""

    number = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200)
    tax_number = models.CharField(max_length=40, blank=True)
    price_list = models.CharField(max_length=64, blank=True)
    payment_term = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    rep_name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Address(models.Model):
    """A place of a customer: ship-to when `is_delivery`, bill-to when `is_invoice`.

    In some ERPs one address belongs to several customers: each has a row of his own here.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    erp_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    is_delivery = models.BooleanField(default=True)
    is_invoice = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "erp_id"], name="address_once")
        ]

    def __str__(self) -> str:
        place = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.name, self.street, place) if part)


class Contact(models.Model):
    """A way to reach a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=254)
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class OwnPartNumber(models.Model):
    """The buyer's own number for an item."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="own_part_numbers")
    sku = models.CharField(max_length=64, db_index=True)
    number = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("own part number")
        verbose_name_plural = _("own part numbers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number", "sku"], name="own_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} = {self.sku}"
