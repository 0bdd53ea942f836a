"""Sums that are kept ready, so that a report page reads hundreds of rows instead of millions.

They are a cache: `manage.py rollups_rebuild` makes them anew from the facts, and each night they are held against the
facts. Nothing is known only by them. Days are the company's (C1); amounts are in its currency. A row whose account is
`ALL` adds up every account, those without a name too.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from adoption.books.columns import amount, by, count, key, once

ALL = "\N{N-ARY SUMMATION}"
# Before each account in a text of many.
BETWEEN = "\x1f"
# The promised day of a line that was promised for no day.
NEVER = dt.date(9999, 12, 31)
# What indexes hold besides what they are by, so that pages read no rows.
ORDERED, HOUR = ("orders", "value", "unconverted"), ("channel", "weekday", "hour", "orders")
MISSING = ("account_id", "channel", "promised_on", "missing")


class Sum(models.Model):
    """A sum; no model of its own."""

    account_id = key()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.account_id}"


class OfDay(Sum):
    """A sum of a day."""

    day: models.DateField[dt.date, dt.date] = models.DateField()

    class Meta:
        abstract = True


class OfMonth(Sum):
    """A sum of a calendar month, by its first day."""

    month: models.DateField[dt.date, dt.date] = models.DateField()

    class Meta:
        abstract = True


class Orders(models.Model):
    """Counted logical orders by channel (M1, M3, M16, M18, ropo).

    Attributes:
        value, units: Of those with an exchange rate; `unconverted` = those without (C6).
        timed, off_hours: Those with a known time, and of them those outside the customer's opening hours.
        tracked: Opened by a buyer in time. `researched`: an item of it was looked at before.
        who: In rows of `ALL`: the accounts, each with `BETWEEN` before it.
    """

    channel = key(20)
    orders = count()
    value = amount()
    units = amount()
    unconverted = count()
    timed = count()
    off_hours = count()
    tracked = count()
    researched = count()
    who = models.TextField(default="", blank=True)

    class Meta:
        abstract = True


class OrderDay(OfDay, Orders):
    """Orders of a day."""

    class Meta:
        verbose_name = _("orders of a day")
        verbose_name_plural = _("orders by day")
        constraints: ClassVar = once("order_day_once", "account_id", "day", "channel", holds=ORDERED)
        indexes: ClassVar = by("order_day_day", "day")


class OrderMonth(OfMonth, Orders):
    """Orders of a month."""

    class Meta:
        verbose_name = _("orders of a month")
        verbose_name_plural = _("orders by month")
        constraints: ClassVar = once("order_month_once", "account_id", "month", "channel")
        indexes: ClassVar = by("order_month_month", "month")


class Sources(models.Model):
    """Self-service orders by the entry source of their session (M11); `sessions`: those begun that led to one (M10)."""

    channel = key(20)
    source = key(40)
    orders = count()
    value = amount()
    sessions = count()

    class Meta:
        abstract = True


class SourceDay(OfDay, Sources):
    """Sources of a day."""

    class Meta:
        verbose_name = _("sources of a day")
        verbose_name_plural = _("sources by day")
        constraints: ClassVar = once("source_day_once", "account_id", "day", "channel", "source")
        indexes: ClassVar = by("source_day_day", "day")


class SourceMonth(OfMonth, Sources):
    """Sources of a month."""

    class Meta:
        verbose_name = _("sources of a month")
        verbose_name_plural = _("sources by month")
        constraints: ClassVar = once("source_month_once", "account_id", "month", "channel", "source")
        indexes: ClassVar = by("source_month_month", "month")


class Sales(models.Model):
    """Demand by the order's day; the rest by the day of the invoice or credit (M20), by the order's channel.

    Attributes:
        wanted: Orders in `demand`. `unrated_orders`: wanted ones without an exchange rate.
        papers: Invoices and credits with lines of the channel. `unrated_parts`: those without a rate;
            `unrated_papers`: the same, but each in one channel only.
        uncosted: Lines of goods whose cost the ERP doesn't give; with one of them nobody knows the margin.
    """

    channel = key(20)
    wanted = count()
    demand = amount()
    unrated_orders = count()
    papers = count()
    unrated_papers = count()
    unrated_parts = count()
    gross = amount()
    discounts = amount()
    returns = amount()
    cogs = amount()
    uncosted = count()

    class Meta:
        abstract = True


class SalesDay(OfDay, Sales):
    """Sales of a day."""

    class Meta:
        verbose_name = _("sales of a day")
        verbose_name_plural = _("sales by day")
        constraints: ClassVar = once("sales_day_once", "account_id", "day", "channel")
        indexes: ClassVar = by("sales_day_day", "day")


class SalesMonth(OfMonth, Sales):
    """Sales of a month."""

    class Meta:
        verbose_name = _("sales of a month")
        verbose_name_plural = _("sales by month")
        constraints: ClassVar = once("sales_month_once", "account_id", "month", "channel")
        indexes: ClassVar = by("sales_month_month", "month")


class Paid(models.Model):
    """Invoices fully paid (M4). `online`: mostly through the shop. `unrated`: payments without an exchange rate."""

    paid = count()
    online = count()
    web_value = amount()
    value = amount()
    unrated = count()

    class Meta:
        abstract = True


class PaidDay(OfDay, Paid):
    """Invoices paid on a day."""

    class Meta:
        verbose_name = _("invoices paid on a day")
        verbose_name_plural = _("invoices paid by day")
        constraints: ClassVar = once("paid_day_once", "account_id", "day")
        indexes: ClassVar = by("paid_day_day", "day")


class PaidMonth(OfMonth, Paid):
    """Invoices paid in a month."""

    class Meta:
        verbose_name = _("invoices paid in a month")
        verbose_name_plural = _("invoices paid by month")
        constraints: ClassVar = once("paid_month_once", "account_id", "month")
        indexes: ClassVar = by("paid_month_month", "month")


class Activities(models.Model):
    """What buyers did, by kind of event; sessions by their entry source.

    Attributes:
        events: Of that kind; sessions count once, on the day of their first event.
        counted: What the metric counts of them: sessions with a self-service order (M10), searches that repeat no
            other one (M5).
        who: In rows of `ALL` of searches: the accounts with any that counts, each with `BETWEEN` before it.
    """

    kind = key(40)
    source = key(40)
    events = count()
    counted = count()
    who = models.TextField(default="", db_default="", blank=True)

    class Meta:
        abstract = True


class ActivityDay(OfDay, Activities):
    """Activity of a day."""

    class Meta:
        verbose_name = _("activity of a day")
        verbose_name_plural = _("activity by day")
        constraints: ClassVar = once("activity_day_once", "account_id", "day", "kind", "source")
        indexes: ClassVar = by("activity_day_day", "day", "kind", holds=("account_id", "counted"))


class ActivityMonth(OfMonth, Activities):
    """Activity of a month."""

    class Meta:
        verbose_name = _("activity of a month")
        verbose_name_plural = _("activity by month")
        constraints: ClassVar = once("activity_month_once", "account_id", "month", "kind", "source")
        indexes: ClassVar = by("activity_month_month", "month", "kind", holds=("account_id", "counted"))


class LoginDay(OfDay):
    """Who logged in on a day, and how often (M2, M8)."""

    user_id = key()
    events = count()

    class Meta:
        verbose_name = _("log-ins of a day")
        verbose_name_plural = _("log-ins by day")
        constraints: ClassVar = once("login_day_once", "account_id", "day", "user_id", holds=("events",))
        indexes: ClassVar = by("login_day_day", "day")


class HourDay(OfDay):
    """Counted orders with a known time by weekday (1 = Monday) and hour of the customer's clock."""

    channel = key(20)
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    orders = count()

    class Meta:
        verbose_name = _("hours of orders")
        verbose_name_plural = _("hours of orders")
        constraints: ClassVar = once("hour_day_once", "account_id", "day", "channel", "weekday", "hour")
        indexes: ClassVar = by("hour_day", "day") + by("hour_day_all", "day", holds=HOUR, only=models.Q(account_id=ALL))


