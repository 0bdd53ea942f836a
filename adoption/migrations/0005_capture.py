"""Surveys, coaching, subscriptions."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Surveys, coaching, subscriptions."""

    dependencies = [("adoption", "0004_books")]
    operations: list[Operation] = []
