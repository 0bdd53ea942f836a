"""Sums of days and months: totals of all accounts, sales, payments, sources, log-ins, lines, states of accounts."""

import django.contrib.postgres.indexes
from django.db import migrations, models

# Sums are a cache: the next run makes them anew. What is left of months whose events were deleted stays.
EMPTY = """
TRUNCATE adoption_orderday, adoption_ordermonth, adoption_hourday, adoption_activityday;
DELETE FROM adoption_rolluprun"""
TOTALS = """
INSERT INTO adoption_activitymonth (account_id, month, kind, source, events, counted)
SELECT '\u2211', month, kind, source, sum(events), 0 FROM adoption_activitymonth GROUP BY 2, 3, 4"""
# How sums find the papers of a day, and what the mirror changed since.
INDEXES = """
CREATE INDEX books_invoice_day ON erp_sync_invoice (invoiced_on);
CREATE INDEX books_invoice_paid ON erp_sync_invoice (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX books_invoice_paid_on ON erp_sync_invoice (paid_on) WHERE paid_at IS NULL AND paid_on IS NOT NULL;
CREATE INDEX books_order_quote ON erp_sync_order (quote_erp_id) WHERE quote_erp_id <> '';
CREATE INDEX books_channel_quote ON adoption_orderchannel (quote_id) WHERE quote_id <> '';
CREATE INDEX books_delivery_day ON erp_sync_delivery ((coalesce(delivered_on, shipped_on)));
CREATE INDEX books_order_synced ON erp_sync_order USING brin (synced_at) WITH (pages_per_range = 32);
CREATE INDEX books_invoice_synced ON erp_sync_invoice USING brin (synced_at) WITH (pages_per_range = 32);
CREATE INDEX books_payment_synced ON erp_sync_payment USING brin (synced_at) WITH (pages_per_range = 32);
CREATE INDEX books_delivery_synced ON erp_sync_delivery USING brin (synced_at) WITH (pages_per_range = 32)"""
DROPPED = """
DROP INDEX books_order_quote, books_channel_quote, books_invoice_day, books_invoice_paid, books_invoice_paid_on, books_delivery_day, books_order_synced,
           books_invoice_synced, books_payment_synced, books_delivery_synced"""


