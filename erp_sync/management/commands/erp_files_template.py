"""Write the folders and files with which an ERP consultant begins who has nothing but exports.

manage.py erp_files_template DIR        DIR must be empty or new
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp_sync.adapters.files import template


class Command(BaseCommand):
    """See the module."""

    help = "Writes the folders, columns and an example manifest for an ERP that is connected by CSV files."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="where: a new or empty folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them."""
        folder: Path = options["folder"]
        try:
            written = template.write(folder)
        except OSError as error:
            raise CommandError(f"{error}. Name a new or empty folder.") from error
        self.stdout.write(f"{len(written)} files are in {folder}; begin with README.md.")
        self.stdout.write(
            f"Connect it: ERP_ADAPTER=erp_sync.adapters.files.adapter.FilesErp ERP_URL={folder.resolve().as_uri()}"
        )
