"""Indexes that pages need."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Indexes that pages need."""

    dependencies = [("erp_sync", "0006_imported")]
    operations: list[Operation] = []
