"""Make the demo's people and companies.

manage.py demo_seed                              reads VAR_DIR/erp/seed.json
manage.py demo_seed --erp-seed P --people-out F  reads P, writes the log-ins to F
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config import demo_business, demo_history, demo_people, demo_shelf


class Command(BaseCommand):
    """See the module."""

    help = "Makes the demo's people and companies; safe to run again. The mirror must hold the ERP's customers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        default = settings.VAR_DIR / "erp" / "seed.json"
        parser.add_argument("--erp-seed", type=Path, default=default, help="what the demo ERP wrote about itself")
        parser.add_argument("--people-out", type=Path, help="a file for the log-ins instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if settings.SESSION_COOKIE_SECURE:
            raise CommandError("demo_seed makes people with known passwords: never on a shop in production.")
        try:
            people = demo_people.seed(erp_seed=options["erp_seed"], now=timezone.now())
        except FileNotFoundError as error:
            raise CommandError(f"{options['erp_seed']} is not there. Start the demo ERP first.") from error
        except LookupError as error:
            raise CommandError(f"The mirror has no customer {error}. Run manage.py erp_sync first.") from error
        demo_history.write(now=timezone.now())
        demo_business.write(now=timezone.now())
        demo_shelf.write(now=timezone.now())
        text = json.dumps([person.as_json() for person in people], ensure_ascii=False, indent=2)
        if options["people_out"]:
            options["people_out"].write_text(text + "\n", encoding="utf-8")
        else:
            self.stdout.write(text)
