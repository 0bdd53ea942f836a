"""manage.py doctor: a line for every part, a cure for what is wrong."""

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
        """Print the findings."""
        findings = doctor.examine(now=timezone.now())
        for finding in findings:
            self.stdout.write(f"{SIGNS[finding.state]}  {finding.name:<11} {finding.detail}")
            if finding.cure:
                self.stdout.write(f"{'':<22} -> {finding.cure}")
        if any(finding.state == "down" for finding in findings):
            sys.exit(1)
