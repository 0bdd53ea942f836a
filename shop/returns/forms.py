"""What is typed when goods go back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shop.errors import BadNumber
from shop.money.formats import plain_quantity, quantity
from shop.money.parsing import parse_decimal
from shop.returns.models import Reason
from shop.returns.selectors import ReturnableLine
from shop.returns.services import ReturnWish


class ReturnForm(forms.Form):
    """How much of a line goes back, and why."""

    quantity = forms.CharField(
        label=gettext_lazy("Quantity"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter how much goes back.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose one")), *Reason.choices],
        error_messages={"required": gettext_lazy("Choose why it goes back.")},
    )
    description = forms.CharField(
        label=gettext_lazy("What is wrong with it?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, line: ReturnableLine, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.line = line
        words = {"left": quantity(line.left), "unit": line.unit}
        self.fields["quantity"].help_text = _("%(left)s %(unit)s can go back") % words
        self.fields["quantity"].widget.attrs["placeholder"] = plain_quantity(line.left)

    def clean_quantity(self) -> Decimal:
        """Read the number as the reader writes it; it is above zero and no finer than the line's own."""
        try:
            number = parse_decimal(self.cleaned_data["quantity"], language=get_language() or "en")
        except BadNumber as error:
            raise forms.ValidationError(str(error)) from error
        if number <= 0:
            raise forms.ValidationError(_("Enter a quantity above zero."))
        if number != round(number, self.line.digits):
            raise forms.ValidationError(_("This item is counted in whole units: enter one without decimals."))
        return number

    def clean(self) -> dict[str, Any] | None:
        """Say in words when the hidden part of the form was lost."""
        if "form_key" in self.errors:
            self.add_error(None, _("A part of this form was lost. Open it again from the order; nothing was sent."))
        return super().clean()

    def wish(self) -> ReturnWish:
        """Return what the service takes; call after `is_valid()`."""
        typed = self.cleaned_data
        return ReturnWish(typed["form_key"], typed["quantity"], typed["reason"], typed["description"])
