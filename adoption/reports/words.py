"""Figures, changes, channels and reasons in words: for pages, prints and mails. Exports get plain values."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from adoption.reports import blocks as b
from sheets.cells import Cell

DASH = "\N{EN DASH}"
FEW = Decimal(100)
SIX_DIGITS, FOUR_DIGITS = Decimal("0.000001"), Decimal("0.0001")
DIGITS = {
    b.MONEY: Decimal("0.01"),
    b.COUNT: Decimal(1),
    b.SHARE: SIX_DIGITS,
    b.POINTS: SIX_DIGITS,
    b.CHANGE: SIX_DIGITS,
}


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


def figure_value(value: Decimal | None, unit: str) -> str:
    """`{{ reading.value|figure_value:"share" }}` -> 37,5 %; None is a dash."""
    if value is None:
        return DASH
    if unit == "share":
        return str(format_percent(value, format="#,##0.0 %" if _locale() != "en" else "#,##0.0%", locale=_locale()))
    return _number(value)


def amount(value: Decimal | None, currency: str) -> str:
    """`{{ value|amount:"EUR" }}` -> 1.234,50 €; None is a dash."""
    return DASH if value is None else str(format_currency(value, currency, locale=_locale()))


def change_text(value: Decimal | None, unit: str) -> str:
    """Write a change: points for shares, percent for the others; None is a dash."""
    if value is None:
        return DASH
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else "±"
    size = format_decimal(abs(value) * FEW, format="#,##0.0", locale=_locale())
    return _("%(number)s points") % {"number": f"{sign}{size}"} if unit == "share" else f"{sign}{size} %"


def plain(value: Decimal | int | None) -> str:
    """`{{ reading.part|plain }}` -> 1.234; money keeps two decimals at most; None is a dash."""
    return DASH if value is None else _number(Decimal(value))


def _number(value: Decimal) -> str:
    return str(format_decimal(value, format="#,##0.##", locale=_locale()))


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
        "visit": _("Visit"),
        "chat": _("Chat"),
        "unattributed": _("no order behind it"),
        "erp_other": _("ERP, source not recorded"),
    }
    return words.get(channel, channel)


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
        "pending": _("still within its time"),
        "changed later": _("answer changed later"),
        "no such answer": _("no such answer"),
        "already online, or no offline order": _("already online, or no offline order"),
    }
    return words.get(reason, reason)


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


def topic_word(topic: str) -> str:
    """Return what somebody asked about, in words."""
    words = {
        "order_status": _("status of an order"),
        "invoice": _("an invoice"),
        "return": _("a return"),
        "price": _("a price"),
        "product": _("an item"),
    }
    return words.get(topic, topic)


def source_word(source: str) -> str:
    """Return where a visit came from, in words."""
    words = {
        "direct": _("typed or bookmarked"),
        "email": _("a mail"),
        "organic_search": _("a search engine"),
        "paid_search": _("an advertisement"),
        "social": _("a social network"),
        "referral": _("another site"),
        "erp_link": _("a link on a document"),
        "rep_link": _("a link of the rep"),
        "punchout": _("the customer's own system"),
        "unknown": _("not known"),
    }
    return words.get(source, source)


def cause_word(cause: str, about: str) -> str:
    """Return what went wrong for a customer, in words."""
    words = {
        "failed_search": _("found nothing for “%(about)s”"),
        "unanswered_quote": _("a quote without an answer (%(about)s)"),
        "out_of_stock": _("out of stock: %(about)s"),
        "price_difference": _("another price than shown: %(about)s"),
        "approval_stuck": _("an approval that nobody gave (%(about)s)"),
        "payment_failed": _("a payment that failed (%(about)s)"),
        "order_refused": _("an order that the ERP refused (%(about)s)"),
        "erp_away": _("prices that could not be shown (%(about)s)"),
    }
    return words.get(cause, cause) % {"about": about} if cause in words else cause


def plan_word(metric: str) -> str:
    """Return what a plan is about, in words."""
    words = {
        "net_sales": _("Net sales"),
        "gross_margin": _("Gross margin"),
        "revenue": _("Order value"),
        "orders": _("Orders"),
    }
    return words.get(metric, metric)


BAND_MOODS = {"dormant": "bad", "starting": "attention", "adopting": "info", "adopted": "good"}


def band_word(band: str) -> str:
    """Return the band of an adoption score, in words."""
    words = {
        "dormant": _("dormant"),
        "starting": _("starting"),
        "adopting": _("adopting"),
        "adopted": _("adopted"),
    }
    return words.get(band, band)


def status_word(status: str) -> str:
    """Return the state of a goal, in words."""
    words = {
        "not_started": _("not begun"),
        "no_data": _("no data"),
        "achieved": _("reached"),
        "overdue": _("overdue"),
        "on_track": _("on course"),
        "at_risk": _("at risk"),
        "off_track": _("off course"),
    }
    return words.get(status, status)


def month_word(first: dt.date) -> str:
    """`{{ month.first|month_word }}` -> nov 2026."""
    return str(format_date(first, "MMM y", locale=_locale()))


def weekday_word(weekday: int) -> str:
    """Return the short name of an ISO weekday."""
    return str(format_date(dt.date(2024, 1, weekday), "EEE", locale=_locale()))


def moment_word(moment: dt.datetime) -> str:
    """`{{ as_of|moment_word }}` -> 3 nov 2026, 14:02, by the company's clock."""
    local = moment.astimezone(ZoneInfo(settings.COMPANY_TZ))
    return f"{day_word(local.date())}, {local:%H:%M}"


