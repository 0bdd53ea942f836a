"""Company tree, roles and limits."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Company tree, roles and limits."""

    dependencies = [("accounts", "0004_words_for_managers")]
    operations: list[Operation] = []
