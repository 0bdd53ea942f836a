"""Guests who ask for an account."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Guests who ask for an account."""

    dependencies = [("accounts", "0005_company_rules")]
    operations: list[Operation] = []
