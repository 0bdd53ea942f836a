"""Differences that a person settles."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Differences that a person settles."""

    dependencies = [("erp_sync", "0009_connection")]
    operations: list[Operation] = []
