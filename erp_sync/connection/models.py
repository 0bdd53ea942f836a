"""The pulse of the connection, minute by minute, and what is announced."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models import in_language


class Pulse(models.Model):
    """How the connection was at one minute; kept for 31 days.

    Attributes:
        latency_ms: Of one call that was made to find out; None when the ERP did not answer.
        error: Why it did not.
        breaker: The worst of all operations of the web: closed, probing, open.
        failures: Calls of the web without a usable answer since the last pulse.
        mirror_lag_s: Age of the oldest kind of the copy; None before the first whole pull.
        oldest_write_s: Age of the oldest write that is under way; 0 when none waits.
    """

    at = models.DateTimeField(unique=True)
    latency_ms = models.FloatField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    breaker = models.CharField(max_length=10, default="closed")
    failures = models.PositiveIntegerField(default=0)
    mirror_lag_s = models.PositiveIntegerField(null=True, blank=True)
    oldest_write_s = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("pulse of the ERP connection")
        verbose_name_plural = _("pulse of the ERP connection")
        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Announcement(models.Model):
    """What buyers read above every page for a while: maintenance, a stocktaking. `texts`: language -> text."""

    texts = models.JSONField(default=dict)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    made_by = models.CharField(_("written by"), max_length=254, blank=True)
    made_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering: ClassVar[list[str]] = ["-starts_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="announcement_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.text_in("en")[:60]

    def text_in(self, language: str) -> str:
        """Return the text in this language, or the nearest that there is."""
        return in_language(self.texts, language)
