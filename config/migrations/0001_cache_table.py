"""The table of the database cache, used when no REDIS_URL is set; made in any case, so that Redis may be left again."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    """Make the table unless it is there."""
    call_command("createcachetable", "django_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """See the module."""

    operations = [migrations.RunPython(create, migrations.RunPython.noop, elidable=False)]
