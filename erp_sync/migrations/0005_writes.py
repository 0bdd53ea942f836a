"""Quotes, returns, payments and changes that reach the ERP."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Quotes, returns, payments and changes that reach the ERP."""

    dependencies = [("erp_sync", "0004_item_replaced_by")]
    operations: list[Operation] = []
