"""Payments and their allocations."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Payments and their allocations."""

    dependencies = [
        ("shop", "0004_after_order"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='FakeCharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                ('charged', models.DecimalField(decimal_places=2, max_digits=16)),
                ('currency', models.CharField(max_length=3)),
                ('state', models.CharField(default='open', max_length=20)),
                ('settles_at', models.DateTimeField(blank=True, null=True)),
                ('return_url', models.TextField(blank=True)),
                ('cancel_url', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'charge of the test provider',
                'verbose_name_plural': 'charges of the test provider',
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True, verbose_name='reference')),
                ('key', models.UUIDField()),
                ('session_id', models.CharField(blank=True, max_length=64)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='amount')),
                ('provider', models.CharField(max_length=30, verbose_name='provider')),
                ('provider_reference', models.CharField(blank=True, max_length=200, verbose_name="provider's reference")),
                ('charge', models.CharField(blank=True, max_length=200, verbose_name='charge')),
                ('go_url', models.TextField(blank=True)),
                ('go_fields', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('started', 'started'), ('pending', 'waiting for the money'), ('captured', 'received'), ('sent_to_erp', 'sent to the ERP'), ('booked', 'booked'), ('failed', 'failed'), ('abandoned', 'given up'), ('refunding', 'being refunded'), ('refunded', 'refunded'), ('needs_review', 'we are checking it')], default='started', max_length=20, verbose_name='state')),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='message')),
                ('created_at', models.DateTimeField(verbose_name='started')),
                ('captured_at', models.DateTimeField(blank=True, null=True, verbose_name='received')),
                ('written_at', models.DateTimeField(blank=True, null=True, verbose_name='in the ERP since')),
                ('booked_at', models.DateTimeField(blank=True, null=True, verbose_name='booked')),
                ('next_look_at', models.DateTimeField(blank=True, null=True)),
                ('looks', models.PositiveIntegerField(default=0, verbose_name='times asked')),
                ('erp_id', models.CharField(blank=True, max_length=64)),
                ('erp_number', models.CharField(blank=True, max_length=64, verbose_name='ERP number')),
                ('refund_reference', models.CharField(blank=True, max_length=40, verbose_name='reference of the refund')),
                ('refund_reason', models.CharField(blank=True, max_length=200, verbose_name='reason of the refund')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paid by')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='accounts.soldto', verbose_name='company')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invoice_erp_id', models.CharField(db_index=True, max_length=64)),
                ('number', models.CharField(max_length=64)),
                ('is_credit', models.BooleanField(default=False)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                ('discount', models.DecimalField(decimal_places=2, default=0, max_digits=16)),
                ('due', models.DecimalField(decimal_places=2, max_digits=16)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='allocations', to='shop.payment')),
            ],
            options={
                'verbose_name': 'allocation',
                'verbose_name_plural': 'allocations',
                'ordering': ['is_credit', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PaymentMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(blank=True, max_length=120)),
                ('message', models.CharField(blank=True, max_length=500)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='shop.payment')),
            ],
            options={
                'verbose_name': 'payment move',
                'verbose_name_plural': 'payment moves',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=30)),
                ('event_id', models.CharField(max_length=200)),
                ('kind', models.CharField(blank=True, max_length=100)),
                ('received_at', models.DateTimeField()),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='shop.payment')),
            ],
            options={
                'verbose_name': "provider's message",
                'verbose_name_plural': "provider's messages",
            },
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['sold_to', '-created_at'], name='payment_of_company'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('next_look_at__isnull', False)), fields=['next_look_at'], name='payment_to_look_at'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['state'], name='payment_state'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('sold_to', 'key'), name='payment_key_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_reference', ''), _negated=True), fields=('provider', 'provider_reference'), name='payment_provider_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_of_something'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.UniqueConstraint(fields=('payment', 'invoice_erp_id'), name='allocation_once'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('discount__gte', 0)), name='allocation_of_something'),
        ),
        migrations.AddConstraint(
            model_name='providerevent',
            constraint=models.UniqueConstraint(fields=('provider', 'event_id'), name='provider_event_once'),
        ),
    ]
