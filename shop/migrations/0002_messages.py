"""Stored files and conversations."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Stored files and conversations."""

    dependencies = [("shop", "0001_initial")]
    operations: list[Operation] = []
