"""Static files as they are served: hashed, packed, and without the comments that only we read."""

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our own folders; what others wrote is served as it is.
OURS = ("css/", "js/")
# Strings are matched first, so that nothing inside of them counts as a comment; `/*! … */` (a licence) stays.
_CSS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*(?!!).*?\*/""", re.DOTALL)
_INDENT = re.compile(r"\n\s+")
_COMMENT_LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)


class ShortStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # it has no types
    """Takes comments and indents out of our style sheets, and lines of comment out of our scripts.

    Every page names the same few files: an address is worked out once.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        """As Django's."""
        super().__init__(*given, **named)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:  # noqa: FBT001, FBT002 (Django's)
        """Return the address of a file; what was collected stays so while the process lives."""
        if force:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = str(super().url(name))
        return self._addresses[name]

    def file_hash(self, name: str | None, content: Any = None) -> Any:
        """Return the hash of what is served, so that its name changes when that does."""
        return super().file_hash(name, _short(name, content))

    def _save(self, name: str, content: Any) -> str:
        """Write a file when it is collected."""
        return str(super()._save(name, _short(name, content)))


def _short(name: str | None, content: Any) -> Any:
    if not name or content is None or not (name.startswith(OURS) and name.endswith((".css", ".js"))):
        return content
    content.seek(0)
    return ContentFile(shortened(name, content.read().decode()).encode(), name=name)


def shortened(name: str, text: str) -> str:
    r"""Return a style sheet or a script that means the same.

    >>> shortened("css/a.css", '/* why */\n.a {\n  content: "/* x */";\n}\n')
    '\n.a {\ncontent: "/* x */";\n}\n'
    >>> shortened("js/a.js", "// why\nlet a = 1; // stays\n")
    'let a = 1; // stays\n'
    """
    if name.endswith(".css"):
        return _INDENT.sub("\n", _CSS.sub(lambda found: found[1] or "", text))
    return _COMMENT_LINE.sub("", text)
