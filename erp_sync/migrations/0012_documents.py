"""Versions of safety data sheets that were seen."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('erp_sync', '0011_prices'),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='SafetySheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=64)),
                ('language', models.CharField(blank=True, max_length=5)),
                ('document_erp_id', models.CharField(max_length=64)),
                ('dated_on', models.DateField(blank=True, null=True)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'safety data sheet',
                'verbose_name_plural': 'safety data sheets',
                'constraints': [models.UniqueConstraint(fields=('sku', 'document_erp_id', 'dated_on'), name='safety_sheet_once', nulls_distinct=False)],
            },
        ),
    ]
