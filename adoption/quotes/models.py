"""One row a quote, for the metrics; the quote itself lives in the shop and the ERP."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """Where a quote stands."""

    OPEN = "open", _("open")
    WON = "won", _("won")
    LOST = "lost", _("lost")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class QuoteFact(models.Model):
    """A quote as M26 sees it. `first_response_at` is the first answer by a person; a receipt is none.

    `order_key` is the order that it became: the ERP's id, or the shop's reference.
    """

    quote_id = models.CharField(_("quote"), max_length=64, unique=True)
    account_id = models.CharField(_("company"), max_length=64, db_index=True)
    requested_at = models.DateTimeField(_("asked"), db_index=True)
    requested_by = models.CharField(_("asked by"), max_length=64, blank=True)
    first_response_at = models.DateTimeField(_("answered"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    order_key = models.CharField(_("order"), max_length=64, blank=True)
    is_test = models.BooleanField(_("test"), default=False)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering: ClassVar[list[str]] = ["-requested_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["order_key"], condition=~models.Q(order_key=""), name="quote_order")
        ]

    def __str__(self) -> str:
        return self.quote_id
