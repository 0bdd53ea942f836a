"""Figures, changes, channels and reasons in words, for templates (adoption/reports/words.py)."""

from __future__ import annotations

from django import template

from adoption.definitions.words import setting_word
from adoption.definitions.words import value_word as setting_value
from adoption.reports import blocks as b
from adoption.reports import words

register = template.Library()
for _name in (
    "figure_value",
    "amount",
    "plain",
    "channel_word",
    "reason_word",
    "hour_word",
    "month_word",
    "weekday_word",
    "moment_word",
    "day_word",
):
    register.filter(_name, getattr(words, _name))
register.filter(setting_word)
register.filter("setting_value", setting_value)
register.simple_tag(words.change_text)


@register.simple_tag
def value_text(value: b.Value, unit: str, currency: str) -> str:
    """`{% value_text cell column.unit frame.currency %}`: a value with its unit; a missing number is a dash."""
    return words.unit_text(value, unit, currency)


@register.filter
def is_number(column: b.Column) -> bool:
    """The column is aligned to the right."""
    return column.is_number


@register.filter
def cells(row: b.Row, table: b.Table) -> list[tuple[b.Value, b.Column, str]]:
    """`{% for value, column, link in row|cells:table %}`: a row's values with their columns and where they lead."""
    values = zip(row.values, table.columns, strict=True)
    return [(value, column, row.opens.get(at, "")) for at, (value, column) in enumerate(values)]
