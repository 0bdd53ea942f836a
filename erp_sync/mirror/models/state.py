"""Where the pull stands, what it did, and what it could not read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class SyncState(models.Model):
    """Where the pull of one kind stands. `page_id` is set while a run is unfinished, so that it resumes.

    `changed_at` is the cursor: of the unfinished run, else the ERP's clock when the last complete
    run began. `horizon_at` and `begun_at` are the ERP's clock and ours when the unfinished run
    began. `last_success_at` is when
    the last complete run began by our clock: the mirror is at least as fresh as that.
    """

    kind = models.CharField(max_length=20, unique=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    page_id = models.CharField(max_length=64, blank=True)
    horizon_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    highest_version = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    keys_compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sync state")
        verbose_name_plural = _("sync states")

    def __str__(self) -> str:
        return self.kind


class SyncRun(models.Model):
    """One run of the pull for one kind, with its counts, for people."""

    kind = models.CharField(max_length=20, db_index=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    is_full = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class Quarantine(models.Model):
    """A record that could not be read; it is tried again whenever the ERP sends it again."""

    kind = models.CharField(max_length=20)
    erp_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    raw = models.TextField(blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("quarantined record")
        verbose_name_plural = _("quarantined records")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "erp_id"], name="quarantine_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.erp_id}"
