"""`manage.py import_dataset NAME DIR`: a public data set by its mapping."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from adoption.imports.datasets import adventureworks_dw, northwind, online_retail_ii
from adoption.imports.datasets.common import UnknownVariant
from adoption.imports.errors import BadFiles
from adoption.imports.reading import Source
from adoption.imports.services import import_source
from adoption.management.commands.import_canonical import tell

SETS: dict[str, Callable[[Path, str], Source]] = {
    "adventureworks_dw": adventureworks_dw.source,
    "northwind": northwind.source,
    "online_retail_ii": online_retail_ii.source,
}


class Command(BaseCommand):
    """Imports a public data set: all of it, or nothing."""

    help = "Import a public data set by its mapping (docs/imports.md). Doing it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the set's name, its folder and a variant."""
        parser.add_argument("name", choices=sorted(SETS))
        parser.add_argument("folder", type=Path)
        parser.add_argument("--variant", default="", help="adventureworks_dw: overlay, fx; online_retail_ii: countries")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what came in."""
        try:
            source = SETS[options["name"]](options["folder"], options["variant"])
            report = import_source(source=source, now=timezone.now(), say=self.stderr.write)
        except UnknownVariant as error:
            raise CommandError(f"Nothing was imported: {error}.") from error
        except (BadFiles, OSError) as error:
            raise CommandError(f"Nothing was imported.\n{error}\nMend the files and run the command again.") from error
        tell(report, self.stdout.write)
