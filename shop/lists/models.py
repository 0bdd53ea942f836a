"""Lists of items, who changed what in them, and when one is to be ordered again."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ListKind(models.TextChoices):
    """What a list is for."""

    LIST = "list", _("list")
    BASKET = "basket", _("saved basket")
    FAVOURITES = "favourites", _("favourites")


class ItemList(models.Model):
    """A list of one person, or of his whole company (`is_shared`). `revision` counts every change.

    A list that was removed keeps its row for a while (`removed_at`), so that it can be put back.
    """

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="item_lists")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="item_lists"
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=ListKind.choices, default=ListKind.LIST)
    is_shared = models.BooleanField(default=False)
    customer_reference = models.CharField(max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("list of items")
        verbose_name_plural = _("lists of items")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-changed_at"], name="lists_of_company")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "sold_to"], condition=models.Q(kind="favourites"), name="one_list_of_favourites"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ItemListLine(models.Model):
    """An item in a list; `quantity` is the standing one in its sales unit, None = decided each time."""

    item_list = models.ForeignKey(ItemList, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)
    quantity = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("line of a list")
        verbose_name_plural = _("lines of lists")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item_list", "sku"], name="list_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gt=0), name="list_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class ItemListChange(models.Model):
    """Who changed what in a list: what two people who edit it at once are told."""

    item_list = models.ForeignKey(ItemList, on_delete=models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    what = models.CharField(max_length=10)
    sku = models.CharField(max_length=64, blank=True)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("change of a list")
        verbose_name_plural = _("changes of lists")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.what} {self.sku}"


class RecurringOrder(models.Model):
    """A list that is ordered again and again: every so many weeks or months, first on `next_on`."""

    class Unit(models.TextChoices):
        """Of what the interval is."""

        WEEKS = "weeks", _("weeks")
        MONTHS = "months", _("months")

    item_list = models.OneToOneField(ItemList, on_delete=models.CASCADE, related_name="recurring")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    every = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=6, choices=Unit.choices, default=Unit.MONTHS)
    day = models.PositiveSmallIntegerField(default=1)
    next_on = models.DateField()
    reminded_on = models.DateField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("recurring order")
        verbose_name_plural = _("recurring orders")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_on"], name="recurring_next")]

    def __str__(self) -> str:
        return f"{self.item_list} · {self.next_on}"
