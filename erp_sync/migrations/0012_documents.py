"""Reserved."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("erp_sync", "0011_prices")]

    operations: ClassVar = []
