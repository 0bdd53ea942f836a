"""Returns that were asked for in the shop; those made in the ERP live in the mirror."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.uploads.models import StoredFile


class ReturnState(models.TextChoices):
    """asked -> approved -> received -> credited, or refused; with_us while one of ours looks at it."""

    ASKED = "asked", _("asked for")
    WITH_US = "with_us", _("one of us is looking at it")
    APPROVED = "approved", _("approved")
    RECEIVED = "received", _("received")
    CREDITED = "credited", _("credited")
    REFUSED = "refused", _("refused")


class Reason(models.TextChoices):
    """Why goods go back."""

    WRONG_ITEM = "wrong_item", _("Wrong item delivered")
    DAMAGED = "damaged", _("Arrived damaged")
    FAULTY = "faulty", _("Does not work as it should")
    TOO_MANY = "too_many", _("More delivered than ordered")
    TOO_LATE = "too_late", _("Came too late")
    NOT_NEEDED = "not_needed", _("No longer needed")
    OTHER = "other", _("Something else")


class Return(models.Model):
    """A return of one order line. `reference` (`WEB-` + ULID) is its key in the ERP; quantities in the line's `unit`.

    `form_key` comes with the form: the same form sent twice is one return.
    """

    reference = models.CharField(max_length=40, unique=True)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="returns")
    form_key = models.UUIDField()
    state = models.CharField(max_length=10, choices=ReturnState.choices, default=ReturnState.ASKED)
    order_number = models.CharField(max_length=64)
    order_erp_id = models.CharField(max_length=64)
    order_line_erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=500, blank=True)
    quantity = models.DecimalField(max_digits=16, decimal_places=4)
    unit = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    description = models.CharField(max_length=1000, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+", blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assisted = models.ForeignKey(
        "accounts.AssistedSession", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    erp_id = models.CharField(max_length=64, blank=True)
    erp_number = models.CharField(max_length=64, blank=True)
    erp_message = models.CharField(max_length=500, blank=True)
    credit_number = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-asked_at"], name="shop_return_of_company")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "form_key"], name="return_form_once")
        ]

    def __str__(self) -> str:
        return self.erp_number or self.reference


class ReturnMove(models.Model):
    """A step of a return, for ever."""

    asked = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="moves")
    state = models.CharField(max_length=10, choices=ReturnState.choices)
    at = models.DateTimeField()
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("step of a return")
        verbose_name_plural = _("steps of returns")
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return self.state
