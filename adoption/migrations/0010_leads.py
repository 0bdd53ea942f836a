"""The answer clock of contact requests."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('adoption', '0009_speed'),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name='contactrequest',
            name='answer',
            field=models.TextField(blank=True, db_default='', default='', max_length=4000, verbose_name='answer'),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='answer_by',
            field=models.DateTimeField(blank=True, null=True, verbose_name='promised by'),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='answered_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='answered by'),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='escalated_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='escalated'),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='reply_due_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='contactrequest',
            name='response_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='business minutes until the answer'),
        ),
        migrations.AddIndex(
            model_name='contactrequest',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['answer_by'], name='contact_waiting'),
        ),
    ]
