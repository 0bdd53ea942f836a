"""Items ordered together, and items that somebody waits for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Items ordered together, and items that somebody waits for."""

    dependencies = [
        ("shop", "0009_rules"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="BoughtTogether",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64, verbose_name="item")),
                ("other", models.CharField(max_length=64, verbose_name="ordered together with")),
                ("place", models.PositiveSmallIntegerField(verbose_name="place")),
                ("orders", models.PositiveIntegerField(verbose_name="orders with both")),
                ("likeness", models.DecimalField(decimal_places=4, max_digits=5, verbose_name="likeness")),
            ],
            options={
                "verbose_name": "items ordered together",
                "verbose_name_plural": "items ordered together",
                "ordering": ["sku", "place"],
                "constraints": [models.UniqueConstraint(fields=("sku", "place"), name="together_place_once")],
            },
        ),
        migrations.CreateModel(
            name="StockWatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64, verbose_name="item")),
                ("asked_at", models.DateTimeField(verbose_name="asked for at")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sold_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.soldto"
                    ),
                ),
            ],
            options={
                "verbose_name": "item waited for",
                "verbose_name_plural": "items waited for",
                "ordering": ["-asked_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at", None)), fields=["sold_to", "sku"], name="watch_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("told_at", None)),
                        fields=("person", "sold_to", "sku"),
                        name="one_watch_of_an_item",
                    )
                ],
            },
        ),
    ]
