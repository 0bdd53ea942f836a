"""Filters of the invoice list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models import Address

DAYS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked for; nothing unreadable."""

    q: str = ""
    state: str = "all"
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    ship_to: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self != Chosen()

    @property
    def is_detailed(self) -> bool:
        """Whether one of the filters behind "More" is in use."""
        return bool(self.from_on or self.to_on or self.ship_to)


class InvoiceFilterForm(forms.Form):
    """Filters of the invoice list; anything unreadable counts as empty."""

    STATES = (
        ("all", _("All invoices")),
        ("open", _("Open")),
        ("overdue", _("Overdue")),
        ("paid", _("Paid")),
        ("credit", _("Credit notes")),
    )
    q = forms.CharField(label=_("Number, PO or item"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    from_on = forms.DateField(
        label=_("From"), required=False, input_formats=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )
    to_on = forms.DateField(
        label=_("To"), required=False, input_formats=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )
    ship_to = forms.ChoiceField(label=_("Delivered to"), required=False)

    def __init__(self, data: object, *, places: Sequence[Address]) -> None:
        super().__init__(data)  # type: ignore[arg-type] # a QueryDict
        choices = [("", _("All places")), *((place.erp_id, str(place)) for place in places)]
        self.fields["ship_to"].choices = choices  # type: ignore[attr-defined] # it is a ChoiceField

    def chosen(self) -> Chosen:
        """Return what is looked for."""
        self.is_valid()
        found = self.cleaned_data
        return Chosen(
            q=found.get("q") or "",
            state=found.get("state") or "all",
            from_on=found.get("from_on"),
            to_on=found.get("to_on"),
            ship_to=found.get("ship_to") or "",
        )
