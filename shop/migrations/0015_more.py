"""Reserved."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("shop", "0014_knowledge")]

    operations: ClassVar = []
