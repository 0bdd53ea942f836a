"""`manage.py events_backfill`: write down the facts that were missed."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from adoption.events.backfill import backfill


class Command(BaseCommand):
    """Lets the shop and the accounts tell their lasting facts again; what is known counts once."""

    help = "Find orders and assisted sessions that no event was written for, and write it now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number of days."""
        parser.add_argument("--days", type=int, default=30, help="how many days to look back (30)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say how many were missing."""
        found = backfill(since=timezone.now() - dt.timedelta(days=options["days"]))
        self.stdout.write(f"{found} missing facts were written down.")
