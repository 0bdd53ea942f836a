"""The form of the settings: one field each, with its limits."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from adoption.definitions.models import MetricSettings
from adoption.definitions.selectors import current
from adoption.definitions.services import stored
from adoption.definitions.words import FIXED, NAMES, value_word
from adoption.metrics.settings import SETS, Settings, limits_of
from adoption.reports.words import channel_word

CHOICES = ("web_self", "punchout", "web_assisted", "edi", "email", "phone", "rep", "counter", "erp_other")
SETTINGS = [one.name for one in fields(Settings) if one.name not in FIXED]


def _channels() -> list[tuple[str, str]]:
    return [(one, channel_word(one)) for one in CHOICES]


def field_of(name: str) -> forms.Field:
    """Return the field of a setting: its name, its limits, its default in words."""
    default = getattr(Settings(), name)
    usual = _("Default: %(value)s") % {"value": value_word(default)}
    limits = limits_of(name)
    if limits is None:
        boxes: dict[str, Any] = {"label": NAMES[name], "help_text": usual, "widget": forms.CheckboxSelectMultiple}
        return forms.MultipleChoiceField(choices=_channels, required=False, **boxes)
    words = _("%(usual)s; from %(least)s to %(most)s") % {"usual": usual, "least": limits[0], "most": limits[1]}
    given: dict[str, Any] = {
        "label": NAMES[name],
        "min_value": limits[0],
        "max_value": limits[1],
        "help_text": words,
    }
    if isinstance(default, Decimal):
        return forms.DecimalField(max_digits=12, decimal_places=4, **given)
    return forms.IntegerField(**given)


SettingFields = type("SettingFields", (forms.Form,), {name: field_of(name) for name in SETTINGS})


class SettingsForm(forms.ModelForm, SettingFields):  # type: ignore[misc, valid-type]  # fields made of the settings
    """All settings at once, filled in with those in force."""

    class Meta:
        model = MetricSettings
        fields = ("note",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in what holds now."""
        now = current()
        held = {name: getattr(now, name) for name in SETTINGS}
        held |= {name: sorted(held[name]) for name in SETS}
        kwargs["initial"] = held | dict(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuse what no metric can be computed with, and what changes nothing."""
        super().clean()
        if self.errors:
            return self.cleaned_data
        chosen = self.chosen()
        if chosen.online & chosen.neutral:
            raise ValidationError(_("A channel cannot stand in both lists: take it out of one. Nothing was saved."))
        if not chosen.online:
            raise ValidationError(_("At least one channel must count as self-service. Nothing was saved."))
        if stored(chosen) == stored(current()):
            raise ValidationError(_("These settings hold already. Nothing was saved."))
        return self.cleaned_data

    def chosen(self) -> Settings:
        """Return what the form says."""
        values = {name: self.cleaned_data[name] for name in SETTINGS}
        return Settings(**values | {name: frozenset(values[name]) for name in SETS})
