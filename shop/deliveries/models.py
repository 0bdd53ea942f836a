"""What the shop itself keeps about deliveries: links to the report, who gets it by mail, what was seen before."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportLink(models.Model):
    """A link by which somebody without log-in may read one company's missing-goods report, until it ends.

    The token itself is only in the link; here is its hash. `filters` are those of the report when the link was made.
    """

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="report_links")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80, blank=True)
    filters = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link to the missing-goods report")
        verbose_name_plural = _("links to the missing-goods report")
        ordering: ClassVar[list[str]] = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.sold_to_id}: {self.label or self.pk}"


class WeeklyReport(models.Model):
    """Somebody wants to be told every week what is missing."""

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="weekly_reports")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("weekly missing-goods report")
        verbose_name_plural = _("weekly missing-goods reports")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "person"], name="weekly_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.sold_to_id}"


class WatchMark(models.Model):
    """Up to which write of the mirror the watch has looked, for each kind of thing it looks for."""

    kind = models.CharField(max_length=20, unique=True)
    seen_until = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of the watch")
        verbose_name_plural = _("marks of the watch")

    def __str__(self) -> str:
        return self.kind


class OrderShape(models.Model):
    """How an order of ours looked in the ERP when it was last seen: its quantities, prices and dates."""

    order_erp_id = models.CharField(max_length=64, unique=True)
    shape = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("shape of an order")
        verbose_name_plural = _("shapes of orders")

    def __str__(self) -> str:
        return self.order_erp_id
