"""The events table: append-only, one row per fact."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Events that are few and asked for by their time.
RARE = ("survey_prompted", "survey_answered", "friction")


class Event(models.Model):
    """One fact (metrics.md, section 3, "events"). Ids are texts: no key reaches into another app's tables.

    Every index costs each event that is written, so most of them hold only the kinds that somebody looks up by it.
    """

    event_id = models.CharField(_("key"), max_length=120)
    occurred_at = models.DateTimeField(_("time"))
    kind = models.CharField(_("what happened"), max_length=40)
    session_id = models.CharField(_("visit"), max_length=64, blank=True)
    account_id = models.CharField(_("company"), max_length=64, blank=True)
    user_id = models.CharField(_("key of the person"), max_length=64, blank=True)
    actor = models.CharField(_("who"), max_length=10)
    impersonator_id = models.CharField(_("sales rep who acted"), max_length=64, blank=True)
    object_type = models.CharField(_("kind of object"), max_length=40, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    props = models.JSONField(_("details"), default=dict)
    is_test = models.BooleanField(_("test"), default=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event_id"], name="event_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            BrinIndex(fields=["occurred_at"], name="event_time", pages_per_range=32),
            models.Index(
                fields=["account_id", "kind", "occurred_at"], name="event_of_account", condition=~Q(kind="product_view")
            ),
            models.Index(
                fields=["object_id", "account_id", "occurred_at"], name="event_of_object", condition=~Q(object_id="")
            ),
            models.Index(fields=["session_id", "occurred_at"], name="event_begun", condition=Q(kind="session_start")),
            models.Index(fields=["kind", "occurred_at"], name="event_rare", condition=Q(kind__in=RARE)),
            models.Index(fields=["occurred_at"], name="event_searched", condition=Q(kind="invoice_searched")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M}"


class OrderChannel(models.Model):
    """The channel of a logical order, decided once when the order is first seen (metrics.md, C9 and section 2).

    An order from the shop also keeps by whom, in which session and out of which quote it came.
    """

    order_key = models.CharField(_("order"), max_length=64, unique=True)
    channel = models.CharField(_("channel"), max_length=20)
    rule = models.PositiveSmallIntegerField(_("rule"))
    decided_at = models.DateTimeField(_("decided at"))
    session_id = models.CharField(_("visit"), max_length=64, blank=True)
    submitted_by = models.CharField(_("placed by"), max_length=64, blank=True)
    impersonator_id = models.CharField(_("sales rep who acted"), max_length=64, blank=True)
    quote_id = models.CharField(_("quote"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("order channel")
        verbose_name_plural = _("order channels")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["session_id"], name="channel_session", condition=~Q(session_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.order_key}: {self.channel}"
