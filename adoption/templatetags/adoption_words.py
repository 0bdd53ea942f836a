"""Figures, changes, channels and reasons in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
DASH = "\N{EN DASH}"
FEW = Decimal(100)


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


@register.filter
def figure_value(value: Decimal | None, unit: str) -> str:
    """`{{ reading.value|figure_value:"share" }}` -> 37,5 %; None is a dash."""
    if value is None:
        return DASH
    if unit == "share":
        return str(format_percent(value, format="#,##0.0 %" if _locale() != "en" else "#,##0.0%", locale=_locale()))
    return _number(value)


@register.simple_tag
def figure_text(value: Decimal | None, unit: str, currency: str) -> str:
    """Write a figure with its unit; None is a dash."""
    return amount(value, currency) if unit == "money" else figure_value(value, unit)


@register.filter
def amount(value: Decimal | None, currency: str) -> str:
    """`{{ value|amount:"EUR" }}` -> 1.234,50 €; None is a dash."""
    return DASH if value is None else str(format_currency(value, currency, locale=_locale()))


@register.simple_tag
def change_text(value: Decimal | None, unit: str) -> str:
    """Write a change: points for shares, percent for the others; None is a dash."""
    if value is None:
        return DASH
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else "±"
    size = format_decimal(abs(value) * FEW, format="#,##0.0", locale=_locale())
    return _("%(number)s points") % {"number": f"{sign}{size}"} if unit == "share" else f"{sign}{size} %"


@register.filter
def plain(value: Decimal | int | None) -> str:
    """`{{ reading.part|plain }}` -> 1.234; money keeps two decimals at most; None is a dash."""
    return DASH if value is None else _number(Decimal(value))


def _number(value: Decimal) -> str:
    return str(format_decimal(value, format="#,##0.##", locale=_locale()))


@register.filter
def channel_word(channel: str) -> str:
    """Return a channel as people say it."""
    words = {
        "online": _("Self-service, all"),
        "web_self": _("Self-service in the shop"),
        "punchout": _("Punchout"),
        "web_assisted": _("In the shop, by a rep"),
        "edi": _("EDI"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "rep": _("Sales rep"),
        "fax": _("Fax"),
        "counter": _("Counter"),
        "erp_other": _("ERP, source not recorded"),
    }
    return words.get(channel, channel)


@register.filter
def reason_word(reason: str) -> str:
    """Return why a row was left out, as people say it; a ledger's own words stay as they are."""
    words = {
        "test account": _("test account"),
        "never enabled to buy online": _("never enabled to buy online"),
        "not enabled in this period": _("not enabled in this period"),
        "no exchange rate": _("no exchange rate"),
        "inactive": _("no order since (inactive)"),
        "too early to tell": _("too early to tell"),
        "time unknown": _("time unknown"),
        "already online, or no offline order": _("already online, or no offline order"),
    }
    return words.get(reason, reason)


@register.filter
def hour_word(name: str) -> str:
    """Return when an order came, in words."""
    words = {
        "in_hours": _("in opening hours"),
        "before_open": _("before opening"),
        "after_close": _("after closing"),
        "weekend": _("weekend"),
        "holiday": _("public holiday"),
    }
    return words.get(name, name)


@register.filter
def month_word(first: dt.date) -> str:
    """`{{ month.first|month_word }}` -> nov 2026."""
    return str(format_date(first, "MMM y", locale=_locale()))


@register.filter
def weekday_word(weekday: int) -> str:
    """Return the short name of an ISO weekday."""
    return str(format_date(dt.date(2024, 1, weekday), "EEE", locale=_locale()))


@register.filter
def moment_word(moment: dt.datetime) -> str:
    """`{{ as_of|moment_word }}` -> 3 nov 2026, 14:02, by the company's clock."""
    local = moment.astimezone(ZoneInfo(settings.COMPANY_TZ))
    return f"{day_word(local.date())}, {local:%H:%M}"


@register.filter
def day_word(day: dt.date) -> str:
    """`{{ period.first|day_word }}` -> 3 nov 2026."""
    return str(format_date(day, "d MMM y", locale=_locale()))
