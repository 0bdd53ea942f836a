"""Conversations between a customer's people and their rep, each about one thing."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.uploads.models import StoredFile

MAX_TEXT = 4000


class SubjectKind(models.TextChoices):
    """What a conversation is about."""

    ORDER = "order", _("Order")
    QUOTE = "quote", _("Quote")
    RETURN = "return", _("Return")


class Thread(models.Model):
    """The conversation of a company about one order, quote or return. `path` is the buyer's page of it."""

    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    subject_key = models.CharField(max_length=64)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="threads")
    title = models.CharField(max_length=120)
    path = models.CharField(max_length=300)
    last_message_at = models.DateTimeField()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering: ClassVar[list[str]] = ["-last_message_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "subject_kind", "subject_key"], name="one_thread_of_a_subject")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-last_message_at"], name="shop_thread_of_company")
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.title}"


class Message(models.Model):
    """What somebody wrote; never changed. `is_staff_side`: one of ours wrote it, also while acting for the customer."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_staff_side = models.BooleanField(default=False)
    text = models.CharField(max_length=MAX_TEXT, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class ReadMark(models.Model):
    """Up to when somebody has read a conversation; it moves only when there was something new to read."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_staff_side = models.BooleanField(default=False)
    read_until = models.DateTimeField()

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["thread", "person"], name="read_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.read_until:%Y-%m-%d %H:%M}"
