"""One row for each write that must reach the ERP, and every attempt made for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxState(models.TextChoices):
    """Where a write stands: the exporter picks up `ready` and `check`; the last five rest."""

    READY = "ready", _("waiting to be sent")
    SENDING = "sending", _("being sent")
    CHECK = "check", _("looking it up in the ERP")
    DONE = "done", _("in the ERP")
    REJECTED = "rejected", _("refused by the ERP")
    NEEDS_REVIEW = "needs_review", _("a person must decide")
    NEEDS_CHECK = "needs_check", _("a person must look it up")
    DEAD = "dead", _("given up")


class OutboxRow(models.Model):
    """A write. `reference` is the key that makes it happen once.

    `payload` holds what is written (kinds.py), with an order also how its prices are rechecked. Only the exporter moves
    `state` (conditional on `attempts`), and staff through `outbox.services`.
    """

    kind = models.CharField(_("kind"), max_length=20)
    reference = models.CharField(_("reference"), max_length=40)
    payload = models.JSONField()
    state = models.CharField(_("state"), max_length=20, choices=OutboxState.choices, default=OutboxState.READY)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("asked for"))
    due_at = models.DateTimeField(_("due"))
    lease_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(_("at rest since"), null=True, blank=True)
    erp_id = models.CharField(_("id in the ERP"), max_length=64, blank=True)
    erp_number = models.CharField(_("number in the ERP"), max_length=64, blank=True)
    erp_total = models.DecimalField(_("total in the ERP"), max_digits=16, decimal_places=2, null=True, blank=True)
    last_message = models.CharField(_("last message"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("write to the ERP")
        verbose_name_plural = _("writes to the ERP")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "reference"], name="outbox_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=Q(state__in=["ready", "sending", "check"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class OutboxAttempt(models.Model):
    """One thing that was tried for a row: send or look up, with its outcome in words."""

    row = models.ForeignKey(OutboxRow, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.action} #{self.number}: {self.outcome}"
