"""Enquiries that came past the shop, and leads. Ids are texts: no key reaches into another app's tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Medium(models.TextChoices):
    """How an enquiry came."""

    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    VISIT = "visit", _("visit")
    FAX = "fax", _("fax")
    CHAT = "chat", _("chat")


class Topic(models.TextChoices):
    """What an enquiry was about."""

    ORDER_STATUS = "order_status", _("order status")
    INVOICE = "invoice", _("invoice")
    RETURN = "return", _("return")
    PRICE = "price", _("price")
    PRODUCT = "product", _("item")


class Intent(models.TextChoices):
    """Whether an enquiry wanted help or wanted to buy."""

    SERVICE = "service", _("service")
    SALES = "sales", _("sales")


class Enquiry(models.Model):
    """A customer asked a person instead of the shop (docs/metrics.md, M6 and M10)."""

    enquiry_id = models.CharField(_("key"), max_length=64, unique=True)
    account_id = models.CharField(_("company"), max_length=64, db_index=True)
    occurred_at = models.DateTimeField(_("time"))
    medium = models.CharField(_("how"), max_length=10, choices=Medium.choices)
    topic = models.CharField(_("about"), max_length=20, choices=Topic.choices)
    intent = models.CharField(_("intent"), max_length=10, choices=Intent.choices, default=Intent.SERVICE)
    logged_by = models.CharField(_("written down by"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        ordering: ClassVar[list[str]] = ["-occurred_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["occurred_at"], name="enquiry_time")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.medium} {self.occurred_at:%Y-%m-%d %H:%M}"


class Lead(models.Model):
    """Somebody who isn't a customer yet, or wasn't (docs/metrics.md, M25).

    `identity_key` tells the same person again (an e-mail address); `account_id` is "" until the lead became a customer.
    """

    lead_id = models.CharField(_("key"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("time"), db_index=True)
    source = models.CharField(_("source"), max_length=40)
    identity_key = models.CharField(_("who"), max_length=254)
    account_id = models.CharField(_("company"), max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.source} {self.identity_key}"


class ContactRequest(models.Model):
    """What somebody wrote in the contact form; it is a lead that waits for an answer, with a clock.

    Attributes:
        answer_by: What he was promised; None = we never open, nothing was promised.
        answer, answered_by: The first answer, and whose it was ("" and "" when it was only noted as answered). While
            `answered_at` is empty: one that could not be delivered.
        response_minutes: Business minutes until then.
        escalated_at: When everybody was told that the promise is broken.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="request", verbose_name=_("lead"))
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    company = models.CharField(_("company"), max_length=160, blank=True)
    text = models.TextField(_("message"), max_length=4000)
    person_key = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)
    answer_by = models.DateTimeField(_("promised by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=120, blank=True, default="", db_default="")
    answer = models.TextField(_("answer"), max_length=4000, blank=True, default="", db_default="")
    response_minutes = models.PositiveIntegerField(_("business minutes until the answer"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True, editable=False)
    # The answer goes by mail: owed from `reply_due_at` on until it is sent.
    reply_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whoever answers it was told by mail; until then a mail is owed from `due_at` on.
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        ordering: ClassVar[list[str]] = ["-lead__created_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["answer_by"], name="contact_waiting", condition=models.Q(answered_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.company})" if self.company else self.name
