"""Partial refunds and refunds begun at the provider."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Partial refunds and refunds begun at the provider."""

    dependencies = [("shop", "0011_desk")]
    operations: list[Operation] = []
