"""A projection of list prices to sort and filter by."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A projection of list prices to sort and filter by."""

    dependencies = [("erp_sync", "0010_settling")]

    operations = [
        migrations.CreateModel(
            name="PriceAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, unique=True)),
                ("customer_erp_id", models.CharField(blank=True, max_length=64)),
                ("price_list", models.CharField(blank=True, max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("wanted_at", models.DateTimeField()),
                ("complete_as_of", models.DateTimeField(blank=True, null=True)),
                ("round_started_at", models.DateTimeField(blank=True, null=True)),
                ("round_item_id", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "prices kept for sorting",
                "verbose_name_plural": "prices kept for sorting",
            },
        ),
        migrations.CreateModel(
            name="KeptPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("net_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("as_of", models.DateTimeField()),
                ("item", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="erp_sync.item")),
                ("agreement", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="erp_sync.priceagreement")),
            ],
            options={
                "verbose_name": "kept price",
                "verbose_name_plural": "kept prices",
                "indexes": [models.Index(fields=["agreement", "net_price", "item"], name="kept_price_order"), models.Index(fields=["item"], name="kept_price_item")],
                "constraints": [models.UniqueConstraint(fields=("agreement", "item"), name="kept_price_once")],
            },
        ),
    ]