def day_word(day: dt.date) -> str:
    """`{{ period.first|day_word }}` -> 3 nov 2026."""
    return str(format_date(day, "d MMM y", locale=_locale()))


def days_word(first: dt.date, last: dt.date) -> str:
    """Write days that follow each other."""
    if first == last:
        return day_word(first)
    return _("%(first)s to %(last)s") % {"first": day_word(first), "last": day_word(last)}


def unit_text(value: b.Value, unit: str, currency: str) -> str:
    """Write a value as a screen shows it; None is a dash."""
    if isinstance(value, b.Figure):
        return unit_text(value.number, value.unit, currency)
    if value is None or value == "":
        return DASH if unit in b.NUMERIC else ""
    if isinstance(value, int | Decimal):
        return number_text(Decimal(value), unit, currency)
    if isinstance(value, dt.datetime):
        return moment_word(value)
    if isinstance(value, dt.date):
        return month_word(value) if unit == b.MONTH else day_word(value)
    return channel_word(str(value)) if unit == b.CHANNEL else str(value)


def number_text(value: Decimal, unit: str, currency: str) -> str:
    """Write a number with its unit."""
    if unit == b.MONEY:
        return amount(value, currency)
    if unit == b.SHARE:
        return figure_value(value, unit)
    if unit in {b.POINTS, b.CHANGE}:
        return change_text(value, "share" if unit == b.POINTS else "number")
    if unit == b.MINUTES:
        return minutes_word(value)
    return _number(value)


def minutes_word(value: Decimal) -> str:
    """Write minutes as people say them.

    >>> minutes_word(Decimal(75)), minutes_word(Decimal("12.4"))
    ('1 h 15 min', '12 min')
    """
    hours, minutes = divmod(int(value), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def plain_cell(value: b.Value, unit: str, currency: str) -> Cell:
    """Return a value for a spreadsheet: numbers as numbers (a share as 0.375), days as days, the rest as words."""
    if isinstance(value, b.Figure):
        return plain_cell(value.number, value.unit, currency)
    if isinstance(value, Decimal):
        return value.quantize(DIGITS.get(unit, FOUR_DIGITS), ROUND_HALF_UP)
    if value is None or isinstance(value, int | dt.date):
        return value
    return unit_text(value, unit, currency)
