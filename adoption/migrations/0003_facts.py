"""Enquiries, leads, costs, plans, goals, rates, calendars."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Enquiries, leads, costs, plans, goals, rates, calendars."""

    dependencies = [("adoption", "0002_adoptionreport")]
    operations: list[Operation] = []
