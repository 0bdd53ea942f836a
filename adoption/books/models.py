"""Whose book it is, the days that are closed, and sums that are kept ready.

The sums (Order*, Activity*, HourDay) are a cache: `manage.py rollups_rebuild` makes them anew from the facts, and each
night they are held against the facts. Nothing is known only by them.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CompanyBook(models.Model):
    """The company that imported facts belong to; one row at most. Without a row the shop's settings apply.

    `as_of`: the instant up to which the imported facts are complete; reports stand still there.
    """

    timezone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    calendar = models.CharField(_("calendar"), max_length=64, blank=True)
    as_of = models.DateTimeField(_("facts up to"))
    source = models.CharField(_("imported from"), max_length=200, blank=True)
    imported_at = models.DateTimeField(_("imported"))

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


class _Orders(models.Model):
    """Counted logical orders of an account by channel; amounts in the company's currency."""

    account_id = models.CharField(max_length=64)
    channel = models.CharField(max_length=20)
    orders = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=8)
    units = models.DecimalField(max_digits=24, decimal_places=4)
    unconverted = models.PositiveIntegerField()
    timed = models.PositiveIntegerField()
    off_hours = models.PositiveIntegerField()
    tracked = models.PositiveIntegerField()

    class Meta:
        abstract = True


class OrderDay(_Orders):
    """Orders of a company day."""

    day: models.DateField[dt.date, dt.date] = models.DateField()

    class Meta:
        verbose_name = _("orders of a day")
        verbose_name_plural = _("orders by day")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "account_id", "channel"], name="order_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.account_id} {self.channel}"


class OrderMonth(_Orders):
    """Orders of a calendar month, by its first day."""

    month: models.DateField[dt.date, dt.date] = models.DateField()

    class Meta:
        verbose_name = _("orders of a month")
        verbose_name_plural = _("orders by month")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["month", "account_id", "channel"], name="order_month_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id"], name="order_month_account")]

    def __str__(self) -> str:
        return f"{self.month} {self.account_id} {self.channel}"


class HourDay(models.Model):
    """Counted orders with a known time by weekday (1 = Monday) and hour of the customer's clock."""

    day: models.DateField[dt.date, dt.date] = models.DateField()
    channel = models.CharField(max_length=20)
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    orders = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("hours of orders")
        verbose_name_plural = _("hours of orders")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["day"], name="hour_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.weekday} {self.hour}"


class ActivityDay(models.Model):
    """What a buyer did on a company day, by kind of event; `source` of session starts."""

    day: models.DateField[dt.date, dt.date] = models.DateField()
    account_id = models.CharField(max_length=64, blank=True)
    user_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=40, blank=True)
    events = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("activity of a day")
        verbose_name_plural = _("activity by day")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "account_id", "user_id", "kind", "source"], name="activity_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.account_id} {self.kind}"


class ActivityMonth(models.Model):
    """Activity of an account in a calendar month: events, different people, and days with an event by a person."""

    month: models.DateField[dt.date, dt.date] = models.DateField()
    account_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=40, blank=True)
    events = models.PositiveIntegerField()
    users = models.PositiveIntegerField()
    user_days = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("activity of a month")
        verbose_name_plural = _("activity by month")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["month", "account_id", "kind", "source"], name="activity_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.account_id} {self.kind}"


class RollupRun(models.Model):
    """When the sums were last brought up to date, and what the nightly comparison with the facts found."""

    covers_to: models.DateField[dt.date, dt.date] = models.DateField(_("days before"))
    last_event = models.BigIntegerField(default=0)
    ran_at = models.DateTimeField(_("ran"))
    differences = models.JSONField(_("differences"), default=list)

    class Meta:
        verbose_name = _("run of the sums")
        verbose_name_plural = _("runs of the sums")
        ordering: ClassVar[list[str]] = ["-ran_at"]

    def __str__(self) -> str:
        return f"{self.ran_at:%Y-%m-%d %H:%M}"
