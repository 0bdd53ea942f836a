"""The week's customers: those to call, and the similar ones that are left alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Nudge(models.Model):
    """One customer of a week's pair: nudged, or left alone to compare with. Chosen once, never changed.

    Attributes:
        week_on: Monday of the ISO week.
        pair: Number of the pair within the rep's week; one of the two is the control.
        reason: One of adoption.coaching.choosing.Reason; facts: what its words name.
        expected: Offline value of 90 days that could move, in the company's currency.
    """

    week_on = models.DateField(_("week"))
    account_id = models.CharField(_("company"), max_length=64)
    rep_id = models.CharField(_("sales rep"), max_length=64, blank=True)
    pair = models.PositiveSmallIntegerField(_("pair"))
    is_control = models.BooleanField(_("left alone"))
    reason = models.CharField(_("reason"), max_length=20)
    facts = models.JSONField(_("facts"), default=dict)
    expected = models.DecimalField(_("expected effect"), max_digits=20, decimal_places=2)
    chosen_at = models.DateTimeField(_("chosen at"))
    invited_at = models.DateTimeField(_("invited at"), null=True)
    invited_by = models.CharField(_("invited by"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("nudge")
        verbose_name_plural = _("nudges")
        ordering: ClassVar[list[str]] = ["-week_on", "rep_id", "pair", "is_control"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["week_on", "account_id"], name="nudge_once_a_week"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.week_on:%G-W%V}"


class AccountScore(models.Model):
    """The latest adoption score (M7) of an account, for its rep's desk: a copy, made again every night."""

    account_id = models.CharField(_("company"), max_length=64, unique=True)
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=1)
    band = models.CharField(_("band"), max_length=20)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("adoption score")
        verbose_name_plural = _("adoption scores")
        ordering: ClassVar[list[str]] = ["account_id"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.score}"
