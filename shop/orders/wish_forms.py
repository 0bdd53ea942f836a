"""What is typed when an order shall be changed or let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models import Address
from shop.orders.forms import day_to_come
from shop.orders.shown import OrderView
from shop.orders.wishes import CHANGES, DATE, PLACE, PO_NUMBER, Change


class CancelForm(forms.Form):
    """Why an order is let go."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It helps us; you may leave it empty."),
    )


class ChangeForm(forms.Form):
    """The fields that the ERP still lets a buyer change, as they are now; an unchanged one is left alone."""

    requested_on = forms.DateField(
        label=_("Wanted on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        help_text=_("Empty: it stays as it is."),
        error_messages={"invalid": _("Enter the date as day/month/year, for example 24/12/2026.")},
    )
    ship_to = forms.ChoiceField(label=_("Deliver to"), required=False)
    customer_reference = forms.CharField(label=_("Your PO number"), max_length=120, required=False)

    def __init__(
        self, *args: object, order: OrderView, places: Sequence[Address], today: dt.date, **kwargs: object
    ) -> None:
        super().__init__(*args, initial=_initial(order), **kwargs)  # type: ignore[arg-type,misc]
        self.order, self.today = order, today
        for name in set(CHANGES) - set(order.allowed):
            del self.fields[name]
        if DATE in self.fields:
            self.fields[DATE].widget.attrs["min"] = today.isoformat()
        if PLACE in self.fields:
            choices = [(place.erp_id, str(place)) for place in places]
            if order.ship_to_erp_id not in {key for key, _words in choices}:
                choices.insert(0, ("", order.ship_to))
            self.fields[PLACE].choices = choices  # type: ignore[attr-defined]

    def clean_requested_on(self) -> dt.date | None:
        """Refuse a day that is over, unless it is the order's own."""
        wanted: dt.date | None = self.cleaned_data[DATE]
        return wanted if wanted == self.order.requested_on else day_to_come(wanted, today=self.today)

    def change(self) -> Change:
        """Return what the service takes; call after `is_valid()`."""
        typed = self.cleaned_data
        return Change(
            requested_on=typed.get(DATE),
            ship_to_erp_id=typed.get(PLACE) or None,
            customer_reference=typed.get(PO_NUMBER),
        )


def _initial(order: OrderView) -> dict[str, object]:
    return {
        DATE: order.requested_on,
        PLACE: order.ship_to_erp_id,
        PO_NUMBER: order.customer_reference,
    }
