"""Weekly report mails by subscription."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Weekly report mails by subscription."""

    dependencies = [("adoption", "0005_capture")]
    operations: list[Operation] = []
