"""What reps log, and what selling is measured by."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What reps log, and what selling is measured by."""

    dependencies = [("adoption", "0007_sums")]
    operations: list[Operation] = []
