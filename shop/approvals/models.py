"""Rules of a customer company, what it has spent, and orders that wait for somebody's approval."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Period, Role


class ApprovalRule(models.Model):
    """When an order of the company needs somebody's approval. Empty conditions hold for every order.

    Attributes:
        role: Of whoever orders; "" for everybody. A rep who orders for the customer counts as a buyer.
        category_erp_id: Only what is ordered of this item group counts.
        order_over: Needed above this untaxed amount of one order; with `period_over` too, either is enough.
        period_over: Needed above this in a period: of the person, or of the cost centre that the rule names.
        approver: Who must approve; None = any of the company's approvers.
    """

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="approval_rules")
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("orders of"), max_length=20, choices=Role.choices, blank=True)
    cost_centre = models.ForeignKey(
        "accounts.CostCentre",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cost centre"),
    )
    category_erp_id = models.CharField(_("item group"), max_length=64, blank=True)
    order_over = models.DecimalField(
        _("above this amount of an order"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    period_over = models.DecimalField(
        _("above this amount of a period"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    period = models.CharField(_("period"), max_length=10, choices=Period.choices, default=Period.MONTH)
    approver = models.ForeignKey(
        "accounts.Membership",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    is_active = models.BooleanField(_("in force"), default=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering: ClassVar[list[str]] = ["order_over", "name", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to"], name="approval_rule_in_force", condition=Q(is_active=True))
        ]

    def __str__(self) -> str:
        return self.name


class BudgetPeriod(models.Model):
    """One period of a cost centre's budget; what is used is taken and given back by conditional updates alone."""

    cost_centre = models.ForeignKey("accounts.CostCentre", on_delete=models.CASCADE, related_name="periods")
    starts_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    used = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("budget of a period")
        verbose_name_plural = _("budgets by period")
        ordering: ClassVar[list[str]] = ["-starts_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cost_centre", "starts_on"], name="budget_period_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="budget_used_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.cost_centre} {self.starts_on}"


class Commitment(models.Model):
    """What an order (placed, or waiting for approval) has taken from its person, cost centre and budget.

    One for each order key; releasing it gives everything back once.
    """

    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.CASCADE, related_name="+")
    order_key = models.UUIDField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    cost_centre = models.ForeignKey("accounts.CostCentre", on_delete=models.SET_NULL, null=True, related_name="+")
    budget = models.ForeignKey(BudgetPeriod, on_delete=models.SET_NULL, null=True, related_name="commitments")
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    on = models.DateField()
    is_released = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("amount committed")
        verbose_name_plural = _("amounts committed")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "order_key"], name="committed_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "on"], name="committed_lately", condition=Q(is_released=False))
        ]

    def __str__(self) -> str:
        return f"{self.order_key}: {self.amount}"


class ApprovalState(models.TextChoices):
    """waiting -> approved | declined | taken_back; what was declined or taken back may be sent again, changed."""

    WAITING = "waiting", _("waiting for approval")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    TAKEN_BACK = "taken_back", _("back in the basket")


class Approval(models.Model):
    """An order that waits for approval: everything it will be, frozen. `content_hash` is what an approval binds to.

    Sent again after a change it is the same row with the next `revision`; the order it becomes has its `order_key`,
    so there is one at most.

    Attributes:
        channel, session_id, assisted: Of whoever sent it; the order keeps them.
        sent_hash: Of what was typed at checkout; tells a repeated click from another one.
        order_reference: The order it became, "" before.
        stuck_at: When we told everybody that nobody has decided; None = not yet.
    """

    reference = models.CharField(max_length=40, unique=True)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="approvals")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assisted = models.ForeignKey(
        "accounts.AssistedSession", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=20)
    session_id = models.CharField(max_length=64, blank=True)
    order_key = models.UUIDField()
    revision = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(max_length=64)
    sent_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    customer_reference = models.CharField(max_length=120, blank=True)
    ship_to_erp_id = models.CharField(max_length=64)
    ship_to = models.CharField(max_length=500, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    cost_centre = models.ForeignKey(
        "accounts.CostCentre", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(max_length=3)
    untaxed_total = models.DecimalField(max_digits=16, decimal_places=2)
    tax_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    asked_at = models.DateTimeField()
    prices_valid_until = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    stuck_at = models.DateTimeField(null=True, blank=True)
    order_reference = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "order_key"], name="approval_key_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-asked_at"], name="approval_of_company"),
            models.Index(fields=["sold_to"], name="approval_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_waiting(self) -> bool:
        """Somebody has still to decide."""
        return self.state == ApprovalState.WAITING

    @property
    def shown_total(self) -> Decimal:
        """The ERP's total where it answered, else the goods."""
        return self.untaxed_total if self.total is None else self.total


class ApprovalLine(models.Model):
    """A line as it was sent, with the receipt of its price (the fields of an order line)."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="lines")
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
        verbose_name = _("line to approve")
        verbose_name_plural = _("lines to approve")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["approval", "line_no"], name="approval_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class ApprovalStep(models.Model):
    """One reason why an approval is needed, who must give it, and who gave it.

    Attributes:
        cause, params: The reason, written in the reader's language by `shop.approvals.words`.
        approver: The person's membership that the rule names; None = any approver.
    """

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    cause = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    approver = models.ForeignKey(
        "accounts.Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reason for an approval")
        verbose_name_plural = _("reasons for approvals")
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.approval_id}: {self.cause}"


class ApprovalMove(models.Model):
    """What happened to an approval, for ever."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="moves")
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=300, blank=True)
    untaxed_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("move of an approval")
        verbose_name_plural = _("moves of approvals")
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.approval_id}: {self.what}"
