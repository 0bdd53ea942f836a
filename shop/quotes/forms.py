"""What people type about quotes. Prices come from a rep only; a buyer sends none that anybody reads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Address
from shop.carts.quantities import MOST
from shop.errors import BadNumber
from shop.money.parsing import parse_decimal
from shop.orders.forms import day_to_come
from shop.quotes.acceptance import Acceptance
from shop.quotes.answering import Draft, Drafted
from shop.quotes.services import Asked

DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]
BAD_DATE = _("Enter the date as day/month/year, for example 24/12/2026.")
MOST_ROWS = 400
ROW = re.compile(r"what-(\d{1,4})", re.ASCII)
TAKEN = re.compile(r"take-(\d{1,4})", re.ASCII)
OFFERED = re.compile(r"sku-((?:new-)?\d{1,4})", re.ASCII)


def _date(label: object, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=DATES,
        error_messages={"invalid": BAD_DATE},
    )


class DeliveryForm(forms.Form):
    """Where to, when, and the buyer's own number."""

    ship_to = forms.ChoiceField(label=_("Deliver to"), error_messages={"required": _("Choose where to deliver.")})
    customer_reference = forms.CharField(label=_("Your PO number"), max_length=120, required=False)
    requested_on = _date(_("Wanted on"))

    def __init__(self, *args: object, places: Sequence[Address], today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today
        self.fields["ship_to"].choices = [(place.erp_id, str(place)) for place in places]  # type: ignore[attr-defined]
        self.fields["requested_on"].widget.attrs["min"] = today.isoformat()

    def clean_requested_on(self) -> dt.date | None:
        """Refuse a day that is over or too far away."""
        return day_to_come(self.cleaned_data["requested_on"], today=self.today)


class RequestForm(DeliveryForm):
    """A request for a price, but for its lines (`read_rows`)."""

    note = forms.CharField(
        label=_("What should we know?"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A target, a project, a date that matters."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    source = forms.ChoiceField(
        choices=[("basket", "basket"), ("rows", "rows")], required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: object, places: Sequence[Address], today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, places=places, today=today, **kwargs)
        self.fields["ship_to"].required = False


class AcceptForm(DeliveryForm):
    """The yes to an answer; which lines is read by `chosen_lines`."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def acceptance(self, line_nos: frozenset[int]) -> Acceptance:
        """Return what the service takes; call after `is_valid()`."""
        typed = self.cleaned_data
        return Acceptance(
            shown=typed["shown"],
            line_nos=line_nos,
            ship_to_erp_id=typed["ship_to"],
            customer_reference=typed["customer_reference"],
            requested_on=typed["requested_on"],
        )


class DeclineForm(forms.Form):
    """Why not."""

    REASONS = (
        ("price", _("The price is too high")),
        ("date", _("It comes too late")),
        ("elsewhere", _("We bought it elsewhere")),
        ("not_needed", _("We no longer need it")),
        ("other", _("Another reason")),
    )
    reason = forms.ChoiceField(label=_("Why?"), choices=REASONS, widget=forms.RadioSelect)
    more = forms.CharField(label=_("In your own words"), max_length=300, required=False)

    def words(self) -> str:
        """Return the reason as one sentence; call after `is_valid()`."""
        chosen = str(dict(self.REASONS)[self.cleaned_data["reason"]])
        more = self.cleaned_data["more"].strip()
        return f"{chosen}: {more}" if more else chosen


class AnswerForm(forms.Form):
    """The rep's answer, but for its lines (`read_offers`)."""

    valid_until = _date(_("Holds until"), required=True)
    terms = forms.CharField(label=_("Terms"), max_length=500, required=False)
    note = forms.CharField(
        label=_("Note for the buyer"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    base_version = forms.IntegerField(min_value=0, max_value=9_999, widget=forms.HiddenInput)


class ExtendForm(forms.Form):
    """Until when an answer holds instead."""

    until = _date(_("Holds until"), required=True)


class QuoteFilterForm(forms.Form):
    """Filters of a list of quotes; anything unreadable counts as empty."""

    STATES = (
        ("", _("All quotes")),
        ("open", _("Open")),
        ("waiting", _("Waiting for an answer")),
        ("answered", _("Answered")),
        ("accepted", _("Accepted")),
        ("closed", _("Declined or expired")),
    )
    q = forms.CharField(label=_("Number, PO or item"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def chosen(self) -> tuple[str, str]:
        """Return (text, state)."""
        self.is_valid()
        return self.cleaned_data.get("q") or "", self.cleaned_data.get("state") or ""


# --- rows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the request as it was typed; `error` says what is wrong with it."""

    number: int
    what: str = ""
    quantity: str = ""
    note: str = ""
    error: str = ""


def read_rows(post: QueryDict, *, language: str) -> tuple[list[Row], list[Asked]]:
    """Return the rows as typed, and those that can be asked for (1 query).

    What is the number of an item is that item; anything else is asked for in words.
    """
    numbers = sorted(int(found[1]) for name in list(post)[: MOST_ROWS * 4] if (found := ROW.fullmatch(name)))
    typed = [
        Row(
            number,
            _text(post, f"what-{number}", 500),
            _text(post, f"quantity-{number}", 40),
            _text(post, f"note-{number}", 200),
        )
        for number in numbers[:MOST_ROWS]
    ]
    known = mirror.items_by_sku({row.what for row in typed if row.what and len(row.what) <= 64})
    rows, asked = [], []
    for row in typed:
        if not row.what and not row.quantity and not row.note:
            rows.append(row)
            continue
        quantity, error = _quantity(row, language)
        rows.append(Row(row.number, row.what, row.quantity, row.note, error))
        if quantity is not None:
            sku = row.what if row.what in known else ""
            asked.append(Asked(quantity=quantity, sku=sku, text="" if sku else row.what, note=row.note))
    return rows, asked


def _text(post: QueryDict, name: str, most: int) -> str:
    return " ".join(post.get(name, "").replace("\x00", "").split())[:most]


def _quantity(row: Row, language: str) -> tuple[Decimal | None, str]:
    if not row.what:
        return None, _now("Say what you need, by its number or in words.")
    try:
        quantity = parse_decimal(row.quantity, language=language)
    except BadNumber as error:
        return None, str(error)
    if not 0 < quantity <= MOST:
        return None, _now("Enter a quantity above zero.")
    return quantity, ""


def chosen_lines(post: QueryDict) -> frozenset[int]:
    """Return which lines of an answer are ticked."""
    return frozenset(int(found[1]) for name in list(post)[:2_000] if (found := TAKEN.fullmatch(name)))


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A row of the rep's answer as he typed it; `key` is the line asked for, or new-1 and so on."""

    key: str
    is_taken: bool
    sku: str
    quantity: str
    price: str
    delivery: str = ""
    note: str = ""


def offer_rows(post: QueryDict) -> dict[str, OfferRow]:
    """Return the rows of the answer as typed, by their key."""
    keys = [found[1] for name in list(post)[: MOST_ROWS * 6] if (found := OFFERED.fullmatch(name))]
    return {
        key: OfferRow(
            key=key,
            is_taken=f"offer-{key}" in post or key.startswith("new-"),
            sku=_text(post, f"sku-{key}", 64),
            quantity=_text(post, f"quantity-{key}", 40),
            price=_text(post, f"price-{key}", 40),
            delivery=_text(post, f"delivery-{key}", 20),
            note=_text(post, f"note-{key}", 200),
        )
        for key in keys[:MOST_ROWS]
    }


def read_offers(rows: dict[str, OfferRow], *, language: str) -> tuple[list[Drafted], dict[str, str]]:
    """Return the lines that can be read, and what is wrong with the others by their key."""
    drafted: list[Drafted] = []
    wrong: dict[str, str] = {}
    for key, row in rows.items():
        if not row.is_taken or (key.startswith("new-") and not row.sku and not row.price):
            continue
        try:
            drafted.append(_drafted(row, language))
        except (BadNumber, forms.ValidationError) as error:
            wrong[key] = error.messages[0] if isinstance(error, forms.ValidationError) else str(error)
    return drafted, wrong


def _drafted(row: OfferRow, language: str) -> Drafted:
    if not row.sku:
        raise forms.ValidationError(_now("Enter the number of the item that you offer."))
    quantity, price = parse_decimal(row.quantity, language=language), parse_decimal(row.price, language=language)
    if not 0 < quantity <= MOST:
        raise forms.ValidationError(_now("Enter a quantity above zero."))
    delivery = forms.DateField(required=False, input_formats=DATES, error_messages={"invalid": BAD_DATE})
    return Drafted(
        row=row.key,
        sku=row.sku,
        quantity=quantity,
        net_price=price,
        asked_line_no=None if row.key.startswith("new-") else int(row.key),
        delivery_on=delivery.clean(row.delivery),
        note=row.note,
    )


def draft_of(form: AnswerForm, lines: Sequence[Drafted]) -> Draft:
    """Return what the service takes; call after `form.is_valid()`."""
    typed = form.cleaned_data
    return Draft(
        lines=tuple(lines),
        valid_until=typed["valid_until"],
        base_version=typed["base_version"],
        terms=typed["terms"],
        note=typed["note"],
    )
