"""Compile the translations: every .po under a folder, with Babel, in the shop's environment."""

import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Write a .mo beside each .po; a header marked fuzzy (makemessages does it) is no hindrance."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        new = source.with_suffix(".mo.new")
        with new.open("wb") as file:
            write_mo(file, catalogue)
        new.rename(source.with_suffix(".mo"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
