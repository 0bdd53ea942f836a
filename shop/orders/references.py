"""The key that makes an order happen once in the ERP: `WEB-` and a ULID (30 characters, sorts by time)."""

from __future__ import annotations

import datetime as dt
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "WEB-"


# How much of its end people see; the page shows it whole under "Web reference".
SHOWN = 5


def short_reference(number: str) -> str:
    """Return an order's number as people read it: the shop's long key by its end, any other number as it is.

    >>> short_reference("WEB-01KDVDABCDEFGHJKMNPQRSTVWX"), short_reference("P00049")
    ('WEB-…STVWX', 'P00049')
    """
    is_key = number.startswith(PREFIX) and len(number) == len(PREFIX) + 26
    return f"{PREFIX}…{number[-SHOWN:]}" if is_key else number


def new_reference(now: dt.datetime) -> str:
    """Return a new reference: 48 bits of milliseconds and 80 random bits in Crockford's base 32.

    >>> import datetime as dt
    >>> one = new_reference(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    >>> len(one), one[:10]
    (30, 'WEB-01KDVD')
    """
    value = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    digits = [ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5)]
    return PREFIX + "".join(digits)
