"""Searches of a day are found at once; a run of the sums keeps its headlines."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing waits for it: the column has a default, the index is built beside the shop's work."""

    atomic = False
    dependencies: ClassVar = [("adoption", "0008_desk")]

    operations: ClassVar = [
        migrations.AddField("rolluprun", "headlines", models.JSONField(default=dict, editable=False)),
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["occurred_at"], name="event_searched", condition=models.Q(("kind", "invoice_searched"))
            ),
        ),
    ]
