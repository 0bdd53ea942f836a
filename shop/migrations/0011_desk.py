"""The rep's desk: hand-over of baskets, notes."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """The rep's desk: hand-over of baskets, notes."""

    dependencies = [("shop", "0010_selling")]
    operations: list[Operation] = []
