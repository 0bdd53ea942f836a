"""`manage.py kpi_export --spec SPEC.json --out FILE.json`: every figure that a spec asks for, in one file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from adoption import facts, readers
from adoption.metrics.export import export
from adoption.metrics.spec import Spec, SpecError, read_spec

NONSENSE = 2


class Command(BaseCommand):
    """Writes the metrics of docs/metrics.md as JSON; a spec that asks for nonsense ends with exit code 2."""

    help = "Write the figures that a spec asks for (docs/metrics.md, “Export”) to a JSON file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the question and the place of the answer."""
        parser.add_argument("--spec", type=Path, required=True, help="JSON file that says what to export")
        parser.add_argument("--out", type=Path, required=True, help="file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the spec, compute, write."""
        out: Path = options["out"]
        try:
            spec = _spec(options["spec"])
            _check_folder(out)
            own = facts.company()
            book = facts.book(as_of=own.instant(timezone.now()), settings=spec.settings, kinds=_kinds(), own=own)
            answer = export(book, spec)
        except SpecError as error:
            raise CommandError(f"{error}\nNothing was written.", returncode=NONSENSE) from error
        out.write_text(json.dumps(answer, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"{out}: {_count(answer):,} values as of {book.as_of:%Y-%m-%d %H:%M} UTC")


def _kinds() -> tuple[str, ...]:
    """Return which events are read: product views, which are many, only when a goal asks for them."""
    return (*facts.KINDS, *facts.VIEWS) if any(one.metric == "ropo.rate" for one in readers.goals()) else facts.KINDS


def _check_folder(out: Path) -> None:
    if not out.parent.is_dir():
        raise SpecError("--out", f"there is no folder {out.parent}; make it first, or name another")


def _spec(path: Path) -> Spec:
    """Read the spec's file.

    Raises:
        SpecError: it is not there, no JSON, or asks for nonsense.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SpecError("--spec", f"{path} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SpecError("--spec", f"{path} is not text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise SpecError(
            "--spec", f"{path} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise SpecError("--spec", f"{path} is nested too deeply") from error
    return read_spec(data)


def _count(answer: object) -> int:
    if isinstance(answer, dict):
        return sum(map(_count, answer.values()))
    return sum(map(_count, answer)) if isinstance(answer, list) else 1
