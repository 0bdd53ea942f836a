"""Closed books and roll-ups."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Closed books and roll-ups."""

    dependencies = [("adoption", "0003_facts")]

    operations = [
        migrations.CreateModel(
            name='DayBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('version', models.CharField(max_length=20, verbose_name='version of the definitions')),
                ('settings', models.JSONField(default=dict, verbose_name='settings')),
                ('counts', models.JSONField(default=dict, verbose_name='rows')),
                ('figures', models.JSONField(default=dict, verbose_name='figures')),
                ('rows', models.JSONField(default=dict)),
                ('frozen_at', models.DateTimeField(verbose_name='closed')),
            ],
            options={
                'verbose_name': 'closed day',
                'verbose_name_plural': 'closed days',
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='Restatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_index=True, verbose_name='day')),
                ('metric', models.CharField(max_length=40, verbose_name='metric')),
                ('before', models.DecimalField(decimal_places=8, max_digits=24, null=True, verbose_name='before')),
                ('after', models.DecimalField(decimal_places=8, max_digits=24, null=True, verbose_name='after')),
                ('causes', models.JSONField(default=list, verbose_name='causes')),
                ('found_at', models.DateTimeField(verbose_name='found')),
            ],
            options={
                'verbose_name': 'restatement',
                'verbose_name_plural': 'restatements',
                'ordering': ['-day', 'metric', '-found_at'],
            },
        ),
        migrations.CreateModel(
            name='RollupRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('covers_to', models.DateField(verbose_name='days before')),
                ('last_event', models.BigIntegerField(default=0)),
                ('ran_at', models.DateTimeField(verbose_name='ran')),
                ('differences', models.JSONField(default=list, verbose_name='differences')),
            ],
            options={
                'verbose_name': 'run of the sums',
                'verbose_name_plural': 'runs of the sums',
                'ordering': ['-ran_at'],
            },
        ),
        migrations.AddField(
            model_name='plan',
            name='seasonality',
            field=models.BooleanField(db_default=False, default=False, verbose_name="by last year's months"),
        ),
        migrations.CreateModel(
            name='ActivityDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('user_id', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(max_length=40)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('events', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'activity of a day',
                'verbose_name_plural': 'activity by day',
                'constraints': [models.UniqueConstraint(fields=('day', 'account_id', 'user_id', 'kind', 'source'), name='activity_day_once')],
            },
        ),
        migrations.CreateModel(
            name='ActivityMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(max_length=40)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('events', models.PositiveIntegerField()),
                ('users', models.PositiveIntegerField()),
                ('user_days', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'activity of a month',
                'verbose_name_plural': 'activity by month',
                'constraints': [models.UniqueConstraint(fields=('month', 'account_id', 'kind', 'source'), name='activity_month_once')],
            },
        ),
        migrations.CreateModel(
            name='HourDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('channel', models.CharField(max_length=20)),
                ('weekday', models.PositiveSmallIntegerField()),
                ('hour', models.PositiveSmallIntegerField()),
                ('orders', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'hours of orders',
                'verbose_name_plural': 'hours of orders',
                'indexes': [models.Index(fields=['day'], name='hour_day')],
            },
        ),
        migrations.CreateModel(
            name='OrderDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(max_length=64)),
                ('channel', models.CharField(max_length=20)),
                ('orders', models.PositiveIntegerField()),
                ('value', models.DecimalField(decimal_places=8, max_digits=24)),
                ('units', models.DecimalField(decimal_places=4, max_digits=24)),
                ('unconverted', models.PositiveIntegerField()),
                ('timed', models.PositiveIntegerField()),
                ('off_hours', models.PositiveIntegerField()),
                ('tracked', models.PositiveIntegerField()),
                ('day', models.DateField()),
            ],
            options={
                'verbose_name': 'orders of a day',
                'verbose_name_plural': 'orders by day',
                'constraints': [models.UniqueConstraint(fields=('day', 'account_id', 'channel'), name='order_day_once')],
            },
        ),
        migrations.CreateModel(
            name='OrderMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(max_length=64)),
                ('channel', models.CharField(max_length=20)),
                ('orders', models.PositiveIntegerField()),
                ('value', models.DecimalField(decimal_places=8, max_digits=24)),
                ('units', models.DecimalField(decimal_places=4, max_digits=24)),
                ('unconverted', models.PositiveIntegerField()),
                ('timed', models.PositiveIntegerField()),
                ('off_hours', models.PositiveIntegerField()),
                ('tracked', models.PositiveIntegerField()),
                ('month', models.DateField()),
            ],
            options={
                'verbose_name': 'orders of a month',
                'verbose_name_plural': 'orders by month',
                'indexes': [models.Index(fields=['account_id'], name='order_month_account')],
                'constraints': [models.UniqueConstraint(fields=('month', 'account_id', 'channel'), name='order_month_once')],
            },
        ),
    ]
