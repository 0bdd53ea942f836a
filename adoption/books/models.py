"""Whose book it is, the days that are closed, and when the sums (sums.py) were last made."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CompanyBook(models.Model):
    """The company that imported facts belong to; one row at most. Without a row the shop's settings apply.

    `as_of`: the instant up to which the imported facts are complete; reports stand still there.
    `span`: the days that the files say they are of, as texts: first_day, end_exclusive.
    """

    timezone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    calendar = models.CharField(_("calendar"), max_length=64, blank=True)
    as_of = models.DateTimeField(_("facts up to"))
    source = models.CharField(_("imported from"), max_length=200, blank=True)
    imported_at = models.DateTimeField(_("imported"))
    span = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("imported book")
        verbose_name_plural = _("imported books")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="one_company_book")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.as_of:%Y-%m-%d %H:%M}"


class DayBook(models.Model):
    """A day that is over, as it was known when it was closed.

    Attributes:
        version: Of the definitions, when the day was closed.
        settings: Those that differed from the defaults.
        counts: Rows by kind of fact.
        figures: The day's sums, amounts as text in the company's currency.
        rows: What the sums are made of: kind -> {id: [..]} (adoption/books/days.py), to name what came late.
    """

    day: models.DateField[dt.date, dt.date] = models.DateField(_("day"), unique=True)
    version = models.CharField(_("version of the definitions"), max_length=20)
    settings = models.JSONField(_("settings"), default=dict)
    counts = models.JSONField(_("rows"), default=dict)
    figures = models.JSONField(_("figures"), default=dict)
    rows = models.JSONField(default=dict)
    frozen_at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering: ClassVar[list[str]] = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class Restatement(models.Model):
    """A figure of a closed day that late facts changed.

    `causes`: [{kind, count, ids}] of late_order, changed_order, cancelled_order, late_credit …, most first.
    """

    day: models.DateField[dt.date, dt.date] = models.DateField(_("day"), db_index=True)
    metric = models.CharField(_("metric"), max_length=40)
    before = models.DecimalField(_("before"), max_digits=24, decimal_places=8, null=True)
    after = models.DecimalField(_("after"), max_digits=24, decimal_places=8, null=True)
    causes = models.JSONField(_("causes"), default=list)
    found_at = models.DateTimeField(_("found"))

    class Meta:
        verbose_name = _("restatement")
        verbose_name_plural = _("restatements")
        ordering: ClassVar[list[str]] = ["-day", "metric", "-found_at"]

    def __str__(self) -> str:
        return f"{self.day} {self.metric}: {self.before} → {self.after}"


class RollupRun(models.Model):
    """When the sums were last brought up to date, and what the nightly comparison with the facts found.

    `headlines`: what the administration's first page shows of them, {} when a page had them made.
    """

    # Of what the sums depend on besides facts: settings and company.
    fingerprint = models.CharField(max_length=64, blank=True)
    covers_to: models.DateField[dt.date, dt.date] = models.DateField(_("days before"))
    last_event = models.BigIntegerField(default=0)
    last_rate = models.BigIntegerField(default=0)
    last_enquiry = models.BigIntegerField(default=0, db_default=0)
    ran_at = models.DateTimeField(_("ran"))
    differences = models.JSONField(_("differences"), default=list)
    headlines = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("run of the sums")
        verbose_name_plural = _("runs of the sums")
        ordering: ClassVar[list[str]] = ["-ran_at"]

    def __str__(self) -> str:
        return f"{self.ran_at:%Y-%m-%d %H:%M}"
