"""From what somebody sent (text, CSV, XLSX) to typed rows; a file is what its bytes are."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from sheets.reading import Unreadable, decoded, read_xlsx
from shop.errors import ShopError
from shop.quick.parsing import Parsed, read_table, read_text
from shop.uploads.content import CSV, XLSX, BrokenContent, TooLarge, UnknownContent, media_type_of
from shop.uploads.names import shown_name

MAX_SIZE = 5 * 1024 * 1024
# Rows of a sheet that are looked at: what does not fit on the pad is counted, so that it can be told.
MOST_READ = 20_000


class FileRefused(ShopError):
    """The file can't be read as a list; the pad is as it was."""


def read_file(file: UploadedFile, *, language: str, most: int) -> Parsed:
    """Return the rows of a CSV or XLSX; `leftover` is the number of rows that did not fit, "" when all did.

    Raises:
        FileRefused: with a sentence that names the file and says what to do.
    """
    name = shown_name(file.name or "")
    if not file.size:
        raise FileRefused(_("“%(name)s” is empty. Nothing was changed: choose the file again.") % {"name": name})
    if file.size > MAX_SIZE:
        raise FileRefused(
            _("“%(name)s” is larger than 5 MB. Nothing was changed: divide it and send the parts.") % {"name": name}
        )
    data = file.read(MAX_SIZE + 1)
    kind = _kind(data, name)
    if kind == XLSX:
        return _from_workbook(data, name, language=language, most=most)
    parsed = read_text(decoded(data), most=most)
    left = sum(1 for line in parsed.leftover.splitlines() if line.strip())
    return Parsed(parsed.rows, str(left) if left else "")


def _kind(data: bytes, name: str) -> str:
    try:
        kind = media_type_of(data)
    except TooLarge as error:
        raise FileRefused(
            _("“%(name)s” unfolds to more than the shop takes (50 MB). Nothing was changed: save only the list itself.")
            % {"name": name}
        ) from error
    except BrokenContent as error:
        raise FileRefused(_damaged(name)) from error
    except UnknownContent as error:
        raise FileRefused(_no_list(name)) from error
    if kind not in {CSV, XLSX}:
        raise FileRefused(_no_list(name))
    return kind


def _no_list(name: str) -> str:
    return _(
        "“%(name)s” is no CSV table and no Excel workbook without macros (XLSX). Nothing was changed: save it as one "
        "of these, or copy its cells and paste them."
    ) % {"name": name}


def _damaged(name: str) -> str:
    return _("“%(name)s” is damaged. Nothing was changed: save it anew, or copy its cells and paste them.") % {
        "name": name
    }


def _from_workbook(data: bytes, name: str, *, language: str, most: int) -> Parsed:
    try:
        rows = read_xlsx(data, most_rows=MOST_READ)
    except Unreadable as error:
        raise FileRefused(_damaged(name)) from error
    return read_table(rows, language=language, most=most)
