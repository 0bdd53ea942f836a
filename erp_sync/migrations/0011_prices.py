"""A projection of list prices to sort and filter by."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """A projection of list prices to sort and filter by."""

    dependencies = [("erp_sync", "0010_settling")]
    operations: list[Operation] = []
