"""Money, quantities, dates and ages as people write them, by locale.

A missing value is a dash, never 0. The language comes from the caller (default: the reader's).
Times are shown in the company's zone (COMPANY_TZ).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import NumberPattern, format_decimal, get_currency_precision, parse_pattern
from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NOTHING = "—"
# English is read all over the world: day before month cannot be mistaken.
LOCALES = {"en": "en_GB", "es": "es", "pt-br": "pt_BR"}
PRICE_DIGITS = 4


def reader_locale(language: str | None = None) -> str:
    """Return the locale of a language (default: the active one) for numbers and dates."""
    return LOCALES.get((language or get_language() or "en").lower(), "en_GB")


def money(amount: Decimal | None, currency: str, language: str | None = None) -> str:
    """Return an amount with its currency, rounded to what the currency has: `1.234,50 €`."""
    if amount is None:
        return NOTHING
    return _currency(amount, currency, reader_locale(language), 0)


def unit_price(amount: Decimal | None, currency: str, language: str | None = None) -> str:
    """Return a price of one unit: at least the currency's decimals, at most four: `0,0125 €`."""
    if amount is None:
        return NOTHING
    return _currency(amount, currency, reader_locale(language), PRICE_DIGITS)


def quantity(number: Decimal | int | None, language: str | None = None) -> str:
    """Return a quantity without trailing zeros: `1.234,5`."""
    if number is None:
        return NOTHING
    return _number(Decimal(number), reader_locale(language))


def plain_quantity(number: Decimal | int | None, language: str | None = None) -> str:
    """Return a quantity for an input box: by locale, without thousands marks; "" for None.

    Exactly three decimals get a fourth (`1,1250`), so that `parse_decimal` cannot take them for
    thousands.
    """
    if number is None:
        return ""
    return _plain(Decimal(number), reader_locale(language))


def plain_amount(amount: Decimal, currency: str, language: str | None = None) -> str:
    """Return an amount for an input box: by locale, without thousands marks, with the currency's decimals.

    >>> plain_amount(Decimal("1166.6"), "EUR", "es"), plain_amount(Decimal(1166), "CLP", "es")
    ('1166,60', '1166')
    """
    digits = get_currency_precision(currency)
    return str(format_decimal(amount, f"0.{'0' * digits}" if digits else "0", locale=reader_locale(language)))


def percent(share: Decimal | None, language: str | None = None) -> str:
    """Return a share of 1 as a percentage with at most one decimal: `12,5 %`."""
    if share is None:
        return NOTHING
    text = format_decimal(share * 100, "#,##0.#", locale=reader_locale(language))
    return f"{text}\N{NO-BREAK SPACE}%"


def change(share: Decimal | None, language: str | None = None) -> str:
    """Return a relative change with its sign: `+3,2 %`, `±0 %`."""
    if share is None:
        return NOTHING
    text = percent(abs(share), language)
    return f"{_sign(round(share * 100, 1))}{text}"


def points(difference: Decimal | None, language: str | None = None) -> str:
    """Return a difference of two shares in percentage points, with its sign: `+1,2 points`."""
    if difference is None:
        return NOTHING
    number = format_decimal(abs(difference) * 100, "#,##0.#", locale=reader_locale(language))
    return _("%(number)s points") % {"number": f"{_sign(round(difference * 100, 1))}{number}"}


def date_short(day: dt.date | None, language: str | None = None) -> str:
    """Return a day: `3 dic 2026`. An instant is taken in the company's zone."""
    if day is None:
        return NOTHING
    if isinstance(day, dt.datetime):
        day = day.astimezone(company_zone()).date()
    return str(format_date(day, "d MMM y", locale=reader_locale(language)))


def day_month(day: dt.date | None, language: str | None = None) -> str:
    """Return a day of this or the coming year without the year: `3 dic`."""
    if day is None:
        return NOTHING
    return str(format_date(day, "d MMM", locale=reader_locale(language)))


def time_short(instant: dt.datetime | None, language: str | None = None) -> str:
    """Return the time of day in the company's zone: `14:02`."""
    if instant is None:
        return NOTHING
    return str(format_time(instant.astimezone(company_zone()).time(), "HH:mm", locale=reader_locale(language)))


def datetime_short(instant: dt.datetime | None, language: str | None = None) -> str:
    """Return day and time in the company's zone: `3 dic 2026, 14:02`."""
    if instant is None:
        return NOTHING
    return f"{date_short(instant, language)}, {time_short(instant, language)}"


def ago(instant: dt.datetime | None, now: dt.datetime) -> str:
    """Return how long ago in one figure, in the reader's language: `12 s ago`, `hace 4 min`.

    A future instant (the ERP's clock runs ahead of ours) counts as now.
    """
    if instant is None:
        return NOTHING
    seconds = max(0, int((now - instant).total_seconds()))
    if seconds < 60:
        return _("%(n)s s ago") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s min ago") % {"n": seconds // 60}
    if seconds < 86400:
        return _("%(n)s h ago") % {"n": seconds // 3600}
    days = seconds // 86400
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}


def company_zone() -> ZoneInfo:
    """Return the zone that the company keeps its clocks in."""
    return ZoneInfo(settings.COMPANY_TZ)


def separators(language: str | None = None) -> tuple[str, str]:
    """Return the decimal and the thousands mark of a language: (",", ".") in Spanish."""
    symbols = Locale.parse(reader_locale(language)).number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


def _sign(number: Decimal) -> str:
    if number == 0:
        return "±"
    return "+" if number > 0 else "\N{MINUS SIGN}"


# The same figures come back on every page of a list; Babel takes ten times as long as the look-up.
@lru_cache(maxsize=20_000)
def _currency(amount: Decimal, currency: str, locale: str, most_digits: int) -> str:
    pattern, known_locale = _currency_pattern(currency, locale, most_digits)
    return str(pattern.apply(amount, known_locale, currency=currency, currency_digits=False, numbering_system="latn"))


@cache
def _currency_pattern(currency: str, locale: str, most_digits: int) -> tuple[NumberPattern, Locale]:
    """Return how a currency is written; working it out takes longer than writing an amount."""
    least = get_currency_precision(currency) if currency else 2
    digits = "0" * least + "#" * max(0, most_digits - least)
    known = Locale.parse(locale)
    pattern = known.currency_formats["standard"].pattern if currency else "#,##0.00"
    return parse_pattern(pattern.replace("0.00", f"0.{digits}" if digits else "0")), known


@lru_cache(maxsize=20_000)
def _plain(number: Decimal, locale: str) -> str:
    shown = number.normalize()
    pattern = "0.0000" if shown.as_tuple().exponent == -3 else "0.####"
    return str(format_decimal(shown, pattern, locale=locale))


@lru_cache(maxsize=20_000)
def _number(number: Decimal, locale: str) -> str:
    return str(format_decimal(number, "#,##0.####", locale=locale))
