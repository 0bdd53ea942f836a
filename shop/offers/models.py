"""Offers as staff write them, and what each order took of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models import in_language


class Audience(models.TextChoices):
    """Whom an offer is for."""

    ALL = "all", _("every company")
    PRICE_LIST = "price_list", _("companies with one price list")
    CHOSEN = "chosen", _("companies chosen below")
    NEW = "new", _("companies whose first person joins the shop on these days (sign-up credit)")


class Gives(models.TextChoices):
    """What it takes off."""

    PERCENT = "percent", _("percent")
    AMOUNT = "amount", _("amount, untaxed")


class Offer(models.Model):
    """A rule with its days. `names`, `texts`: language -> what buyers read; `used` is what orders took of the budget.

    Attributes:
        starts_on, ends_on: Days of the seller's zone, both included.
        skus, category_erp_id: What it is given on; both empty = the whole order.
        minimum: The goods it is given on must come to so much.
        budget: All that it may give; None = no end.
        is_self_service: Given when the customer orders himself, not when a rep orders for him.
    """

    names = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    audience = models.CharField(_("for whom"), max_length=20, choices=Audience.choices, default=Audience.ALL)
    price_list = models.CharField(_("price list"), max_length=64, blank=True)
    companies = models.ManyToManyField(
        "accounts.SoldTo", verbose_name=_("companies"), related_name="offers", blank=True
    )
    gives = models.CharField(_("gives"), max_length=10, choices=Gives.choices, default=Gives.PERCENT)
    value = models.DecimalField(_("how much"), max_digits=12, decimal_places=2)
    minimum = models.DecimalField(_("from an order value of"), max_digits=14, decimal_places=2, null=True, blank=True)
    category_erp_id = models.CharField(_("category"), max_length=64, blank=True)
    skus = models.JSONField(_("items"), default=list, blank=True)
    is_once = models.BooleanField(_("once for each company"), default=False)
    budget = models.DecimalField(_("total budget"), max_digits=14, decimal_places=2, null=True, blank=True)
    used = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    is_self_service = models.BooleanField(_("only when the customer orders himself"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering: ClassVar[list[str]] = ["-ends_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="offer_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(value__gt=0), name="offer_gives_something"),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(used__lte=F("budget")), name="offer_within_its_budget"
            ),
        ]

    def __str__(self) -> str:
        return self.name_in(get_language() or settings.LANGUAGE_CODE)[:80]

    def name_in(self, language: str) -> str:
        """Return the name in this language, or the nearest that there is."""
        return in_language(self.names, language)

    def text_in(self, language: str) -> str:
        """Return the text in this language, or the nearest that there is."""
        return in_language(self.texts, language)

    def runs_on(self, day: dt.date) -> bool:
        """Say whether it is given on this day."""
        return self.is_active and self.starts_on <= day <= self.ends_on


class OfferUse(models.Model):
    """What an order took: the receipt of its discount. One for each order key; given back it counts for nothing.

    Attributes:
        words: The offer as the buyer saw it.
        line_nos: The order's lines that it was taken from; [] = all.
        rule: What the offer said then, for whoever asks later.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="uses", verbose_name=_("offer"))
    sold_to = models.ForeignKey(
        "accounts.SoldTo", on_delete=models.PROTECT, related_name="offer_uses", verbose_name=_("company")
    )
    order_key = models.UUIDField()
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    words = models.CharField(_("discount"), max_length=200)
    line_nos = models.JSONField(default=list)
    rule = models.JSONField(default=dict)
    is_once = models.BooleanField(default=False)
    is_released = models.BooleanField(_("given back"), default=False)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("discount taken")
        verbose_name_plural = _("discounts taken")
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "order_key"], name="discount_of_an_order_once"),
            models.UniqueConstraint(
                fields=["offer", "sold_to"],
                condition=Q(is_once=True, is_released=False),
                name="offer_once_for_a_company",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}: {self.amount}"
