"""Rounds of comparison, what differed, and how far each customer may trust what he was told."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Round(models.TextChoices):
    """What compares."""

    HOURLY = "hourly", _("documents of the last day")
    NIGHTLY = "nightly", _("documents of the last 90 days")
    PRICES = "prices", _("prices of a sample")


class Subject(models.TextChoices):
    """What was compared."""

    ORDER = "order", _("order")
    PAYMENT = "payment", _("payment")
    RETURN = "return", pgettext_lazy("goods", "return")
    PRICE = "price", _("price")


class Kind(models.TextChoices):
    """In what the two sides differ."""

    MISSING = "missing", _("missing in the ERP")
    DOUBLE = "double", _("twice in the ERP")
    GHOST = "ghost", _("unknown or refused here")
    TOTAL = "total", _("another total")
    LINE = "line", _("other lines")
    CANCELLED = "cancelled", _("undone in the ERP")
    PRICE = "price", _("another price")


class Comparison(models.Model):
    """One round. `unanswered` could not be asked; an `error` ended it early."""

    round = models.CharField(_("round"), max_length=10, choices=Round.choices)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    compared = models.PositiveIntegerField(_("compared"), default=0)
    different = models.PositiveIntegerField(_("different"), default=0)
    unanswered = models.PositiveIntegerField(_("not answered"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("comparison with the ERP")
        verbose_name_plural = _("comparisons with the ERP")
        ordering: ClassVar[list[str]] = ["-started_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["round", "-started_at"], name="comparison_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def parity(self) -> Decimal | None:
        """Return the share that was equal, None when nothing was compared."""
        return 1 - Decimal(self.different) / self.compared if self.compared else None


class Difference(models.Model):
    """One thing on which shop and ERP differ: both sides as they were seen last.

    A row is open until the two agree again (`gone_at`) or a person settles it with a word. One that was settled and
    differs in another way later is open again.
    """

    subject = models.CharField(_("subject"), max_length=10, choices=Subject.choices)
    kind = models.CharField(_("difference"), max_length=10, choices=Kind.choices)
    reference = models.CharField(_("reference"), max_length=160)
    customer_erp_id = models.CharField(max_length=64, blank=True)
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    gone_at = models.DateTimeField(_("agrees again since"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=254, blank=True)
    note = models.CharField(_("what was done"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("difference to the ERP")
        verbose_name_plural = _("differences to the ERP")
        ordering: ClassVar[list[str]] = ["-last_seen_at", "reference"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject", "kind", "reference"], name="difference_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["first_seen_at"],
                name="difference_open",
                condition=Q(gone_at__isnull=True, settled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.reference}: {self.get_kind_display()}"


class CustomerTrust(models.Model):
    """How many of a customer's web orders that are over came as promised; written anew every night.

    `kept` had no price break, no shortage, came on time and were billed as ordered.
    """

    customer_erp_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("customer"), max_length=200)
    orders = models.PositiveIntegerField(_("orders that are over"))
    kept = models.PositiveIntegerField(_("as promised"))
    price_kept = models.PositiveIntegerField(_("no price break"))
    complete = models.PositiveIntegerField(_("no shortage"))
    on_time = models.PositiveIntegerField(_("on time"))
    billed = models.PositiveIntegerField(_("billed as ordered"))
    computed_at = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("trust score")
        verbose_name_plural = _("trust scores")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def share(self) -> Decimal | None:
        """Return the share of orders that came as promised, None without orders."""
        return Decimal(self.kept) / self.orders if self.orders else None
