"""Boxes of forms are what Django's own templates make of them, letter by letter."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from config.form_renderer import FormRenderer

ODD = "<b> & \"quoted\" 'x' ñ"


@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.TextInput(attrs={"class": ODD, "required": True, "disabled": False, "maxlength": 12}),
        forms.HiddenInput(),
        forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        forms.NumberInput(attrs={"step": "any"}),
        forms.EmailInput(),
        forms.PasswordInput(render_value=True),
        forms.URLInput(),
        forms.Textarea(attrs={"rows": 2}),
        forms.Select(choices=[("", "none"), ("a", ODD)]),
        forms.CheckboxInput(),
    ],
)
@pytest.mark.parametrize("value", [None, "", "plain", ODD, 5, "2026-11-22"])
def test_a_box_reads_as_with_djangos_templates(widget: forms.Widget, value: Any) -> None:
    shown = [widget.render("name", value, {"id": "id_name"}, one()) for one in (FormRenderer, DjangoTemplates)]
    assert shown[0] == shown[1]
