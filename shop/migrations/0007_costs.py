"""What pages and orders cost less with."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What pages and orders cost less with."""

    dependencies = [("shop", "0006_notices")]
    operations: list[Operation] = []
