"""Who waits for which item."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StockWatch(models.Model):
    """A person wants to be told once when an item is in stock again; `told_at` is when that was."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="+")
    sku = models.CharField(_("item"), max_length=64)
    asked_at = models.DateTimeField(_("asked for at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("item waited for")
        verbose_name_plural = _("items waited for")
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "sold_to", "sku"], condition=Q(told_at=None), name="one_watch_of_an_item"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "sku"], name="watch_waiting", condition=Q(told_at=None))
        ]

    def __str__(self) -> str:
        return self.sku