class LineDay(OfDay):
    """Lines of goods of the counted orders of a day, by the day they were promised for (M23, M24).

    Attributes:
        promised_on: `NEVER` = for no day.
        lines, on_time: Promised lines, and those that were complete in time.
        due_orders, in_full: Orders whose last promise is that day, and those with every line in time.
        ordered, delivered, missing, surplus: Pieces; too many on one line never fill another.
    """

    channel = key(20)
    promised_on: models.DateField[dt.date, dt.date] = models.DateField()
    lines = count()
    on_time = count()
    due_orders = count()
    in_full = count()
    ordered = amount()
    delivered = amount()
    missing = amount()
    surplus = amount()

    class Meta:
        verbose_name = _("lines of a day")
        verbose_name_plural = _("lines by day")
        constraints: ClassVar = once("line_day_once", "account_id", "day", "channel", "promised_on")
        indexes: ClassVar = [
            *by("line_day_day", "day"), *by("line_day_promised", "account_id", "promised_on"),
            *by("line_day_missing", "day", holds=MISSING, only=models.Q(missing__gt=0)),
        ]  # fmt: skip


class AccountState(models.Model):
    """What is known of an account's past and of the days just before `on`; every account of any sum has one.

    Attributes:
        first_online_on, second_online_on: Days with a self-service order: the first, and the next one after it.
        before, online_after, offline_after: Orders of that first day before and after the first self-service one.
        came_offline: An offline order stood before the first self-service one, and not too long (M13).
        stays: Days after -> [self-service, offline] orders in so many days after the first self-service one.
        orders, online, tracked, paid, paid_online, weeks, kinds: Of the score's days (M7).
        logins, logins_before: Days with a log-in by a person, now and before (M8).
        was_*: Of the baseline of alerts (M17). now_*: of its recent days; neutral channels only in `now_orders`.
    """

    account_id = models.CharField(max_length=64, primary_key=True)
    on: models.DateField[dt.date | None, dt.date | None] = models.DateField(null=True)
    first_online_on: models.DateField[dt.date | None, dt.date | None] = models.DateField(null=True)
    second_online_on: models.DateField[dt.date | None, dt.date | None] = models.DateField(null=True)
    before = count()
    online_after = count()
    offline_after = count()
    came_offline = models.BooleanField(default=False)
    stays = models.JSONField(default=dict)
    first_login_on: models.DateField[dt.date | None, dt.date | None] = models.DateField(null=True)
    orders = count()
    online = count()
    tracked = count()
    paid = count()
    paid_online = count()
    weeks = count()
    kinds = count()
    logins = count()
    logins_before = count()
    was_online = count()
    was_counted = count()
    now_orders = count()
    now_online = count()
    now_counted = count()
    now_offline_value = amount()
    now_unconverted = count()

    class Meta:
        verbose_name = _("state of an account")
        verbose_name_plural = _("states of accounts")

    def __str__(self) -> str:
        return self.account_id
