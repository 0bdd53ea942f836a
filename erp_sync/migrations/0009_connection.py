"""Health of the connection over time."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Health of the connection over time."""

    dependencies = [("erp_sync", "0008_attribute_labels")]
    operations: list[Operation] = []
