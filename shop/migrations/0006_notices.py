"""Notices and who wants which."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Notices and who wants which."""

    dependencies = [("shop", "0005_payments")]
    operations: list[Operation] = []
