"""Payments and their allocations."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Payments and their allocations."""

    dependencies = [("shop", "0004_after_order")]
    operations: list[Operation] = []
