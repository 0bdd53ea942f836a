"""Quotes."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Quotes."""

    dependencies = [("shop", "0002_messages")]
    operations: list[Operation] = []
