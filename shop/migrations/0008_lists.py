"""Fast ordering: lists, saved baskets, recurring orders."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Fast ordering: lists, saved baskets, recurring orders."""

    dependencies = [("shop", "0007_costs")]
    operations: list[Operation] = []
