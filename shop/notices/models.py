"""What people were told, and how each of them wants to be told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How somebody wants to be told of an event; what comes by mail is in the shop too."""

    MAIL = "mail", _("Mail at once")
    DIGEST = "digest", _("One mail a day")
    IN_APP = "in_app", _("Only in the shop")
    OFF = "off", _("Not at all")


class Notice(models.Model):
    """One person told of one thing, once for ever: `key` names the thing.

    The row is the order to send its mail too: while `mail_due_at` is set, a mail is still owed. It is set ahead while
    somebody sends it (a lease), and cleared when it was sent, when nobody may have it any more, or when we gave up.

    Attributes:
        is_shown: In the shop's list; False for what is only kept so that it is not told again.
        mail: mail (one of its own), digest (in the day's mail), or "" for none.
        mail_error: Why the last try failed, or why there is no mail after all.
    """

    key = models.CharField(max_length=160)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=40)
    path = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    is_shown = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=10, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar[list[str]] = ["-occurred_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "person"], name="told_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-occurred_at"], name="shop_notice_of_person"),
            models.Index(fields=["person", "sold_to"], name="shop_notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["mail_due_at"], name="shop_notice_due", condition=Q(mail_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class Preference(models.Model):
    """How one person wants to be told of one event; without a row the event's own default holds."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)

    class Meta:
        verbose_name = _("wish for notices")
        verbose_name_plural = _("wishes for notices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "event"], name="one_wish_of_an_event")
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.channel}"
