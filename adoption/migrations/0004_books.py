"""Closed books and roll-ups."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Closed books and roll-ups."""

    dependencies = [("adoption", "0003_facts")]
    operations: list[Operation] = []
