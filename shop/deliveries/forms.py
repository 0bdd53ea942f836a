"""What is chosen in the lists of deliveries and missing goods; anything unreadable counts as not chosen."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models import Address
from shop.deliveries.report import ReportQuery, read_query
from shop.deliveries.services import DAYS


class DeliveryFilterForm(forms.Form):
    """Filters of the list of deliveries."""

    STATES = (("", _("On their way")), ("delivered", _("Delivered")), ("all", _("All deliveries")))
    q = forms.CharField(label=_("Delivery, tracking, order, PO or SKU"), max_length=80, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def chosen(self) -> tuple[str, str]:
        """Return (text, state)."""
        self.is_valid()
        return self.cleaned_data.get("q") or "", self.cleaned_data.get("state") or ""


class MissingFilterForm(forms.Form):
    """Filters of the missing-goods report."""

    SHOWS = (("missing", _("What is missing")), ("overdue", _("Overdue only")), ("all", _("Everything ordered")))
    LEVELS = (("line", _("Order line")), ("item", _("Item")), ("order", _("Order")))
    item = forms.CharField(label=_("Item"), max_length=80, required=False)
    order = forms.CharField(label=_("Order"), max_length=64, required=False)
    reference = forms.CharField(label=_("Your PO number"), max_length=80, required=False)
    ship_to = forms.ChoiceField(label=_("Deliver to"), required=False)
    placed_from = forms.DateField(
        label=_("Ordered from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    placed_to = forms.DateField(
        label=_("Ordered to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    show = forms.ChoiceField(label=_("Show"), choices=SHOWS, required=False)
    level = forms.ChoiceField(label=_("One row per"), choices=LEVELS, required=False)

    def __init__(self, *args: object, places: Sequence[Address], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [("", _("All places")), *((place.erp_id, str(place)) for place in places)]
        self.fields["ship_to"].choices = choices  # type: ignore[attr-defined]

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that always stand there."""
        return [self[name] for name in ("item", "show", "level")]

    @property
    def further(self) -> list[forms.BoundField]:
        """The fields that are folded away until they are used."""
        return [self[name] for name in ("order", "reference", "ship_to", "placed_from", "placed_to")]

    @property
    def is_further_used(self) -> bool:
        """Something was chosen among the further ones."""
        return any(self.data.get(field.name) for field in self.further)

    def query(self) -> ReportQuery:
        """Return what was chosen."""
        self.is_valid()
        return read_query({name: str(value) for name, value in self.cleaned_data.items() if value})


class LinkForm(forms.Form):
    """A new link: what for, and how long it works."""

    label = forms.CharField(label=_("What for"), max_length=80, required=False, help_text=_("Only you see this."))
    days = forms.TypedChoiceField(
        label=_("It works for"),
        coerce=int,
        initial=DAYS[1],
        choices=[(DAYS[0], _("7 days")), (DAYS[1], _("30 days")), (DAYS[2], _("90 days"))],
    )
