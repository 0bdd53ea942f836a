"""Returns, wishes for a change, links to the missing-goods report."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Returns, wishes for a change, links to the missing-goods report."""

    dependencies = [("shop", "0003_quotes")]
    operations: list[Operation] = []
