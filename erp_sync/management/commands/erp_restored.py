"""After the database was restored to an older state: look everything up before anything is sent again.

manage.py erp_restored   before the workers start
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from erp_sync.errors import ErpMisconfigured
from erp_sync.outbox import services
from erp_sync.settling import rounds
from erp_sync.settling.models import Difference, Round


class Command(BaseCommand):
    """See the module."""

    help = "After a restore: every write under way is looked up first, and 90 days are compared with the ERP."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with an error when the ERP could not be compared."""
        now = timezone.now()
        try:
            doubted = services.doubt_all(now=now)
        except ErpMisconfigured as error:
            raise CommandError(
                f"{error}. Correct the ERP_* settings, then run it again. Start no worker yet."
            ) from error
        self.stdout.write(f"{doubted} writes under way will be looked up in the ERP before they are sent.")
        comparison = rounds.compare_documents(round=Round.NIGHTLY, now=now)
        if comparison.error:
            raise CommandError(
                f"The ERP was not compared: {comparison.error}. Run it again before you start the workers."
            )
        waiting = Difference.objects.filter(gone_at=None, settled_at=None).count()
        self.stdout.write(
            f"{comparison.compared} documents compared, {comparison.different} differ. {waiting} wait for a person: "
            "see Differences to the ERP in the administration. The workers may start."
        )
