"""Orders born in the shop, with the receipt of every price. Orders of other channels live in the mirror."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    """placed -> pending_confirmation -> confirmed | needs_review | rejected | cancelled."""

    PLACED = "placed", _("placed")
    PENDING_CONFIRMATION = "pending_confirmation", _("waiting for confirmation")
    CONFIRMED = "confirmed", _("confirmed")
    NEEDS_REVIEW = "needs_review", _("we are checking it")
    REJECTED = "rejected", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class Order(models.Model):
    """An order that was submitted in the shop. `reference` (`WEB-` + ULID) is its key in the ERP.

    Totals are the ERP's: those it answered at checkout, then those of the order it wrote. `cost_centre` and
    `approved_by` are words, as they were then.
    """

    reference = models.CharField(max_length=40, unique=True)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assisted = models.ForeignKey(
        "accounts.AssistedSession", on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    channel = models.CharField(max_length=20)
    session_id = models.CharField(max_length=64, blank=True)
    order_key = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=30, choices=OrderState.choices, default=OrderState.PLACED)
    customer_reference = models.CharField(max_length=120, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, blank=True)
    ship_to = models.CharField(max_length=500, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    cost_centre = models.CharField(max_length=130, blank=True, default="", db_default="")
    approved_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    currency = models.CharField(max_length=3)
    untaxed_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    tax_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    freight_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    placed_at = models.DateTimeField()
    prices_valid_until = models.DateTimeField()
    erp_id = models.CharField(max_length=64, blank=True)
    erp_number = models.CharField(max_length=64, blank=True)
    erp_message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("shop order")
        verbose_name_plural = _("shop orders")
        ordering: ClassVar[list[str]] = ["-placed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "order_key"], name="order_key_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-placed_at"], name="shop_order_of_company"),
            models.Index(fields=["erp_id"], name="shop_order_erp"),
        ]

    def __str__(self) -> str:
        return self.erp_number or self.reference

    @property
    def is_handed(self) -> bool:
        """The ERP can take it, and has not given it a number yet."""
        is_waiting = self.state in {OrderState.PLACED, OrderState.PENDING_CONFIRMATION}
        return is_waiting and bool(self.erp_id) and not self.erp_number


class OrderLine(models.Model):
    """A line and its price receipt: what the ERP answered, when, by which rule. Kept for ever, never changed.

    Attributes:
        price_source: live, cache, last_known or list.
        price_rule: The agreement the ERP named; `price_break` the quantity step that applied.
        price_request_id: Id of the ERP call in the logs.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64)
    item_erp_id = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=16, decimal_places=4)
    unit = models.CharField(max_length=40)
    net_price = models.DecimalField(max_digits=16, decimal_places=4)
    list_price = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=200, blank=True)
    price_list = models.CharField(max_length=64, blank=True)
    price_rule = models.CharField(max_length=120, blank=True)
    price_break = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    price_as_of = models.DateTimeField()
    price_source = models.CharField(max_length=20)
    price_request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("shop order line")
        verbose_name_plural = _("shop order lines")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "line_no"], name="shop_order_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class OrderMove(models.Model):
    """A move of an order's state, for ever."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("order move")
        verbose_name_plural = _("order moves")
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class WishKind(models.TextChoices):
    """What a buyer may ask the ERP to do with an order it has."""

    CANCEL = "cancel", _("cancel the order")
    CHANGE = "change", _("change the order")


class WishState(models.TextChoices):
    """asked -> done | refused; with_us while one of ours looks at it."""

    ASKED = "asked", _("asked for, waiting for the ERP")
    WITH_US = "with_us", _("one of us is looking at it")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused by the ERP")


OPEN_WISHES = (WishState.ASKED, WishState.WITH_US)


class OrderWish(models.Model):
    """A cancellation or change that was asked for, of an order of any channel. `reference` is its key in the outbox.

    Attributes:
        order_number: As the ERP calls it; `order_erp_id` its id there.
        requested_on, ship_to_erp_id, customer_reference: What it shall become; None = stays as it is.
        ship_to: The place in words, for people.
        erp_message: The ERP's own words.
    """

    reference = models.CharField(max_length=40, unique=True)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="order_wishes")
    kind = models.CharField(max_length=10, choices=WishKind.choices)
    state = models.CharField(max_length=10, choices=WishState.choices, default=WishState.ASKED)
    order_number = models.CharField(max_length=64)
    order_erp_id = models.CharField(max_length=64)
    order_reference = models.CharField(max_length=40, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - None: leave it
    ship_to = models.CharField(max_length=500, blank=True)
    customer_reference = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 - None: leave it
    reason = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assisted = models.ForeignKey(
        "accounts.AssistedSession", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    erp_message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("change of an order")
        verbose_name_plural = _("changes of orders")
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["sold_to", "order_erp_id"],
                condition=models.Q(state__in=["asked", "with_us"]),
                name="one_open_wish_of_an_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_number}"


class Substitution(models.Model):
    """What a customer accepted in place of a number: asked once, then taken without asking.

    `number` is the number that is no longer sold, or what the customer typed, in capitals.
    """

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="substitutions")
    number = models.CharField(max_length=200)
    sku = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("accepted replacement")
        verbose_name_plural = _("accepted replacements")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "number"], name="substitution_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} -> {self.sku}"
