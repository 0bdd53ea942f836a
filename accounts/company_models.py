"""What a customer company sets for itself: cost centres with budgets, and places that are not ordered to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Period(models.TextChoices):
    """How long amounts are added up before they begin anew, by the calendar of our own company."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class Branches(models.TextChoices):
    """What a person of a head office may do in its branches, with the role that he has at the head office."""

    NONE = "", _("nothing")
    READ = "read", _("read their documents")
    ORDER = "order", _("act for them, as here")


class CostCentre(models.Model):
    """Where a company books what it orders. `budget` is what may be ordered in a `period`, untaxed; None = no limit."""

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="cost_centres")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("in use"), default=True)
    budget = models.DecimalField(_("budget, untaxed"), max_digits=14, decimal_places=2, null=True, blank=True)
    period = models.CharField(_("budget per"), max_length=10, choices=Period.choices, default=Period.MONTH)

    class Meta:
        verbose_name = _("cost centre")
        verbose_name_plural = _("cost centres")
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "code"], name="cost_centre_once"),
            models.CheckConstraint(condition=Q(budget__isnull=True) | Q(budget__gte=0), name="budget_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class ClosedShipTo(models.Model):
    """A place of the ERP that the company has shut for orders in the shop."""

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="closed_ship_tos")
    ship_to_erp_id = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("closed delivery address")
        verbose_name_plural = _("closed delivery addresses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "ship_to_erp_id"], name="ship_to_closed_once")
        ]

    def __str__(self) -> str:
        return f"{self.sold_to_id}: {self.ship_to_erp_id}"
