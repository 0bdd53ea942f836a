"""People, the companies they act for, and the trail of who did what for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.company_models import Branches, ClosedShipTo, CostCentre, Period

__all__ = [
    "AssistedSession", "AuditEntry", "Branches", "ClosedShipTo", "CostCentre", "Eligibility", "EmailUserManager",
    "Invitation", "LiveSession", "Membership", "Period", "RepAssignment", "Role", "SoldTo", "StaffRole", "User",
]  # fmt: skip


class EmailUserManager(UserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create a person; without a password he must come by invitation or reset."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create an administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class StaffRole(models.TextChoices):
    """What one of our own people does; blank for buyers."""

    REP = "rep", _("sales rep")
    MANAGER = "manager", _("manager")


class User(AbstractUser):
    """A log-in. Buyers get their rights from memberships, our own people from `staff_role`.

    `person_key` is the only trace of a person in events and audit; erasing him deletes the link,
    not the facts.
    """

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    staff_role = models.CharField(_("role"), max_length=20, choices=StaffRole.choices, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    person_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_test = models.BooleanField(_("test person"), default=False)

    # The open memberships with their companies, when they were read together with the session.
    open_memberships: list[Membership] | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[EmailUserManager] = EmailUserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def is_rep(self) -> bool:
        """A sales rep of ours."""
        return self.staff_role == StaffRole.REP

    @property
    def is_manager(self) -> bool:
        """One of ours who may see adoption reports."""
        return self.staff_role == StaffRole.MANAGER


class SoldTo(models.Model):
    """A customer company that orders here; the same as one customer of the ERP.

    Attributes:
        parent: Its head office, when it is a branch; there is one floor of branches, no more.
        has_rules: Its orders are held against rules, limits or cost centres; False costs the checkout nothing.
        self_approval: Who may approve may approve his own orders too.
    """

    erp_id = models.CharField(_("ERP id"), max_length=64, unique=True)
    number = models.CharField(_("customer number"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    calendar = models.CharField(_("calendar"), max_length=64, blank=True)
    is_strategic = models.BooleanField(_("strategic account"), default=False)
    is_test = models.BooleanField(_("test company"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    credit_is_blocked = models.BooleanField(_("credit blocked"), default=False)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="branches",
        verbose_name=_("head office"),
    )
    has_rules = models.BooleanField(_("has rules of its own"), default=False, db_default=False, editable=False)
    self_approval = models.BooleanField(_("own orders may be approved"), default=False, db_default=False)

    # Price list and currency as the ERP has them, when they were read together with the session.
    price_terms: tuple[str, str] | None = None

    class Meta:
        verbose_name = _("customer company")
        verbose_name_plural = _("customer companies")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def name_at_end(self) -> str:
        """Its name where a sentence ends: of "S.A." the full stop is its own."""
        return self.name.removesuffix(".")

    def clean(self) -> None:
        """Refuse a tree of more than two floors."""
        if self.parent is None:
            return
        if self.parent_id == self.pk or self.parent.parent_id is not None:
            raise ValidationError({"parent": _("Choose a company that is no branch itself. Nothing was saved.")})
        if self.pk and SoldTo.objects.filter(parent=self.pk).exists():
            raise ValidationError({"parent": _("This company has branches of its own. Nothing was saved.")})


class Role(models.TextChoices):
    """What a buyer may do for his company."""

    BUYER = "buyer", _("buyer")
    APPROVER = "approver", _("approver")
    ADMIN = "admin", _("company administrator")


class Membership(models.Model):
    """A person of a customer company.

    Attributes:
        order_limit, month_limit: What he may order at once, and in a month, without approval; None = no limit.
        ship_to_erp_id, cost_centre: What his checkout begins with.
        branches: What he may do in the branches of this company.
        via: Of a membership that stands for a branch: the one at the head office that it comes from. Never saved.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person"))
    sold_to = models.ForeignKey(SoldTo, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("company"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.BUYER)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    order_limit = models.DecimalField(_("limit of an order"), max_digits=14, decimal_places=2, null=True, blank=True)
    month_limit = models.DecimalField(_("limit of a month"), max_digits=14, decimal_places=2, null=True, blank=True)
    ship_to_erp_id = models.CharField(_("usual delivery address"), max_length=64, blank=True, default="", db_default="")
    cost_centre = models.ForeignKey(
        CostCentre,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual cost centre"),
    )
    branches = models.CharField(
        _("in the branches"), max_length=10, choices=Branches.choices, blank=True, default="", db_default=""
    )

    via: Membership | None = None

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "sold_to"], name="member_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.sold_to}"

    @property
    def is_limited(self) -> bool:
        """He has limits of his own."""
        return self.order_limit is not None or self.month_limit is not None

    @property
    def is_read_only(self) -> bool:
        """He looks at a branch from its head office, and changes nothing there."""
        return self.via is not None and self.branches != Branches.ORDER


