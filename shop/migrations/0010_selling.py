"""Offers, documents, knowledge and back-in-stock notices."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Offers, documents, knowledge and back-in-stock notices."""

    dependencies = [("shop", "0009_rules")]
    operations: list[Operation] = []
