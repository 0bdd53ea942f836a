"""Settings of the figures, coaching, contact requests."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Settings of the figures, coaching, contact requests."""

    dependencies = [
        ('adoption', '0004_books'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('company', models.CharField(blank=True, max_length=160, verbose_name='company')),
                ('text', models.TextField(max_length=4000, verbose_name='message')),
                ('person_key', models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('lead', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='request', to='adoption.lead', verbose_name='lead')),
            ],
            options={
                'verbose_name': 'contact request',
                'verbose_name_plural': 'contact requests',
                'ordering': ['-lead__created_at'],
            },
        ),
        migrations.CreateModel(
            name='MetricSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('set_at', models.DateTimeField(verbose_name='set at')),
                ('differences', models.JSONField(default=dict, editable=False, verbose_name='differs from the defaults')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('set_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'settings of the figures',
                'verbose_name_plural': 'settings of the figures',
                'ordering': ['-set_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Nudge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week_on', models.DateField(verbose_name='week')),
                ('account_id', models.CharField(max_length=64, verbose_name='company')),
                ('rep_id', models.CharField(blank=True, max_length=64, verbose_name='sales rep')),
                ('pair', models.PositiveSmallIntegerField(verbose_name='pair')),
                ('is_control', models.BooleanField(verbose_name='left alone')),
                ('reason', models.CharField(max_length=20, verbose_name='reason')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('expected', models.DecimalField(decimal_places=2, max_digits=20, verbose_name='expected effect')),
                ('chosen_at', models.DateTimeField(verbose_name='chosen at')),
                ('invited_at', models.DateTimeField(null=True, verbose_name='invited at')),
                ('invited_by', models.CharField(blank=True, max_length=64, verbose_name='invited by')),
            ],
            options={
                'verbose_name': 'nudge',
                'verbose_name_plural': 'nudges',
                'ordering': ['-week_on', 'rep_id', 'pair', 'is_control'],
                'constraints': [models.UniqueConstraint(fields=('week_on', 'account_id'), name='nudge_once_a_week')],
            },
        ),
    ]
