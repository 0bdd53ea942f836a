"""Items that are ordered together; a copy of what the orders say, made again every night."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class BoughtTogether(models.Model):
    """`other` is ordered together with `sku`: `place` 1 fits best.

    Attributes:
        orders: Orders with both.
        likeness: Orders with both over the root of the orders with each (cosine): 1 = never one without the other.
    """

    sku = models.CharField(_("item"), max_length=64)
    other = models.CharField(_("ordered together with"), max_length=64)
    place = models.PositiveSmallIntegerField(_("place"))
    orders = models.PositiveIntegerField(_("orders with both"))
    likeness = models.DecimalField(_("likeness"), max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = _("items ordered together")
        verbose_name_plural = _("items ordered together")
        ordering: ClassVar[list[str]] = ["sku", "place"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sku", "place"], name="together_place_once")
        ]

    def __str__(self) -> str:
        return f"{self.sku} + {self.other}"
