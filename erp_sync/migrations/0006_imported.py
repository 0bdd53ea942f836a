"""What imported facts need: prices to ten decimals, instants of payment, test orders."""

from django.db import migrations, models

EXACT = {"max_digits": 22, "decimal_places": 10}


class Migration(migrations.Migration):
    """What imported facts need: prices to ten decimals, instants of payment, test orders."""

    dependencies = [("erp_sync", "0005_writes")]
    operations = [
        migrations.AddField("order", "is_test", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("invoice", "paid_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("payment", "paid_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("orderline", "net_price", models.DecimalField(**EXACT)),
        migrations.AlterField("orderline", "list_price", models.DecimalField(**EXACT, blank=True, null=True)),
        migrations.AlterField("orderline", "unit_cost", models.DecimalField(**EXACT, blank=True, null=True)),
        migrations.AlterField("invoiceline", "net_price", models.DecimalField(**EXACT)),
        migrations.AlterField("invoiceline", "list_price", models.DecimalField(**EXACT, blank=True, null=True)),
        migrations.AlterField("invoiceline", "unit_cost", models.DecimalField(**EXACT, blank=True, null=True)),
    ]
