"""What a cell may hold, and how a text is kept from becoming a formula (reliability A8)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

Cell = str | int | Decimal | dt.date | dt.datetime | None

MARK = "'"
# With NFKC the full-width and small forms of the signs become the plain ones; the minus sign proper does not.
_SIGNS = "=+\\-@\u2212"
# What spreadsheets skip at the beginning: spaces, control and format characters, and marks that stand there already.
_SKIPPED = "'\\s\x00-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_LIVE = re.compile(f"[{_SKIPPED}]*(?:[{_SIGNS}]|(?<=[\t\r\n]))")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its width in characters, and how XLSX shows its numbers ("" = as they are)."""

    title: str
    width: int = 14
    number_format: str = ""


def is_live(text: str) -> bool:
    r"""Say whether a spreadsheet could take the text for a formula.

    That is: after spaces, control characters and apostrophes it goes on with = + - @ in any form, or it starts with
    a tab or a line end.

    >>> [is_live(one) for one in ("=1+1", " \t@x", "\uff1d1", "-5", "3/4-20 UNC", "")]
    [True, True, True, True, False, False]
    """
    return not text[:1].isalnum() and bool(_LIVE.match(unicodedata.normalize("NFKC", text)))


def escaped(text: str) -> str:
    """Return the text as a cell that stays text; `plain` gives it back unchanged.

    >>> escaped("=1+1"), escaped("'=1+1"), escaped("M8"), plain(escaped("'=1+1"))
    ("'=1+1", "''=1+1", 'M8', "'=1+1")
    """
    return MARK + text if is_live(text) else text


def plain(cell: str) -> str:
    """Return the text that `escaped` made this cell from."""
    return cell[1:] if cell.startswith(MARK) and is_live(cell[1:]) else cell
