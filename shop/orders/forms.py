"""What is typed at checkout and in the list's filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import CostCentre
from erp_sync.mirror.models import Address
from shop.orders.services import CheckoutData


def day_to_come(wanted: dt.date | None, *, today: dt.date) -> dt.date | None:
    """Return the day, if it is one that goods may be wanted on.

    Raises:
        ValidationError: it is over, or so far away that it is a slip of the pen.
    """
    if wanted is not None and wanted < today:
        raise forms.ValidationError(_("This day is over. Choose today or later, or leave it empty."))
    if wanted is not None and wanted > today + dt.timedelta(days=730):
        raise forms.ValidationError(_("Choose a day within the next two years, or leave it empty."))
    return wanted


def _follow() -> dict[str, str]:
    """Another cost centre may need another approval: the page says so at once, where there is a script."""
    return {
        "hx-get": reverse("checkout"),
        "hx-trigger": "change",
        "hx-target": "#approval-box",
        "hx-select": "#approval-box",
        "hx-select-oob": "#id_approval,#place,#what-next",
        "hx-swap": "outerHTML",
        "hx-include": "this",
    }


class CheckoutForm(forms.Form):
    """The buyer's own words about an order. Prices and company are never among them."""

    ship_to = forms.ChoiceField(label=_("Deliver to"), error_messages={"required": _("Choose where to deliver.")})
    customer_reference = forms.CharField(
        label=_("Your PO number"),
        max_length=120,
        required=False,
        help_text=_("It will be on our delivery note and invoice."),
    )
    requested_on = forms.DateField(
        label=_("Wanted on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        help_text=_("Empty: as soon as possible."),
        error_messages={"invalid": _("Enter the date as day/month/year, for example 24/12/2026.")},
    )
    note = forms.CharField(
        label=_("Note for us"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    cost_centre = forms.ChoiceField(
        label=_("Cost centre"), error_messages={"required": _("Choose a cost centre of your company.")}
    )
    order_key = forms.UUIDField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=130)
    approval = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(
        self,
        *args: object,
        places: Sequence[Address],
        today: dt.date,
        cost_centres: Sequence[CostCentre] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today
        if cost_centres:
            codes = [("", _("Choose …")), *((one.code, str(one)) for one in cost_centres)]
            self.fields["cost_centre"].choices = codes  # type: ignore[attr-defined]
            self.fields["cost_centre"].widget.attrs |= _follow()
        else:
            del self.fields["cost_centre"]
        choices = [(place.erp_id, str(place)) for place in places]
        self.fields["ship_to"].choices = choices  # type: ignore[attr-defined]
        self.fields["requested_on"].widget.attrs["min"] = today.isoformat()

    def clean_requested_on(self) -> dt.date | None:
        """Refuse a day that is over, or so far away that it is a slip of the pen."""
        return day_to_come(self.cleaned_data["requested_on"], today=self.today)

    def data_of_order(self) -> CheckoutData:
        """Return what the service takes; call after `is_valid()`."""
        typed = self.cleaned_data
        return CheckoutData(
            ship_to_erp_id=typed["ship_to"],
            customer_reference=typed["customer_reference"],
            requested_on=typed["requested_on"],
            note=typed["note"],
            shown=typed["shown"],
            cost_centre=typed.get("cost_centre", ""),
            approval=typed["approval"],
        )


class OrderFilterForm(forms.Form):
    """Filters of the order list; anything unreadable counts as empty."""

    STATES = (
        ("", _("All orders")),
        ("open", _("Open")),
        ("completed", _("Completed")),
        ("cancelled", _("Cancelled")),
    )
    q = forms.CharField(label=_("Number, PO or item"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def chosen(self) -> tuple[str, str]:
        """Return (text, state)."""
        self.is_valid()
        return self.cleaned_data.get("q") or "", self.cleaned_data.get("state") or ""
