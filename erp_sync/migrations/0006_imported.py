"""What imported facts need."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What imported facts need."""

    dependencies = [("erp_sync", "0005_writes")]
    operations: list[Operation] = []
