"""Approval rules, cost centres and budgets."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Approval rules, cost centres and budgets."""

    dependencies = [("shop", "0008_lists")]
    operations: list[Operation] = []
