"""`manage.py import_canonical DIR`: facts from files in the canonical schema."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from adoption.imports import reading
from adoption.imports.errors import BadFiles
from adoption.imports.services import Report, import_source


class Command(BaseCommand):
    """Imports a folder of canonical files: all of it, or nothing."""

    help = "Import a folder of files in the canonical schema (docs/imports.md). Doing it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="folder with meta.json, accounts.csv, orders.csv …")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what came in."""
        try:
            source = reading.folder(options["folder"])
            report = import_source(source=source, now=timezone.now(), say=self.stderr.write)
        except BadFiles as error:
            raise CommandError(f"Nothing was imported.\n{error}\nMend the files and run the command again.") from error
        tell(report, self.stdout.write)


def tell(report: Report, write: Any) -> None:
    """Write down what came in."""
    for name, count in report.rows.items():
        again = report.repeated.get(name, 0)
        write(f"{name:14} {count:>10,} rows" + (f", {again:,} of them repeated" if again else ""))
    for note in report.notes:
        write(note)
