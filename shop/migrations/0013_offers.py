"""Offers, and what orders took of them."""

from typing import ClassVar

import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('accounts', '0005_company_rules'),
        ('shop', '0012_payments_more'),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.JSONField(default=dict)),
                ('texts', models.JSONField(default=dict)),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='until')),
                ('audience', models.CharField(choices=[('all', 'every company'), ('price_list', 'companies with one price list'), ('chosen', 'companies chosen below'), ('new', 'companies whose first person joins the shop on these days (sign-up credit)')], default='all', max_length=20, verbose_name='for whom')),
                ('price_list', models.CharField(blank=True, max_length=64, verbose_name='price list')),
                ('gives', models.CharField(choices=[('percent', 'percent'), ('amount', 'amount, untaxed')], default='percent', max_length=10, verbose_name='gives')),
                ('value', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='how much')),
                ('minimum', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='from an order value of')),
                ('category_erp_id', models.CharField(blank=True, max_length=64, verbose_name='category')),
                ('skus', models.JSONField(blank=True, default=list, verbose_name='items')),
                ('is_once', models.BooleanField(default=False, verbose_name='once for each company')),
                ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='total budget')),
                ('used', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=14)),
                ('is_self_service', models.BooleanField(default=True, verbose_name='only when the customer orders himself')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('companies', models.ManyToManyField(blank=True, related_name='offers', to='accounts.soldto', verbose_name='companies')),
            ],
            options={
                'verbose_name': 'offer',
                'verbose_name_plural': 'offers',
                'ordering': ['-ends_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='OfferUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_key', models.UUIDField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('words', models.CharField(max_length=200, verbose_name='discount')),
                ('line_nos', models.JSONField(default=list)),
                ('rule', models.JSONField(default=dict)),
                ('is_once', models.BooleanField(default=False)),
                ('is_released', models.BooleanField(default=False, verbose_name='given back')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='shop.offer', verbose_name='offer')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offer_uses', to='accounts.soldto', verbose_name='company')),
            ],
            options={
                'verbose_name': 'discount taken',
                'verbose_name_plural': 'discounts taken',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='offer_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='offer_gives_something'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('used__lte', models.F('budget')), _connector='OR'), name='offer_within_its_budget'),
        ),
        migrations.AddConstraint(
            model_name='offeruse',
            constraint=models.UniqueConstraint(fields=('sold_to', 'order_key'), name='discount_of_an_order_once'),
        ),
        migrations.AddConstraint(
            model_name='offeruse',
            constraint=models.UniqueConstraint(condition=models.Q(('is_once', True), ('is_released', False)), fields=('offer', 'sold_to'), name='offer_once_for_a_company'),
        ),
    ]
