"""What a stored file is called: readable, without a path, with the ending of what it really is."""

from __future__ import annotations

import re
import unicodedata

from shop.uploads.content import ENDINGS

MAX_LENGTH = 120
SEPARATORS = re.compile(r"[/\\]")
# What Windows and shells take for something else.
UNWANTED = re.compile(r'[<>:"|?*%`$;&]+')


def stored_name(given: str, media_type: str) -> str:
    r"""Return a safe name: `..\evil.html` with a PNG's content becomes `evil.png`.

    >>> stored_name("..\\Foto 3.JPEG", "image/jpeg"), stored_name("a\u202egnp.exe", "image/png")
    ('Foto 3.jpg', 'agnp.png')
    """
    last = SEPARATORS.split(given)[-1]
    plain = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem = plain.rpartition(".")[0] or plain
    stem = " ".join(UNWANTED.sub(" ", stem).split()).strip(". ")
    ending = ENDINGS[media_type]
    return (stem[: MAX_LENGTH - len(ending)].strip(". ") or "file") + ending


def shown_name(given: str) -> str:
    """Return what a sentence calls a file as it came in."""
    last = SEPARATORS.split(given)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    return plain[:80] or "?"
