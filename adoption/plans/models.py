"""Plans, goals, costs, exchange rates and calendars: what no other system tells us."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

SHARED = "shared"


class Plan(models.Model):
    """A year's planned amount of one metric, in the company's currency (docs/metrics.md, M22).

    `seasonality`: its months weigh as much as last year's actual ones.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    metric = models.CharField(_("metric"), max_length=40, default="net_sales")
    scope = models.CharField(_("scope"), max_length=40, default="total")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    seasonality = models.BooleanField(_("by last year's months"), default=False, db_default=False)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering: ClassVar[list[str]] = ["-year", "metric", "scope"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "metric", "scope"], name="plan_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="plan_not_negative",
                violation_error_message=_("A plan is 0 or more. Nothing was saved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.metric} {self.scope}"


class Goal(models.Model):
    """A SMART goal: metric, from where, to where, until when, whose (docs/metrics.md, M27).

    `metric` is a path in the metrics' export ("adoption.order"); `period_key` names the period that is measured, "" =
    the last complete month.
    """

    goal_id = models.CharField(_("key"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    metric = models.CharField(_("metric"), max_length=80)
    baseline = models.DecimalField(_("from"), max_digits=24, decimal_places=8)
    target = models.DecimalField(_("to"), max_digits=24, decimal_places=8)
    start_on = models.DateField(_("begins"))
    due_on = models.DateField(_("due"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    period_key = models.CharField(_("period that is measured"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering: ClassVar[list[str]] = ["due_on", "goal_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(due_on__gt=F("start_on")),
                name="goal_has_time",
                violation_error_message=_("The goal is due before it begins. Nothing was saved."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.metric} → {self.target}"

    def clean(self) -> None:
        """A goal that people set has an owner, and somewhere to go."""
        if self.owner_id is None:
            raise ValidationError({"owner": _("Who looks after this goal? Nothing was saved.")})
        # An empty field of a form leaves its attribute at None, whatever the model says.
        target: Decimal | None = self.target
        if target is not None and target == self.baseline:
            stays = _("The goal ends where it begins: choose another target. Nothing was saved.")
            raise ValidationError({"target": stays})


class Cost(models.Model):
    """What a channel cost on a day, by kind; `channel` "shared" is split over all (docs/metrics.md, M21)."""

    occurred_on = models.DateField(_("day"))
    channel = models.CharField(_("channel"), max_length=20)
    kind = models.CharField(_("kind"), max_length=40)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        ordering: ClassVar[list[str]] = ["-occurred_on", "channel", "kind"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["occurred_on", "channel", "kind", "currency"],
                name="cost_once",
                violation_error_message=_(
                    "There is a cost of this kind for this channel and day already. Change that one; nothing was saved."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.channel} {self.kind}: {self.amount} {self.currency}"


class ExchangeRate(models.Model):
    """Units of the company's currency for one of a foreign one, from this day on (docs/metrics.md, C6)."""

    currency = models.CharField(_("currency"), max_length=3)
    since_on = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=30, decimal_places=15)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar[list[str]] = ["currency", "since_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["currency", "since_on"], name="rate_once"),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="rate_positive",
                violation_error_message=_("A rate is more than 0. Nothing was saved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.since_on}: {self.rate}"


class OpeningInterval(models.Model):
    """Open from … to … on a weekday of a calendar (1 = Monday); several rows = several intervals, no row = closed."""

    calendar = models.CharField(_("calendar"), max_length=64)
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering: ClassVar[list[str]] = ["calendar", "weekday", "opens"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="interval_once"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="interval_weekday",
                violation_error_message=_("A weekday is 1 (Monday) to 7 (Sunday). Nothing was saved."),
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="interval_order",
                violation_error_message=_("It closes before it opens. Nothing was saved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.weekday}: {self.opens:%H:%M} / {self.closes:%H:%M}"


class Holiday(models.Model):
    """A day on which a calendar is closed."""

    calendar = models.CharField(_("calendar"), max_length=64)
    day: models.DateField[dt.date, dt.date] = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering: ClassVar[list[str]] = ["calendar", "day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["calendar", "day"], name="holiday_once")
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.day}: {self.name}"
