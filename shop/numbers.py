"""Document numbers in addresses: an ERP may put a slash into them ("INV/2026/0001")."""

from __future__ import annotations

import re

SLASH, MARK, ESCAPE = "/", "~", "^"


class DocumentNumber:
    """The path converter `docnum`: any number as one piece of an address, its slashes written as `~`.

    `/invoices/INV~2026~0001/pdf/` can be read, and stays apart from what follows the number. A `~` or `^` of the
    number itself gets a `^` before it.
    """

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Return the number.

        >>> DocumentNumber().to_python("INV~2026~0001"), DocumentNumber().to_python("A^~7~1")
        ('INV/2026/0001', 'A~7/1')
        """
        return re.sub(r"\^(.)|~", lambda found: found[1] or SLASH, value, flags=re.DOTALL)

    def to_url(self, value: str) -> str:
        """Return the piece of the address.

        >>> DocumentNumber().to_url("INV/2026/0001"), DocumentNumber().to_url("A~7/1")
        ('INV~2026~0001', 'A^~7~1')
        """
        return re.sub(r"[~^/]", lambda found: MARK if found[0] == SLASH else ESCAPE + found[0], str(value))
