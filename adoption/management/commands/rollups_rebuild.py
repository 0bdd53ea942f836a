"""`manage.py rollups_rebuild`: the sums of all days and months, anew from the facts."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from adoption.books.reconciling import compare
from adoption.books.rollups import Frame, rebuild


class Command(BaseCommand):
    """Makes the sums anew, or only holds them against the facts."""

    help = "Make the sums that reports use anew from the facts; --check only compares them (exit 1 when they differ)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to compare only."""
        parser.add_argument("--check", action="store_true", help="compare with the facts, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say how long it took."""
        now, begun = timezone.now(), time.monotonic()
        frame = Frame.at(now)
        if not options["check"]:
            days = rebuild(frame=frame, now=now, say=self.stderr.write)
            self.stdout.write(f"{days:,} days in {time.monotonic() - begun:.1f} s")
        if differences := compare(frame=frame):
            raise CommandError("The sums differ from the facts:\n" + "\n".join(differences))
        self.stdout.write("The sums agree with the facts.")