def _days() -> models.Func:
    """Return the days of an entry as a range, both ends included."""
    ends: list[Any] = [
        "from_on",
        "to_on",
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
    ]
    return models.Func(*ends, function="daterange", output_field=DateRangeField())


class Eligibility(models.Model):
    """Since when, until when a company can buy online.

    With reason, owner and review date when it cannot.

    A row with `can_buy` False is an exclusion. Rows of one company do not overlap.
    """

    sold_to = models.ForeignKey(SoldTo, on_delete=models.CASCADE, related_name="eligibility", verbose_name=_("company"))
    can_buy = models.BooleanField(_("can buy online"), default=True)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    owner = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        related_name="+",
    )
    review_on = models.DateField(_("review on"), null=True, blank=True)

    class Meta:
        verbose_name = _("eligibility")
        verbose_name_plural = _("eligibility ledger")
        ordering: ClassVar[list[str]] = ["sold_to", "from_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="eligibility_order",
                violation_error_message=_("The entry ends before it begins. Nothing was saved."),
            ),
            models.CheckConstraint(
                condition=Q(can_buy=True) | (~Q(reason="") & Q(owner__isnull=False) & Q(review_on__isnull=False)),
                name="exclusion_has_reason_owner_review",
                violation_error_message=_(
                    "An exclusion needs a reason, an owner and a review date. Nothing was saved."
                ),
            ),
            ExclusionConstraint(
                name="eligibility_without_overlap",
                expressions=[("sold_to", RangeOperators.EQUAL), (_days(), RangeOperators.OVERLAPS)],
                violation_error_message=_(
                    "These days overlap another entry of this company. "
                    "End that entry first, or choose other days; nothing was saved."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sold_to}: {self.from_on} / {self.to_on or '…'}"

    def clean(self) -> None:
        """Refuse days in the wrong order before the database is asked about them."""
        # An empty field of a form leaves its attribute at None, whatever the model says.
        from_on: dt.date | None = self.from_on
        if from_on and self.to_on and self.to_on < from_on:
            raise ValidationError({"to_on": _("The entry ends before it begins. Nothing was saved.")})


class RepAssignment(models.Model):
    """Which rep looks after which company, from when to when."""

    rep = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("sales rep"))
    sold_to = models.ForeignKey(SoldTo, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("company"))
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rep", "sold_to", "from_on"], name="assigned_once")
        ]

    def __str__(self) -> str:
        return f"{self.rep} · {self.sold_to}"


class Invitation(models.Model):
    """An invitation to join a company, by mail. Only the token's hash is kept.

    It works once, for 14 days.
    """

    email = models.EmailField(_("e-mail"))
    sold_to = models.ForeignKey(SoldTo, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("company"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.BUYER)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("invited by"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} · {self.sold_to}"


class AssistedSession(models.Model):
    """A rep acting for a customer.

    Who, for whom, why, from when to when. One open session a rep.
    """

    rep = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="assisted_sessions", verbose_name=_("sales rep")
    )
    sold_to = models.ForeignKey(
        SoldTo, on_delete=models.PROTECT, related_name="assisted_sessions", verbose_name=_("company")
    )
    reason = models.CharField(_("reason"), max_length=200)
    started_at = models.DateTimeField(_("started"))
    expires_at = models.DateTimeField(_("ends at the latest"))
    last_seen_at = models.DateTimeField(_("last activity"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_cause = models.CharField(_("how it ended"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("assisted session")
        verbose_name_plural = _("assisted sessions")
        ordering: ClassVar[list[str]] = ["-started_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rep"], condition=Q(ended_at__isnull=True), name="one_assisted_session")
        ]

    def __str__(self) -> str:
        return f"{self.rep} · {self.sold_to}"


class AuditEntry(models.Model):
    """Append-only.

    What was done, by whom, for whom. Never updated, never deleted (a trigger refuses both).
    """

    at = models.DateTimeField(_("time"), db_index=True)
    actor_key = models.UUIDField(_("key of the person"), null=True)
    actor_label = models.CharField(_("who"), max_length=200, blank=True)
    sold_to = models.ForeignKey(
        SoldTo, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("company")
    )
    assisted = models.ForeignKey(
        AssistedSession, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("assisted session")
    )
    action = models.CharField(_("what was done"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=40, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    detail = models.JSONField(_("details"), default=dict)
    ip = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class LiveSession(models.Model):
    """Which sessions of ours belong to whom, so that they end with the person."""

    session_key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="live_sessions")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("open session")
        verbose_name_plural = _("open sessions")

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"
