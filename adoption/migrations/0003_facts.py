"""Enquiries, leads, quotes, costs, plans, goals, rates, calendars, and whose book it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Enquiries, leads, quotes, costs, plans, goals, rates, calendars, and whose book it is."""

    dependencies = [("adoption", "0002_adoptionreport"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lead_id', models.CharField(max_length=64, unique=True, verbose_name='key')),
                ('created_at', models.DateTimeField(db_index=True, verbose_name='time')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('identity_key', models.CharField(max_length=254, verbose_name='who')),
                ('account_id', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='company')),
            ],
            options={
                'verbose_name': 'lead',
                'verbose_name_plural': 'leads',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='QuoteFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quote_id', models.CharField(max_length=64, unique=True, verbose_name='quote')),
                ('account_id', models.CharField(db_index=True, max_length=64, verbose_name='company')),
                ('requested_at', models.DateTimeField(db_index=True, verbose_name='asked')),
                ('requested_by', models.CharField(blank=True, max_length=64, verbose_name='asked by')),
                ('first_response_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('status', models.CharField(choices=[('open', 'open'), ('won', 'won'), ('lost', 'lost'), ('expired', 'expired'), ('withdrawn', 'withdrawn')], default='open', max_length=10, verbose_name='status')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('order_key', models.CharField(blank=True, max_length=64, verbose_name='order')),
                ('is_test', models.BooleanField(default=False, verbose_name='test')),
            ],
            options={
                'verbose_name': 'quote',
                'verbose_name_plural': 'quotes',
                'ordering': ['-requested_at'],
            },
        ),
        migrations.AddField(
            model_name='orderchannel',
            name='impersonator_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='orderchannel',
            name='quote_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='orderchannel',
            name='session_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='orderchannel',
            name='submitted_by',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.CreateModel(
            name='CompanyBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('timezone', models.CharField(max_length=64, verbose_name='time zone')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('calendar', models.CharField(blank=True, max_length=64, verbose_name='calendar')),
                ('as_of', models.DateTimeField(verbose_name='facts up to')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='imported from')),
                ('imported_at', models.DateTimeField(verbose_name='imported')),
            ],
            options={
                'verbose_name': 'imported book',
                'verbose_name_plural': 'imported books',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_company_book')],
            },
        ),
        migrations.CreateModel(
            name='Cost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occurred_on', models.DateField(verbose_name='day')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=20, verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
            ],
            options={
                'verbose_name': 'cost',
                'verbose_name_plural': 'costs',
                'ordering': ['-occurred_on', 'channel', 'kind'],
                'constraints': [models.UniqueConstraint(fields=('occurred_on', 'channel', 'kind', 'currency'), name='cost_once', violation_error_message='There is a cost of this kind for this channel and day already. Change that one; nothing was saved.')],
            },
        ),
        migrations.CreateModel(
            name='Enquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enquiry_id', models.CharField(max_length=64, unique=True, verbose_name='key')),
                ('account_id', models.CharField(db_index=True, max_length=64, verbose_name='company')),
                ('occurred_at', models.DateTimeField(verbose_name='time')),
                ('medium', models.CharField(choices=[('phone', 'phone'), ('email', 'e-mail'), ('visit', 'visit'), ('fax', 'fax'), ('chat', 'chat')], max_length=10, verbose_name='how')),
                ('topic', models.CharField(choices=[('order_status', 'order status'), ('invoice', 'invoice'), ('return', 'return'), ('price', 'price'), ('product', 'item')], max_length=20, verbose_name='about')),
                ('intent', models.CharField(choices=[('service', 'service'), ('sales', 'sales')], default='service', max_length=10, verbose_name='intent')),
                ('logged_by', models.CharField(blank=True, max_length=64, verbose_name='written down by')),
            ],
            options={
                'verbose_name': 'enquiry',
                'verbose_name_plural': 'enquiries',
                'ordering': ['-occurred_at'],
                'indexes': [models.Index(fields=['occurred_at'], name='enquiry_time')],
            },
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('since_on', models.DateField(verbose_name='from')),
                ('rate', models.DecimalField(decimal_places=15, max_digits=30, verbose_name='rate')),
            ],
            options={
                'verbose_name': 'exchange rate',
                'verbose_name_plural': 'exchange rates',
                'ordering': ['currency', 'since_on'],
                'constraints': [models.UniqueConstraint(fields=('currency', 'since_on'), name='rate_once'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='rate_positive', violation_error_message='A rate is more than 0. Nothing was saved.')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.CharField(max_length=64, verbose_name='calendar')),
                ('day', models.DateField(verbose_name='day')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'ordering': ['calendar', 'day'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='holiday_once')],
            },
        ),
        migrations.CreateModel(
            name='OpeningInterval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.CharField(max_length=64, verbose_name='calendar')),
                ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday')),
                ('opens', models.TimeField(verbose_name='opens')),
                ('closes', models.TimeField(verbose_name='closes')),
            ],
            options={
                'verbose_name': 'opening hours',
                'verbose_name_plural': 'opening hours',
                'ordering': ['calendar', 'weekday', 'opens'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'weekday', 'opens'), name='interval_once'), models.CheckConstraint(condition=models.Q(('weekday__gte', 1), ('weekday__lte', 7)), name='interval_weekday', violation_error_message='A weekday is 1 (Monday) to 7 (Sunday). Nothing was saved.'), models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='interval_order', violation_error_message='It closes before it opens. Nothing was saved.')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('metric', models.CharField(default='net_sales', max_length=40, verbose_name='metric')),
                ('scope', models.CharField(default='total', max_length=40, verbose_name='scope')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=20, verbose_name='amount')),
            ],
            options={
                'verbose_name': 'plan',
                'verbose_name_plural': 'plans',
                'ordering': ['-year', 'metric', 'scope'],
                'constraints': [models.UniqueConstraint(fields=('year', 'metric', 'scope'), name='plan_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='plan_not_negative', violation_error_message='A plan is 0 or more. Nothing was saved.')],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal_id', models.CharField(max_length=64, unique=True, verbose_name='key')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('metric', models.CharField(max_length=80, verbose_name='metric')),
                ('baseline', models.DecimalField(decimal_places=8, max_digits=24, verbose_name='from')),
                ('target', models.DecimalField(decimal_places=8, max_digits=24, verbose_name='to')),
                ('start_on', models.DateField(verbose_name='begins')),
                ('due_on', models.DateField(verbose_name='due')),
                ('period_key', models.CharField(blank=True, max_length=20, verbose_name='period that is measured')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'goal',
                'verbose_name_plural': 'goals',
                'ordering': ['due_on', 'goal_id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('start_on'))), name='goal_has_time', violation_error_message='The goal is due before it begins. Nothing was saved.')],
            },
        ),
    ]
