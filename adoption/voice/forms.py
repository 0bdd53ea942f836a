"""The contact form, and the answer to it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ContactForm(forms.Form):
    """Who writes and what. `website` is a trap: people do not see it."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    text = forms.CharField(label=_("Your message"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    @property
    def is_trapped(self) -> bool:
        """Somebody filled in what nobody sees."""
        return bool(self.data.get("website"))


class AnswerForm(forms.Form):
    """The answer of one of us; empty = it was given by another way."""

    text = forms.CharField(
        label=_("Your answer"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
