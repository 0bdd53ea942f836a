"""Weekly mails by subscription; contact requests are told to staff; events and channels have names for people."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Weekly mails by subscription; contact requests are told to staff; events and channels have names for people."""

    dependencies = [
        ("adoption", "0005_capture"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='contactrequest',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='due_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='told_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='account_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='company'),
        ),
        migrations.AlterField(
            model_name='event',
            name='actor',
            field=models.CharField(max_length=10, verbose_name='who'),
        ),
        migrations.AlterField(
            model_name='event',
            name='event_id',
            field=models.CharField(max_length=120, unique=True, verbose_name='key'),
        ),
        migrations.AlterField(
            model_name='event',
            name='impersonator_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='sales rep who acted'),
        ),
        migrations.AlterField(
            model_name='event',
            name='is_test',
            field=models.BooleanField(default=False, verbose_name='test'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(max_length=40, verbose_name='what happened'),
        ),
        migrations.AlterField(
            model_name='event',
            name='object_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='object'),
        ),
        migrations.AlterField(
            model_name='event',
            name='object_type',
            field=models.CharField(blank=True, max_length=40, verbose_name='kind of object'),
        ),
        migrations.AlterField(
            model_name='event',
            name='occurred_at',
            field=models.DateTimeField(verbose_name='time'),
        ),
        migrations.AlterField(
            model_name='event',
            name='props',
            field=models.JSONField(default=dict, verbose_name='details'),
        ),
        migrations.AlterField(
            model_name='event',
            name='session_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='visit'),
        ),
        migrations.AlterField(
            model_name='event',
            name='user_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='key of the person'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='channel',
            field=models.CharField(max_length=20, verbose_name='channel'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='decided_at',
            field=models.DateTimeField(verbose_name='decided at'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='impersonator_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='sales rep who acted'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='order_key',
            field=models.CharField(max_length=64, unique=True, verbose_name='order'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='quote_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='quote'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='rule',
            field=models.PositiveSmallIntegerField(verbose_name='rule'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='session_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='visit'),
        ),
        migrations.AlterField(
            model_name='orderchannel',
            name='submitted_by',
            field=models.CharField(blank=True, max_length=64, verbose_name='placed by'),
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(max_length=20, verbose_name='page')),
                ('query', models.CharField(blank=True, max_length=300, verbose_name='filters')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')], verbose_name='weekday')),
                ('created_at', models.DateTimeField(verbose_name='asked for at')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='next mail')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='last mail')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='last trouble')),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reader')),
            ],
            options={
                'verbose_name': 'weekly mail',
                'verbose_name_plural': 'weekly mails',
                'ordering': ['reader', 'weekday', 'section'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='weekly_mail_due')],
                'constraints': [models.UniqueConstraint(fields=('reader', 'section', 'query'), name='weekly_mail_once'), models.CheckConstraint(condition=models.Q(('weekday__gte', 1), ('weekday__lte', 7)), name='weekly_mail_weekday')],
            },
        ),
    ]
