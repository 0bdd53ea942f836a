"""Reserved."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("adoption", "0009_speed")]

    operations: ClassVar = []
