"""Payments, what they pay, how they moved, and what providers told us."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PaymentState(models.TextChoices):
    """started -> pending -> captured -> sent_to_erp -> booked; failed, abandoned; refunding -> refunded; needs_review.

    What each means to a buyer: docs/payments.md.
    """

    STARTED = "started", pgettext_lazy("payment", "started")
    PENDING = "pending", _("waiting for the money")
    CAPTURED = "captured", _("received")
    SENT_TO_ERP = "sent_to_erp", _("sent to the ERP")
    BOOKED = "booked", _("booked")
    FAILED = "failed", _("failed")
    ABANDONED = "abandoned", _("given up")
    REFUNDING = "refunding", _("being refunded")
    REFUNDED = "refunded", _("refunded")
    NEEDS_REVIEW = "needs_review", _("we are checking it")


# Nobody knows yet how it ends: the provider is asked.
OPEN = (PaymentState.STARTED, PaymentState.PENDING)
# What it pays is reserved: nobody else can pay it.
HOLDING = (*OPEN, PaymentState.CAPTURED, PaymentState.NEEDS_REVIEW, PaymentState.REFUNDING)
# The ERP has it; its invoices show it once they were pulled after that.
WRITTEN = (PaymentState.SENT_TO_ERP, PaymentState.BOOKED)


class Payment(models.Model):
    """Money for some invoices of one company. `reference` (`WEB-` + ULID) is its key in the ERP and at the provider.

    Attributes:
        key: Of the page that it was started from; the same page pays once.
        provider_reference: The provider's own key of what the payer is to do (session, preference, token).
        charge: The provider's key of the money itself, for a refund.
        go_url, go_fields: Where the payer goes; with fields it is a form to post.
        next_look_at: When the provider is asked again while nobody knows; `looks` how often it was asked.
        captured_at: When the provider said that it has the money, whatever happened to it afterwards.
        written_at: When the ERP had it; its invoices count as reserved until they were pulled after that.
    """

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    key = models.UUIDField()
    sold_to = models.ForeignKey(
        "accounts.SoldTo", on_delete=models.PROTECT, related_name="payments", verbose_name=_("company")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("payment", "paid by"),
    )
    session_id = models.CharField(max_length=64, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    provider = models.CharField(_("provider"), max_length=30)
    provider_reference = models.CharField(_("provider's reference"), max_length=200, blank=True)
    charge = models.CharField(_("charge"), max_length=200, blank=True)
    go_url = models.TextField(blank=True)
    go_fields = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=PaymentState.choices, default=PaymentState.STARTED)
    message = models.CharField(_("message"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("started"))
    captured_at = models.DateTimeField(_("received"), null=True, blank=True)
    written_at = models.DateTimeField(_("in the ERP since"), null=True, blank=True)
    booked_at = models.DateTimeField(_("booked"), null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(_("times asked"), default=0)
    erp_id = models.CharField(max_length=64, blank=True)
    erp_number = models.CharField(_("ERP number"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "key"], name="payment_key_once"),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="payment_provider_reference_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_something"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-created_at"], name="payment_of_company"),
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="payment_to_look_at"),
            models.Index(fields=["state"], name="payment_state"),
        ]

    def __str__(self) -> str:
        return self.reference


class Allocation(models.Model):
    """What a payment settles of one invoice, or which credit note it uses; `number` is the document's.

    `amount` is money (of a credit note: what it is worth), `discount` is what the ERP lets go for paying early.
    The payment's amount is the money of its invoices less that of its credit notes.
    """

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    invoice_erp_id = models.CharField(max_length=64, db_index=True)
    number = models.CharField(max_length=64)
    is_credit = models.BooleanField(default=False)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    discount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    due = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering: ClassVar[list[str]] = ["is_credit", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["payment", "invoice_erp_id"], name="allocation_once"),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(discount__gte=0), name="allocation_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.amount}"


class RefundState(models.TextChoices):
    """asked (the provider has not answered yet) -> given -> booked; refused."""

    ASKED = "asked", pgettext_lazy("refund", "asked for")
    GIVEN = "given", pgettext_lazy("refund", "given back")
    BOOKED = "booked", pgettext_lazy("refund", "given back and booked")
    REFUSED = "refused", pgettext_lazy("refund", "refused")


class Refund(models.Model):
    """Money of a payment that goes back, all of it or a part. `reference` is its key at the provider and in the ERP.

    Attributes:
        is_from_provider: Somebody began it at the provider's own site; we heard of it.
        by: Who of ours asked for it.
    """

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="refunds", verbose_name=_("payment"))
    reference = models.CharField(_("reference"), max_length=40, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.CharField(_("by"), max_length=120, blank=True)
    is_from_provider = models.BooleanField(_("begun at the provider"), default=False)
    state = models.CharField(_("state"), max_length=20, choices=RefundState.choices, default=RefundState.ASKED)
    created_at = models.DateTimeField(_("began"))
    settled_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state=RefundState.ASKED), name="refund_asked_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class PaymentMove(models.Model):
    """A move of a payment's state, for ever."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("payment move")
        verbose_name_plural = _("payment moves")
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class ProviderEvent(models.Model):
    """A message of a provider that was proved and taken in; the same one has an effect once."""

    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=200)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("provider's message")
        verbose_name_plural = _("provider's messages")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class FakeCharge(models.Model):
    """The memory of the fake provider (demo, development, tests): what a real one keeps on its own side.

    Attributes:
        state: open, pending, captured, failed, expired or refunded, as the fake tells it.
        charged: What it took; other than `amount` when it was told to take a wrong amount.
        settles_at: From when a delayed payment counts as captured.
        refunds: What was given back, by the key that made it happen once.
    """

    token = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=40, unique=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    charged = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, default="open")
    settles_at = models.DateTimeField(null=True, blank=True)
    refunds = models.JSONField(default=dict, blank=True, db_default={})
    return_url = models.TextField(blank=True)
    cancel_url = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("charge of the test provider")
        verbose_name_plural = _("charges of the test provider")

    def __str__(self) -> str:
        return self.token
