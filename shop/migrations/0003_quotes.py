"""Quotes: what was asked for, every answer, every move, and the guard rails."""


import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Quotes: what was asked for, every answer, every move, and the guard rails."""

    dependencies = [
        ("shop", "0002_messages"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('origin', models.CharField(choices=[('shop', 'in the shop'), ('erp', 'in the ERP')], default='shop', max_length=10)),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('session_id', models.CharField(blank=True, max_length=64)),
                ('request_key', models.UUIDField()),
                ('state', models.CharField(choices=[('requested', 'asked for'), ('answered', 'answered'), ('change_asked', 'change asked for'), ('accepted', 'accepted'), ('declined', 'declined'), ('expired', 'expired'), ('withdrawn', 'withdrawn')], default='requested', max_length=20)),
                ('note', models.CharField(blank=True, max_length=2000)),
                ('customer_reference', models.CharField(blank=True, max_length=120)),
                ('ship_to_erp_id', models.CharField(blank=True, max_length=64)),
                ('requested_on', models.DateField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('price_list', models.CharField(blank=True, max_length=64)),
                ('requested_at', models.DateTimeField()),
                ('answer_by_at', models.DateTimeField(blank=True, null=True)),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('first_response_at', models.DateTimeField(blank=True, null=True)),
                ('response_minutes', models.PositiveIntegerField(blank=True, null=True)),
                ('current_version', models.PositiveIntegerField(default=0)),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('warned_for', models.DateField(blank=True, null=True)),
                ('extensions', models.PositiveIntegerField(default=0)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decline_reason', models.CharField(blank=True, max_length=500)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('erp_id', models.CharField(blank=True, max_length=64)),
                ('erp_number', models.CharField(blank=True, max_length=64)),
                ('erp_message', models.CharField(blank=True, max_length=500)),
                ('erp_version', models.DateTimeField(blank=True, null=True)),
                ('assisted', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.assistedsession')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('files', models.ManyToManyField(blank=True, related_name='+', to='shop.storedfile')),
                ('order', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quote', to='shop.order')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'quote',
                'verbose_name_plural': 'quotes',
                'ordering': ['-requested_at'],
            },
        ),
        migrations.CreateModel(
            name='QuoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveIntegerField()),
                ('sku', models.CharField(blank=True, max_length=64)),
                ('item_erp_id', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(blank=True, max_length=300)),
                ('text', models.CharField(blank=True, max_length=500)),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('seen_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('list_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='shop.quote')),
            ],
            options={
                'verbose_name': 'line asked for',
                'verbose_name_plural': 'lines asked for',
                'ordering': ['line_no'],
            },
        ),
        migrations.CreateModel(
            name='QuoteMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(blank=True, max_length=120)),
                ('message', models.CharField(blank=True, max_length=500)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='shop.quote')),
            ],
            options={
                'verbose_name': 'quote move',
                'verbose_name_plural': 'quote moves',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='QuoteVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('source', models.CharField(choices=[('rep', 'sales rep'), ('automatic', 'automatic'), ('erp', 'in the ERP')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('valid_until', models.DateField()),
                ('terms', models.CharField(blank=True, max_length=500)),
                ('note', models.CharField(blank=True, max_length=2000)),
                ('currency', models.CharField(max_length=3)),
                ('untaxed_total', models.DecimalField(decimal_places=2, max_digits=16)),
                ('total', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('content_hash', models.CharField(max_length=64)),
                ('erp_state', models.CharField(default='queued', max_length=10)),
                ('erp_message', models.CharField(blank=True, max_length=500)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='shop.quote')),
            ],
            options={
                'verbose_name': 'version of a quote',
                'verbose_name_plural': 'versions of quotes',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='QuoteVersionLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveIntegerField()),
                ('asked_line_no', models.PositiveIntegerField(null=True)),
                ('sku', models.CharField(blank=True, max_length=64)),
                ('item_erp_id', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(max_length=300)),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('list_price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('net_price', models.DecimalField(decimal_places=4, max_digits=16)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                ('delivery_on', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='shop.quoteversion')),
            ],
            options={
                'verbose_name': 'line offered',
                'verbose_name_plural': 'lines offered',
                'ordering': ['line_no'],
            },
        ),
        migrations.CreateModel(
            name='GuardRails',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('max_discount', models.DecimalField(decimal_places=2, max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='most discount on list price, %')),
                ('min_margin', models.DecimalField(decimal_places=2, max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='least margin on the price, %')),
                ('valid_days', models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='days an answer holds')),
                ('may_answer_automatically', models.BooleanField(default=True, verbose_name='answer automatically after hours')),
                ('rep', models.OneToOneField(blank=True, limit_choices_to={'staff_role': 'rep'}, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sales rep')),
                ('sold_to', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.soldto', verbose_name='company')),
            ],
            options={
                'verbose_name': 'guard rails of quotes',
                'verbose_name_plural': 'guard rails of quotes',
                'constraints': [models.CheckConstraint(condition=models.Q(('sold_to__isnull', True), ('rep__isnull', True), _connector='OR'), name='guard_rails_of_one', violation_error_message='Choose a company or a sales rep, not both. Nothing was saved.'), models.UniqueConstraint(models.Value(1), condition=models.Q(('rep__isnull', True), ('sold_to__isnull', True)), name='guard_rails_for_everybody_once', violation_error_message='There are guard rails for everybody already: change those.')],
            },
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(fields=['sold_to', '-requested_at'], name='shop_quote_of_company'),
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(fields=['state', 'answer_by_at'], name='shop_quote_clock'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(fields=('sold_to', 'request_key'), name='quote_request_once'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(condition=models.Q(('erp_id', ''), _negated=True), fields=('erp_id',), name='quote_erp_once'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('order__isnull', True), ('state', 'accepted'), _connector='OR'), name='quote_with_order_is_accepted'),
        ),
        migrations.AddConstraint(
            model_name='quoteline',
            constraint=models.UniqueConstraint(fields=('quote', 'line_no'), name='quote_line_once'),
        ),
        migrations.AddConstraint(
            model_name='quoteline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='quote_quantity_positive'),
        ),
        migrations.AddConstraint(
            model_name='quoteline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sku', ''), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='quote_line_says_what'),
        ),
        migrations.AddConstraint(
            model_name='quoteversion',
            constraint=models.UniqueConstraint(fields=('quote', 'number'), name='quote_version_once'),
        ),
        migrations.AddConstraint(
            model_name='quoteversionline',
            constraint=models.UniqueConstraint(fields=('version', 'line_no'), name='quote_version_line_once'),
        ),
        migrations.AddConstraint(
            model_name='quoteversionline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='quote_offer_quantity_positive'),
        ),
        migrations.AddConstraint(
            model_name='quoteversionline',
            constraint=models.CheckConstraint(condition=models.Q(('net_price__gte', 0)), name='quote_offer_price_not_negative'),
        ),
    ]
