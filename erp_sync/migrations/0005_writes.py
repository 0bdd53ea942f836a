"""Quotes, returns, payments and changes that reach the ERP."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# What is known of the first promise is today's; what a full pull fills in comes with the next one.
FIRST_PROMISES = "UPDATE erp_sync_orderline SET first_promised_on = promised_on WHERE promised_on IS NOT NULL"
PULL_AGAIN = "UPDATE erp_sync_syncstate SET changed_at = NULL, page_id = '', horizon_at = NULL WHERE kind = ANY(%s)"


class Migration(migrations.Migration):
    """Quotes, returns, payments and changes that reach the ERP."""

    dependencies = [("erp_sync", "0004_item_replaced_by")]
    operations: list[Operation] = [
        migrations.AddField(
            model_name='invoice',
            name='discount_amount',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True),
        ),
        migrations.AddField(
            model_name='invoice',
            name='discount_until',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='allowed',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='order',
            name='quote_erp_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='orderline',
            name='first_promised_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='credit_number',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='return',
            name='reference',
            field=models.CharField(blank=True, db_index=True, max_length=40),
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('erp_id', models.CharField(max_length=64, unique=True)),
                ('version', models.DateTimeField()),
                ('fingerprint', models.CharField(blank=True, editable=False, max_length=32)),
                ('synced_at', models.DateTimeField()),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('number', models.CharField(blank=True, db_index=True, max_length=64)),
                ('reference', models.CharField(blank=True, db_index=True, max_length=40)),
                ('customer_erp_id', models.CharField(max_length=64)),
                ('state', models.CharField(max_length=20)),
                ('currency', models.CharField(max_length=3)),
                ('requested_at', models.DateTimeField()),
                ('untaxed_total', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('tax_total', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('total', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('customer_reference', models.CharField(blank=True, max_length=120)),
                ('note', models.TextField(blank=True)),
                ('terms', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'quote',
                'verbose_name_plural': 'quotes',
                'indexes': [models.Index(fields=['customer_erp_id', '-requested_at'], name='quote_of_customer')],
            },
        ),
        migrations.CreateModel(
            name='QuoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('erp_id', models.CharField(db_index=True, max_length=64)),
                ('line_no', models.PositiveIntegerField()),
                ('sku', models.CharField(blank=True, max_length=64)),
                ('item_erp_id', models.CharField(blank=True, max_length=64)),
                ('description', models.CharField(blank=True, max_length=500)),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('net_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('list_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('delivery_on', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='erp_sync.quote')),
            ],
            options={
                'verbose_name': 'quote line',
                'verbose_name_plural': 'quote lines',
                'ordering': ['line_no'],
            },
        ),
        migrations.RunSQL(FIRST_PROMISES, migrations.RunSQL.noop),
        migrations.RunSQL([(PULL_AGAIN, [["orders", "returns"]])], migrations.RunSQL.noop),
    ]
