"""What managers chose, one row each time; the latest one holds."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MetricSettings(models.Model):
    """Settings of the definitions as somebody set them (docs/metrics.md, "Settings"). Rows are only ever added.

    Attributes:
        differences: Those that differ from the defaults, by name: a number as text, or a list of channels.
        note: Why.
    """

    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    differences = models.JSONField(_("differs from the defaults"), default=dict, editable=False)
    note = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("settings of the figures")
        verbose_name_plural = _("settings of the figures")
        ordering: ClassVar[list[str]] = ["-set_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d %H:%M}"
