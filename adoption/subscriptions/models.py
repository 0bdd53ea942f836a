"""Who gets which page of the report on which weekday."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Weekday(models.IntegerChoices):
    """ISO weekdays."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class Subscription(models.Model):
    """One page of the report, as somebody asks for it, in the reader's mail every week.

    The row is the order to send: from `due_at` on a mail is owed. It is set ahead while somebody sends it (a lease),
    and to the next week when it went.

    Attributes:
        section: The page's place in the report's address; query: its filters, as they stand in the address.
        due_at: None = ended: the reader may not be told any more.
        error: Why the last try failed.
    """

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("reader")
    )
    section = models.CharField(_("page"), max_length=20)
    query = models.CharField(_("filters"), max_length=300, blank=True)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    created_at = models.DateTimeField(_("asked for at"))
    due_at = models.DateTimeField(_("next mail"), null=True, blank=True)
    sent_at = models.DateTimeField(_("last mail"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("last trouble"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("weekly mail")
        verbose_name_plural = _("weekly mails")
        ordering: ClassVar[list[str]] = ["reader", "weekday", "section"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reader", "section", "query"], name="weekly_mail_once"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="weekly_mail_weekday"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="weekly_mail_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.section}, {self.get_weekday_display()}"
