"""Sums of days and months."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Sums of days and months."""

    dependencies = [("adoption", "0006_subscriptions")]
    operations: list[Operation] = []
