"""The texts are complete: every string of the shop stands in every offered language's catalogue.

    .venv/bin/python tests/check_locale.py            says what is missing, and where
    .venv/bin/python tests/check_locale.py --update   writes new strings into the catalogues, empty, and drops old ones

Strings are taken out of a copy of the sources by Django's makemessages (it needs GNU gettext); nothing here asks a
database or the network. `make check` runs it as "texts".
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("accounts", "adoption", "config", "erp_sync", "sheets", "shop", "worktime", "templates", "manage.py")
SOURCE_LANGUAGE = "en"
DJANGO = Path(django.__file__).parent
LIBRARIES = (Path(allauth.__file__).parent, DJANGO / "conf", DJANGO / "contrib" / "admin", DJANGO / "contrib" / "auth")
TOOLS = ("xgettext", "msgmerge", "msguniq", "msgattrib")
# What must come out of a translation as it went in: placeholders and tags.
KEPT = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?\w+[^>]*>")
# Spanish says usted: words that only stand beside tú.
FAMILIAR = {"es": re.compile(r"\b(tú|tu|tus|te|ti|contigo|tuyo|tuya|tienes|puedes|quieres|eres|vos)\b", re.IGNORECASE)}
# Header lines that change with every run, or say nothing here.
IDLE = (
    b'"POT-Creation-Date:',
    b'"PO-Revision-Date:',
    b'"Generated-By:',
    b'"Last-Translator:',
    b'"Language-Team:',
    b'"Report-Msgid-Bugs-To:',
)
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


def offered() -> list[str]:
    """Return the languages of the settings that need a catalogue, as their folders are called."""
    from django.utils.translation import to_locale

    from config.settings.base import LANGUAGES

    return [to_locale(code) for code, _ in LANGUAGES if code != SOURCE_LANGUAGE]


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue lies."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> Catalog:
    """Return every string of the sources, out of a copy of them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
            else:
                shutil.copy(source, copy / name)
        (copy / "locale").mkdir()
        command = [sys.executable, "manage.py", "makemessages", "--locale", "es", "--no-wrap"]
        environment = os.environ | ENVIRONMENT | {"VAR_DIR": str(copy / "var")}
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"makemessages failed; nothing was compared.\n{done.stdout}{done.stderr}")
        return read(copy / "locale" / "es" / "LC_MESSAGES" / "django.po", "es")


def borrowed(language: str) -> set[tuple[str | None, str]]:
    """Return the strings of allauth and Django: their pages are shown, so a catalogue may word them better."""
    strings: set[tuple[str | None, str]] = set()
    for folder in LIBRARIES:
        compiled = folder / "locale" / language / "LC_MESSAGES" / "django.mo"
        if compiled.exists():
            with compiled.open("rb") as file:
                strings |= set(messages(read_mo(file)))
    return strings


def messages(catalogue: Catalog) -> dict[tuple[str | None, str], Message]:
    """Return a catalogue's strings by context and text, without its header."""
    return {(message.context, forms(message.id)[0]): message for message in catalogue if message.id}


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the singular and the plurals of a text; one form when it has no number in it."""
    return tuple(text) if isinstance(text, list | tuple) else (text or "",)


def problems(language: str, found: Catalog) -> Iterator[str]:
    """Yield what is wrong with a language's catalogue."""
    path = catalogue_path(language)
    if not path.exists():
        yield f"{language}: there is no catalogue; make {path.relative_to(ROOT)}, or do not offer the language"
        return
    wanted, present = messages(found), messages(read(path, language))
    for key in wanted.keys() - present.keys():
        yield f"{language}: not in the catalogue: {key[1]!r} ({place(wanted[key])})"
    for key in present.keys() - wanted.keys() - borrowed(language):
        yield f"{language}: in no source any more: {key[1]!r}"
    for key, message in present.items():
        origin = wanted.get(key, message)
        for fault in faults(language, forms(origin.id), message):
            yield f"{language}: {fault}: {key[1]!r} ({place(origin)})"


def _fit(original: tuple[str, ...], translations: tuple[str, ...]) -> bool:
    """Whether the same is filled in; the form for one thing may leave the number out where the source does."""
    one, *others = translations
    return marks(one) in (marks(original[0]), marks(original[-1])) and all(
        marks(text) == marks(original[-1]) for text in others
    )


def faults(language: str, original: tuple[str, ...], message: Message) -> Iterator[str]:
    """Yield what is wrong with one translation."""
    translations = forms(message.string)
    if len(original) != len(forms(message.id)):
        yield "the plural was added or dropped"
    elif not all(translations):
        yield "not translated"
    elif message.fuzzy:
        yield "marked as fuzzy"
    elif not _fit(original, translations):
        yield "placeholders or tags differ"
    elif any(edges(text) != edges(original[0]) for text in translations):
        yield "white space at the start or the end differs"
    elif language in FAMILIAR and any(FAMILIAR[language].search(text) for text in translations):
        yield "says tú, not usted"


def marks(text: str) -> list[str]:
    """Return the placeholders and tags of a text, sorted."""
    return sorted(KEPT.findall(text))


def edges(text: str) -> tuple[bool, bool]:
    """Tell whether a text begins or ends with white space."""
    return text[:1].isspace(), text[-1:].isspace()


def place(message: Message) -> str:
    """Return the first place that a string comes from, without the ending that makemessages adds."""
    name = message.locations[0][0] if message.locations else "locale"
    return name.removesuffix(".py") if name.endswith((".html.py", ".txt.py")) else name


def update(language: str, found: Catalog) -> None:
    """Bring a catalogue up to date: new strings empty, old ones out, the rest as it was."""
    path = catalogue_path(language)
    catalogue = read(path, language) if path.exists() else Catalog(locale=language)
    kept = [message for key, message in messages(catalogue).items() if key in borrowed(language)]
    catalogue.update(found, no_fuzzy_matching=True)
    for message in kept:
        catalogue[message.id] = message
    catalogue.fuzzy = False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".po.new")
    with new.open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = [line for line in new.read_bytes().splitlines(keepends=True) if not line.startswith(IDLE)]
    new.write_bytes(b"".join(lines))
    new.replace(path)
    print(f"{path.relative_to(ROOT)}: {len(messages(catalogue))} strings")


def main(arguments: list[str]) -> int:
    """Check, or update, the catalogues; return the exit code."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print(f"MISSING: {', '.join(missing)}. The texts are NOT checked.")
        print("Install gettext and run again (Debian: apt-get install gettext).")
        return 1 if os.environ.get("NO_SKIPS") else 0
    sys.path.insert(0, str(ROOT))
    languages, found = offered(), extracted()
    if arguments == ["--update"]:
        for language in languages:
            update(language, found)
    wrong = [problem for language in languages for problem in sorted(problems(language, found))]
    print("\n".join(wrong) or f"{len(messages(found))} strings, complete in {', '.join(languages)}")
    if wrong:
        print(
            f"\n{len(wrong)} to put right: run tests/check_locale.py --update, then translate what is empty in locale/."
        )
        print("Spanish says usted; its words for the trade are in docs/glossary.md.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
