"""Numbers as people type them; what can be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from shop.errors import BadNumber
from shop.money.formats import plain_quantity, separators

MOST_WHOLE_DIGITS = 12
MOST_DECIMALS = 6
_SPACES = dict.fromkeys(map(ord, " \t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"))
_ALLOWED = re.compile(r"[+-]?[0-9.,]+", re.ASCII)


def parse_decimal(text: str, language: str | None = None) -> Decimal:
    """Read a number by the marks of a language: `1.234,5` in Spanish, `1,234.5` in English.

    A number that only makes sense with the other marks is read with them (`1.5` in Spanish,
    `1.234,5` in English). One that means two different things (`1,250` in Spanish: 1.25, or 1250
    typed the English way) is refused.

    Raises:
        BadNumber: empty, not a plain number in digits 0-9, too long, or ambiguous; the sentence
            says what to write.
    """
    typed = text.translate(_SPACES).replace("\N{MINUS SIGN}", "-")
    if not typed:
        raise BadNumber(_("Enter a number."))
    if not _ALLOWED.fullmatch(typed):
        raise BadNumber(_("“%(text)s” is not a number. Use the digits 0 to 9.") % {"text": text.strip()[:30]})
    decimal, group = separators(language)
    own = _read(typed, decimal, group)
    other = _read(typed, group, decimal)
    number = other if own is None else own
    if number is None:
        raise BadNumber(_unreadable(text, language))
    if own is not None and other is not None and decimal in typed and own != other:
        raise BadNumber(_two_ways(text, own, other, language))
    return number


def _read(typed: str, decimal: str, group: str) -> Decimal | None:
    """Return the number when it is well formed with these marks, else None."""
    d, g = re.escape(decimal), re.escape(group)
    if not re.fullmatch(rf"[+-]?(\d+|[1-9]\d{{0,2}}({g}\d{{3}})+)({d}\d*)?|[+-]?{d}\d+", typed, re.ASCII):
        return None
    plain = typed.replace(group, "").replace(decimal, ".")
    whole, _mark, part = plain.lstrip("+-").partition(".")
    if len(whole) > MOST_WHOLE_DIGITS or len(part) > MOST_DECIMALS:
        raise BadNumber(_("That number is too long. Use at most %(n)s digits.") % {"n": MOST_WHOLE_DIGITS})
    return Decimal(plain)


def _unreadable(text: str, language: str | None) -> str:
    example = {"text": text.strip()[:30], "example": plain_quantity(Decimal("1234.5"), language)}
    return _("“%(text)s” is not a number that we can read. Write it like this: %(example)s") % example


def _two_ways(text: str, own: Decimal, other: Decimal, language: str | None) -> str:
    readings = {
        "text": text.strip()[:30],
        "one": plain_quantity(own, language),
        "two": plain_quantity(other, language),
    }
    return _("“%(text)s” can be read in two ways. Write %(one)s or %(two)s.") % readings
