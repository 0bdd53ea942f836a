"""Quotes: what was asked for, every answer for ever, every move, and the rails within which a rep may answer."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import MONEY, PRICE, QUANTITY

PERCENT = (MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100)))


class QuoteState(models.TextChoices):
    """requested -> answered <-> change_asked -> accepted | declined | expired | withdrawn."""

    REQUESTED = "requested", _("asked for")
    ANSWERED = "answered", _("answered")
    CHANGE_ASKED = "change_asked", _("change asked for")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Origin(models.TextChoices):
    """Where a quote began."""

    SHOP = "shop", _("in the shop")
    ERP = "erp", _("in the ERP")


class Quote(models.Model):
    """A request for a price and all that follows. `reference` (`WEB-` + ULID) is its key in the ERP.

    Attributes:
        requested_by: None when one of us made the quote in the ERP.
        request_key: Of the form it came with: posting twice asks once.
        answer_by_at: When our answer is due, in business time; None when nobody waits for it.
        first_response_at: First answer by a person; an automatic one is none. `response_minutes` are business minutes.
        current_version: Number of the answer that holds now; 0 before the first.
        valid_until: Last day on which that answer can be accepted (company's zone); a rep may extend it.
        warned_for: The last day whose nearness the buyers were told.
        order: The order it became; a quote becomes at most one. `attempts` counts the times it was accepted.
        erp_version: Version of the ERP's own record that was last looked at.
    """

    reference = models.CharField(max_length=40, unique=True)
    sold_to = models.ForeignKey("accounts.SoldTo", on_delete=models.PROTECT, related_name="quotes")
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.SHOP)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    assisted = models.ForeignKey(
        "accounts.AssistedSession", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=20, blank=True)
    session_id = models.CharField(max_length=64, blank=True)
    request_key = models.UUIDField()
    state = models.CharField(max_length=20, choices=QuoteState.choices, default=QuoteState.REQUESTED)
    note = models.CharField(max_length=2_000, blank=True)
    files = models.ManyToManyField("shop.StoredFile", blank=True, related_name="+")
    customer_reference = models.CharField(max_length=120, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    price_list = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    answer_by_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    response_minutes = models.PositiveIntegerField(null=True, blank=True)
    current_version = models.PositiveIntegerField(default=0)
    valid_until = models.DateField(null=True, blank=True)
    warned_for = models.DateField(null=True, blank=True)
    extensions = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decline_reason = models.CharField(max_length=500, blank=True)
    order = models.OneToOneField("shop.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="quote")
    attempts = models.PositiveIntegerField(default=0)
    erp_id = models.CharField(max_length=64, blank=True)
    erp_number = models.CharField(max_length=64, blank=True)
    erp_message = models.CharField(max_length=500, blank=True)
    erp_version = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering: ClassVar[list[str]] = ["-requested_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sold_to", "request_key"], name="quote_request_once"),
            models.UniqueConstraint(fields=["erp_id"], condition=~Q(erp_id=""), name="quote_erp_once"),
            models.CheckConstraint(
                condition=Q(order__isnull=True) | Q(state=QuoteState.ACCEPTED), name="quote_with_order_is_accepted"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_to", "-requested_at"], name="shop_quote_of_company"),
            models.Index(fields=["state", "answer_by_at"], name="shop_quote_clock"),
        ]

    def __str__(self) -> str:
        return self.erp_number or self.reference

    @property
    def number(self) -> str:
        """What people call it: the ERP's number, else our reference."""
        return self.erp_number or self.reference


class QuoteLine(models.Model):
    """A line asked for. Without a SKU it is free text in `text`.

    Attributes:
        seen_price: The customer's net price known when he asked, and the list price; None when none was.
    """

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True)
    item_erp_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=300, blank=True)
    text = models.CharField(max_length=500, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)
    seen_price = models.DecimalField(**PRICE, null=True, blank=True)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)

    class Meta:
        verbose_name = _("line asked for")
        verbose_name_plural = _("lines asked for")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["quote", "line_no"], name="quote_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="quote_quantity_positive"),
            models.CheckConstraint(condition=~Q(sku="") | ~Q(text=""), name="quote_line_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku or self.text} x {self.quantity}"


class Source(models.TextChoices):
    """Who answered."""

    REP = "rep", _("sales rep")
    AUTOMATIC = "automatic", _("automatic")
    ERP = "erp", _("in the ERP")


class QuoteVersion(models.Model):
    """One answer, kept for ever and never changed but for what the ERP says of it (`erp_state`, totals).

    Attributes:
        content_hash: Of lines, prices, terms and currency; an acceptance is bound to it.
        erp_state: queued, written, or failed with `erp_message`.
    """

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    valid_until = models.DateField()
    terms = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=2_000, blank=True)
    currency = models.CharField(max_length=3)
    untaxed_total = models.DecimalField(**MONEY)
    total = models.DecimalField(**MONEY, null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    erp_state = models.CharField(max_length=10, default="queued")
    erp_message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("version of a quote")
        verbose_name_plural = _("versions of quotes")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["quote", "number"], name="quote_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.quote} V{self.number}"

    @property
    def is_automatic(self) -> bool:
        """Nobody of us has looked at it."""
        return self.source == Source.AUTOMATIC


class QuoteVersionLine(models.Model):
    """A line offered. `asked_line_no` says which line asked for it answers; None for one we added."""

    version = models.ForeignKey(QuoteVersion, on_delete=models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    asked_line_no = models.PositiveIntegerField(null=True)
    sku = models.CharField(max_length=64, blank=True)
    item_erp_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=300)
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)
    net_price = models.DecimalField(**PRICE)
    amount = models.DecimalField(**MONEY)
    delivery_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("line offered")
        verbose_name_plural = _("lines offered")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["version", "line_no"], name="quote_version_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="quote_offer_quantity_positive"),
            models.CheckConstraint(condition=Q(net_price__gte=0), name="quote_offer_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class QuoteMove(models.Model):
    """What happened to a quote, for ever: a move of its state, a new version, a longer validity."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("quote move")
        verbose_name_plural = _("quote moves")
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class GuardRails(models.Model):
    """How far a rep may go: those of the company hold before those of the rep, before those for everybody.

    Attributes:
        max_discount: Percent below list price; the customer's own ERP price is allowed whatever it is.
        min_margin: Percent of the price that must be left above the ERP's cost, where a cost is known.
        valid_days: Days an answer holds unless the rep says otherwise.
    """

    sold_to = models.OneToOneField(
        "accounts.SoldTo", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    rep = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales rep"),
        limit_choices_to={"staff_role": "rep"},
    )
    max_discount = models.DecimalField(
        _("most discount on list price, %"), max_digits=5, decimal_places=2, validators=PERCENT
    )
    min_margin = models.DecimalField(
        _("least margin on the price, %"), max_digits=5, decimal_places=2, validators=PERCENT
    )
    valid_days = models.PositiveSmallIntegerField(
        _("days an answer holds"), default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    may_answer_automatically = models.BooleanField(_("answer automatically after hours"), default=True)

    class Meta:
        verbose_name = _("guard rails of quotes")
        verbose_name_plural = _("guard rails of quotes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(sold_to__isnull=True) | Q(rep__isnull=True),
                name="guard_rails_of_one",
                violation_error_message=_("Choose a company or a sales rep, not both. Nothing was saved."),
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(sold_to__isnull=True, rep__isnull=True),
                name="guard_rails_for_everybody_once",
                violation_error_message=_("There are guard rails for everybody already: change those."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.sold_to or self.rep or _("everybody"))
