"""The ERP's own prices as last answered, kept to sort and filter by. What is shown as a price is asked live."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import PRICE
from erp_sync.mirror.models.catalogue import Item


class PriceAgreement(models.Model):
    """Whose prices are kept: a price list, or one customer where the ERP's prices are his own.

    Attributes:
        wanted_at: When somebody last sorted by it; nobody for a month, and it is no longer kept.
        complete_as_of: When the last complete round over all items began; None before the first.
        round_started_at, round_item_id: The round under way and the last item it has asked for.
    """

    key = models.CharField(max_length=200, unique=True)
    customer_erp_id = models.CharField(max_length=64, blank=True)
    price_list = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    wanted_at = models.DateTimeField()
    complete_as_of = models.DateTimeField(null=True, blank=True)
    round_started_at = models.DateTimeField(null=True, blank=True)
    round_item_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("prices kept for sorting")
        verbose_name_plural = _("prices kept for sorting")

    def __str__(self) -> str:
        return self.key


class KeptPrice(models.Model):
    """The net price of the least quantity of an item, untaxed, per sales unit; None = the ERP gave none."""

    agreement = models.ForeignKey(PriceAgreement, on_delete=models.CASCADE, related_name="prices")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    net_price = models.DecimalField(**PRICE, null=True, blank=True)
    as_of = models.DateTimeField()

    class Meta:
        verbose_name = _("kept price")
        verbose_name_plural = _("kept prices")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agreement", "net_price", "item"], name="kept_price_order"),
            models.Index(fields=["item"], name="kept_price_item"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agreement", "item"], name="kept_price_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.net_price}"
