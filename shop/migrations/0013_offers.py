"""Reserved."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("shop", "0012_payments_more")]

    operations: ClassVar = []
