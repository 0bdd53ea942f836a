"""Sums of what customers said: responses to surveys, enquiries that came past the shop, quotes that became orders.

The sums in use are of fewer tables, so the next run makes all of them anew.
"""

from typing import ClassVar

from django.db import migrations, models


# A long list of accounts is stored without compressing it, which took longer than reading it.
STORED = """
ALTER TABLE adoption_activityday ALTER COLUMN who SET STORAGE EXTERNAL;
ALTER TABLE adoption_activitymonth ALTER COLUMN who SET STORAGE EXTERNAL"""


class Migration(migrations.Migration):
    """New tables, who searched, and which answers are one of several."""

    dependencies: ClassVar = [("adoption", "0012_covering")]

    operations: ClassVar = [
        migrations.CreateModel(
            name='EnquiryDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('medium', models.CharField(blank=True, max_length=10)),
                ('service', models.IntegerField(default=0)),
                ('talks', models.IntegerField(default=0)),
                ('followed', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'enquiries of a day',
                'verbose_name_plural': 'enquiries by day',
            },
        ),
        migrations.CreateModel(
            name='EnquiryMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('medium', models.CharField(blank=True, max_length=10)),
                ('service', models.IntegerField(default=0)),
                ('talks', models.IntegerField(default=0)),
                ('followed', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'enquiries of a month',
                'verbose_name_plural': 'enquiries by month',
            },
        ),
        migrations.CreateModel(
            name='QuoteDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('ordered', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'quotes of a day',
                'verbose_name_plural': 'quotes by day',
            },
        ),
        migrations.CreateModel(
            name='QuoteMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('ordered', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'quotes of a month',
                'verbose_name_plural': 'quotes by month',
            },
        ),
        migrations.CreateModel(
            name='ResponseDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('day', models.DateField()),
                ('survey', models.CharField(blank=True, max_length=10)),
                ('score', models.CharField(blank=True, max_length=40)),
                ('people', models.IntegerField(default=0)),
                ('times', models.IntegerField(default=0)),
                ('asked', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'responses of a day',
                'verbose_name_plural': 'responses by day',
            },
        ),
        migrations.CreateModel(
            name='ResponseMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(blank=True, max_length=64)),
                ('month', models.DateField()),
                ('survey', models.CharField(blank=True, max_length=10)),
                ('score', models.CharField(blank=True, max_length=40)),
                ('people', models.IntegerField(default=0)),
                ('times', models.IntegerField(default=0)),
                ('asked', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'responses of a month',
                'verbose_name_plural': 'responses by month',
            },
        ),
        migrations.RemoveIndex(
            model_name='activityday',
            name='activity_day_day',
        ),
        migrations.AddField(
            model_name='activityday',
            name='who',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='activitymonth',
            name='who',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='answerday',
            name='again',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='rolluprun',
            name='last_enquiry',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='activityday',
            index=models.Index(fields=['day', 'kind'], include=('account_id', 'counted'), name='activity_day_day'),
        ),
        migrations.AddIndex(
            model_name='answerday',
            index=models.Index(condition=models.Q(('again', True)), fields=['day'], name='answer_day_again'),
        ),
        migrations.AddIndex(
            model_name='answerday',
            index=models.Index(fields=['session_id', 'user_id', 'survey'], name='answer_day_session'),
        ),
        migrations.AddIndex(
            model_name='quotefact',
            index=models.Index(condition=models.Q(('order_key', ''), _negated=True), fields=['order_key'], name='quote_order'),
        ),
        migrations.AddIndex(
            model_name='enquiryday',
            index=models.Index(fields=['day'], name='enquiry_day_day'),
        ),
        migrations.AddConstraint(
            model_name='enquiryday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'medium'), name='enquiry_day_once'),
        ),
        migrations.AddIndex(
            model_name='enquirymonth',
            index=models.Index(fields=['month'], name='enquiry_month_month'),
        ),
        migrations.AddConstraint(
            model_name='enquirymonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'medium'), name='enquiry_month_once'),
        ),
        migrations.AddIndex(
            model_name='quoteday',
            index=models.Index(fields=['day'], name='quote_day_day'),
        ),
        migrations.AddConstraint(
            model_name='quoteday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'channel'), name='quote_day_once'),
        ),
        migrations.AddIndex(
            model_name='quotemonth',
            index=models.Index(fields=['month'], name='quote_month_month'),
        ),
        migrations.AddConstraint(
            model_name='quotemonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'channel'), name='quote_month_once'),
        ),
        migrations.AddIndex(
            model_name='responseday',
            index=models.Index(fields=['day'], name='response_day_day'),
        ),
        migrations.AddConstraint(
            model_name='responseday',
            constraint=models.UniqueConstraint(fields=('account_id', 'day', 'survey', 'score'), name='response_day_once'),
        ),
        migrations.AddIndex(
            model_name='responsemonth',
            index=models.Index(fields=['month'], name='response_month_month'),
        ),
        migrations.AddConstraint(
            model_name='responsemonth',
            constraint=models.UniqueConstraint(fields=('account_id', 'month', 'survey', 'score'), name='response_month_once'),
        ),
        migrations.RunSQL(STORED, migrations.RunSQL.noop),
    ]
