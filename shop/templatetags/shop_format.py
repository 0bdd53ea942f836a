"""Filters that write money, quantities, dates and ages by locale (see shop.money.formats)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils import timezone

from shop.money import formats
from shop.orders.references import short_reference

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """`{{ order.total|money:order.currency }}` -> 1.234,50 €; below zero with a true minus sign, as wide as a digit."""
    return _true_minus(formats.money(amount, currency))


@register.filter
def unit_price(amount: Decimal | None, currency: str) -> str:
    """`{{ line.net_price|unit_price:line.currency }}` -> 0,0125 €."""
    return _true_minus(formats.unit_price(amount, currency))


@register.filter
def quantity(number: Decimal | int | None) -> str:
    """`{{ line.quantity|quantity }}` -> 1.234,5."""
    return _true_minus(formats.quantity(number))


def _true_minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


@register.filter
def quantity_input(number: Decimal | int | None) -> str:
    """`value="{{ line.quantity|quantity_input }}"` -> 1234,5; empty for None."""
    return formats.plain_quantity(number)


@register.filter
def percent(share: Decimal | None) -> str:
    """`{{ rate|percent }}` -> 12,5 %."""
    return formats.percent(share)


@register.filter
def change(share: Decimal | None) -> str:
    """`{{ line.price_change|change }}` -> +3,2 %."""
    return formats.change(share)


@register.filter
def points(difference: Decimal | None) -> str:
    """`{{ move|points }}` -> +1,2 points."""
    return formats.points(difference)


@register.filter
def order_number(number: str) -> str:
    """`{{ order.number|order_number }}` -> P00049; WEB-…9QKSN while the ERP has given it no number."""
    return short_reference(number)


@register.filter
def date_short(day: dt.date | None) -> str:
    """`{{ order.placed_at|date_short }}` -> 3 dic 2026, in the company's zone."""
    return formats.date_short(day)


@register.filter
def day_month(day: dt.date | None) -> str:
    """`{{ expected.on|day_month }}` -> 3 dic."""
    return formats.day_month(day)


@register.filter
def time_short(instant: dt.datetime | None) -> str:
    """`{{ stamp.as_of|time_short }}` -> 14:02."""
    return formats.time_short(instant)


@register.filter
def datetime_short(instant: dt.datetime | None) -> str:
    """`{{ order.placed_at|datetime_short }}` -> 3 dic 2026, 14:02."""
    return formats.datetime_short(instant)


@register.filter
def ago(instant: dt.datetime | None) -> str:
    """`{{ stamp.as_of|ago }}` -> 12 s ago."""
    return formats.ago(instant, timezone.now())
