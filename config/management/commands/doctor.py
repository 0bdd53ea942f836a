"""manage.py doctor: a line for every part, a cure for what is wrong."""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config import doctor

SIGNS = {"ok": "ok      ", "degraded": "degraded", "down": "BROKEN  "}


class Command(BaseCommand):
    """Says how each part is; the exit code is 1 when one is broken, not when only degraded."""

    help = "Look at settings, database, cache, broker, mail, ERP, static files and texts."
    requires_system_checks: list[str] = []  # a broken project is what it is for

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings, and not every question that was put to the ERP for them."""
        logging.disable(logging.INFO)
        try:
            findings = doctor.examine(now=timezone.now())
        finally:
            logging.disable(logging.NOTSET)
        wide = max(len(finding.name) for finding in findings)
        for finding in findings:
            self.stdout.write(f"{SIGNS[finding.state]}  {finding.name:<{wide}}  {finding.detail}")
            if finding.cure:
                self.stdout.write(f"{'':<{wide + 12}}-> {finding.cure}")
        if any(finding.state == "down" for finding in findings):
            sys.exit(1)