class Migration(migrations.Migration):
    """Sums of days and months."""

    dependencies = [("adoption", "0006_subscriptions"), ("erp_sync", "0008_attribute_labels")]

    operations = [
        migrations.RunSQL(EMPTY, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='AccountState',
            fields=[
                ('account_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('on', models.DateField(null=True)),
                ('first_online_on', models.DateField(null=True)),
                ('second_online_on', models.DateField(null=True)),
                ('before', models.IntegerField(default=0)),
                ('online_after', models.IntegerField(default=0)),
                ('offline_after', models.IntegerField(default=0)),
                ('came_offline', models.BooleanField(default=False)),
                ('stays', models.JSONField(default=dict)),
                ('first_login_on', models.DateField(null=True)),
                ('orders', models.IntegerField(default=0)),
                ('online', models.IntegerField(default=0)),
                ('tracked', models.IntegerField(default=0)),
                ('paid', models.IntegerField(default=0)),
                ('paid_online', models.IntegerField(default=0)),
                ('weeks', models.IntegerField(default=0)),
                ('kinds', models.IntegerField(default=0)),
                ('logins', models.IntegerField(default=0)),
                ('logins_before', models.IntegerField(default=0)),
                ('was_online', models.IntegerField(default=0)),
                ('was_counted', models.IntegerField(default=0)),
                ('now_orders', models.IntegerField(default=0)),
                ('now_online', models.IntegerField(default=0)),
                ('now_counted', models.IntegerField(default=0)),
                ('now_offline_value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('now_unconverted', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'state of an account',
                'verbose_name_plural': 'states of accounts',
            },
        ),
        migrations.CreateModel(
            name='LineDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('promised_on', models.DateField()),
                ('lines', models.IntegerField(default=0)),
                ('on_time', models.IntegerField(default=0)),
                ('due_orders', models.IntegerField(default=0)),
                ('in_full', models.IntegerField(default=0)),
                ('ordered', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('delivered', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('missing', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('surplus', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
            ],
            options={
                'verbose_name': 'lines of a day',
                'verbose_name_plural': 'lines by day',
            },
        ),
        migrations.CreateModel(
            name='LoginDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('user_id', models.CharField(blank=True, max_length=64)),
                ('events', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'log-ins of a day',
                'verbose_name_plural': 'log-ins by day',
            },
        ),
        migrations.CreateModel(
            name='PaidDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('paid', models.IntegerField(default=0)),
                ('online', models.IntegerField(default=0)),
                ('web_value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('unrated', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'invoices paid on a day',
                'verbose_name_plural': 'invoices paid by day',
            },
        ),
        migrations.CreateModel(
            name='PaidMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('paid', models.IntegerField(default=0)),
                ('online', models.IntegerField(default=0)),
                ('web_value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('unrated', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'invoices paid in a month',
                'verbose_name_plural': 'invoices paid by month',
            },
        ),
        migrations.CreateModel(
            name='SalesDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('wanted', models.IntegerField(default=0)),
                ('demand', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('unrated_orders', models.IntegerField(default=0)),
                ('papers', models.IntegerField(default=0)),
                ('unrated_papers', models.IntegerField(default=0)),
                ('unrated_parts', models.IntegerField(default=0)),
                ('gross', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('discounts', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('returns', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('cogs', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('uncosted', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'sales of a day',
                'verbose_name_plural': 'sales by day',
            },
        ),
        migrations.CreateModel(
            name='SalesMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('wanted', models.IntegerField(default=0)),
                ('demand', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('unrated_orders', models.IntegerField(default=0)),
                ('papers', models.IntegerField(default=0)),
                ('unrated_papers', models.IntegerField(default=0)),
                ('unrated_parts', models.IntegerField(default=0)),
                ('gross', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('discounts', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('returns', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('cogs', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('uncosted', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'sales of a month',
                'verbose_name_plural': 'sales by month',
            },
        ),
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('orders', models.IntegerField(default=0)),
                ('value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('sessions', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'sources of a day',
                'verbose_name_plural': 'sources by day',
            },
        ),
        migrations.CreateModel(
            name='SourceMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('orders', models.IntegerField(default=0)),
                ('value', models.DecimalField(decimal_places=14, default=0, max_digits=38)),
                ('sessions', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'sources of a month',
                'verbose_name_plural': 'sources by month',
            },
        ),
        migrations.RemoveConstraint(
            model_name='activityday',
            name='activity_day_once',
        ),
        migrations.RemoveConstraint(
            model_name='activitymonth',
            name='activity_month_once',
        ),
        migrations.RemoveConstraint(
            model_name='orderday',
            name='order_day_once',
        ),
        migrations.RemoveConstraint(
            model_name='ordermonth',
            name='order_month_once',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_time',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_account_kind',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_object',
        ),
        migrations.RemoveIndex(
            model_name='ordermonth',
            name='order_month_account',
        ),
        migrations.RemoveField(
            model_name='activityday',
            name='user_id',
        ),
        migrations.RemoveField(
            model_name='activitymonth',
            name='user_days',
        ),
        migrations.RemoveField(
            model_name='activitymonth',
            name='users',
        ),
        migrations.AddField(
            model_name='activityday',
            name='counted',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='activitymonth',
            name='counted',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='hourday',
            name='account_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='orderday',
            name='researched',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='orderday',
            name='who',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='ordermonth',
            name='researched',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ordermonth',
            name='who',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='companybook',
            name='span',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='rolluprun',
            name='fingerprint',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='rolluprun',
            name='last_rate',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='activityday',
            name='events',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='activityday',
            name='kind',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name='activitymonth',
            name='events',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='activitymonth',
            name='kind',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name='event',
            name='event_id',
            field=models.CharField(max_length=120, verbose_name='key'),
        ),
        migrations.AlterField(
            model_name='hourday',
            name='channel',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AlterField(
            model_name='hourday',
            name='orders',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='account_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='channel',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='off_hours',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='orders',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='timed',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='tracked',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='unconverted',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='units',
            field=models.DecimalField(decimal_places=14, default=0, max_digits=38),
        ),
        migrations.AlterField(
            model_name='orderday',
            name='value',
            field=models.DecimalField(decimal_places=14, default=0, max_digits=38),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='account_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='channel',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='off_hours',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='orders',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='timed',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='tracked',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='unconverted',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='units',
            field=models.DecimalField(decimal_places=14, default=0, max_digits=38),
        ),
        migrations.AlterField(
            model_name='ordermonth',
            name='value',
            field=models.DecimalField(decimal_places=14, default=0, max_digits=38),
        ),
        migrations.AddIndex(
            model_name='activityday',
            index=models.Index(fields=['day'], name='activity_day_day'),
        ),
        migrations.AddIndex(
            model_name='activitymonth',
            index=models.Index(fields=['month', 'kind'], name='activity_month_month'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['occurred_at'], name='event_time', pages_per_range=32),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('kind', 'product_view'), _negated=True), fields=['account_id', 'kind', 'occurred_at'], name='event_of_account'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('object_id', ''), _negated=True), fields=['object_id', 'account_id', 'occurred_at'], name='event_of_object'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('kind', 'session_start')), fields=['session_id'], name='event_session'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('kind__in', ('survey_prompted', 'survey_answered', 'friction'))), fields=['kind', 'occurred_at'], name='event_rare'),
        ),
        migrations.AddIndex(
            model_name='orderchannel',
            index=models.Index(condition=models.Q(('session_id', ''), _negated=True), fields=['session_id'], name='channel_session'),
        ),
        migrations.AddIndex(
            model_name='orderday',
            index=models.Index(fields=['day'], name='order_day_day'),
        ),
        migrations.AddIndex(
            model_name='ordermonth',
            index=models.Index(fields=['month'], name='order_month_month'),
        ),
        migrations.AddConstraint(
            model_name='activityday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'kind', 'source'), name='activity_day_once'),
        ),
        migrations.AddConstraint(
            model_name='activitymonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'kind', 'source'), name='activity_month_once'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('event_id',), name='event_once'),
        ),
        migrations.AddConstraint(
            model_name='hourday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel', 'weekday', 'hour'), name='hour_day_once'),
        ),
        migrations.AddConstraint(
            model_name='orderday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel'), name='order_day_once'),
        ),
        migrations.AddConstraint(
            model_name='ordermonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'channel'), name='order_month_once'),
        ),
        migrations.AddIndex(
            model_name='lineday',
            index=models.Index(fields=['day'], name='line_day_day'),
        ),
        migrations.AddIndex(
            model_name='lineday',
            index=models.Index(fields=['account_id', 'promised_on'], name='line_day_promised'),
        ),
        migrations.AddIndex(
            model_name='lineday',
            index=models.Index(condition=models.Q(('missing__gt', 0)), fields=['day'], name='line_day_missing'),
        ),
        migrations.AddConstraint(
            model_name='lineday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel', 'promised_on'), name='line_day_once'),
        ),
        migrations.AddIndex(
            model_name='loginday',
            index=models.Index(fields=['day'], name='login_day_day'),
        ),
        migrations.AddConstraint(
            model_name='loginday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'user_id'), name='login_day_once'),
        ),
        migrations.AddIndex(
            model_name='paidday',
            index=models.Index(fields=['day'], name='paid_day_day'),
        ),
        migrations.AddConstraint(
            model_name='paidday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day'), name='paid_day_once'),
        ),
        migrations.AddIndex(
            model_name='paidmonth',
            index=models.Index(fields=['month'], name='paid_month_month'),
        ),
        migrations.AddConstraint(
            model_name='paidmonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month'), name='paid_month_once'),
        ),
        migrations.AddIndex(
            model_name='salesday',
            index=models.Index(fields=['day'], name='sales_day_day'),
        ),
        migrations.AddConstraint(
            model_name='salesday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel'), name='sales_day_once'),
        ),
        migrations.AddIndex(
            model_name='salesmonth',
            index=models.Index(fields=['month'], name='sales_month_month'),
        ),
        migrations.AddConstraint(
            model_name='salesmonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'channel'), name='sales_month_once'),
        ),
        migrations.AddIndex(
            model_name='sourceday',
            index=models.Index(fields=['day'], name='source_day_day'),
        ),
        migrations.AddConstraint(
            model_name='sourceday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel', 'source'), name='source_day_once'),
        ),
        migrations.AddIndex(
            model_name='sourcemonth',
            index=models.Index(fields=['month'], name='source_month_month'),
        ),
        migrations.AddConstraint(
            model_name='sourcemonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'channel', 'source'), name='source_month_once'),
        ),
        migrations.RunSQL(TOTALS, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, DROPPED),
    ]
