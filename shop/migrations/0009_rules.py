"""Approval rules, cost centres and budgets."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Approval rules, cost centres and budgets."""

    dependencies = [("shop", "0008_lists"), ("accounts", "0005_company_rules")]
    operations = [
        migrations.AddField(
            model_name='order',
            name='approved_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='order',
            name='cost_centre',
            field=models.CharField(blank=True, db_default='', default='', max_length=130),
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('channel', models.CharField(max_length=20)),
                ('session_id', models.CharField(blank=True, max_length=64)),
                ('order_key', models.UUIDField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('content_hash', models.CharField(max_length=64)),
                ('sent_hash', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('waiting', 'waiting for approval'), ('approved', 'approved'), ('declined', 'declined'), ('taken_back', 'back in the basket')], default='waiting', max_length=20)),
                ('customer_reference', models.CharField(blank=True, max_length=120)),
                ('ship_to_erp_id', models.CharField(max_length=64)),
                ('ship_to', models.CharField(blank=True, max_length=500)),
                ('requested_on', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('currency', models.CharField(max_length=3)),
                ('untaxed_total', models.DecimalField(decimal_places=2, max_digits=16)),
                ('tax_total', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ('total', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ('asked_at', models.DateTimeField()),
                ('prices_valid_until', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('stuck_at', models.DateTimeField(blank=True, null=True)),
                ('order_reference', models.CharField(blank=True, max_length=40)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assisted', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.assistedsession')),
                ('cost_centre', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.costcentre')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'approval',
                'verbose_name_plural': 'approvals',
                'ordering': ['-asked_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ApprovalLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveIntegerField()),
                ('sku', models.CharField(max_length=64)),
                ('item_erp_id', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=300)),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16)),
                ('unit', models.CharField(max_length=40)),
                ('net_price', models.DecimalField(decimal_places=4, max_digits=16)),
                ('list_price', models.DecimalField(decimal_places=4, max_digits=16, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('price_list', models.CharField(blank=True, max_length=64)),
                ('price_rule', models.CharField(blank=True, max_length=120)),
                ('price_break', models.DecimalField(decimal_places=4, max_digits=16, null=True)),
                ('price_as_of', models.DateTimeField()),
                ('price_source', models.CharField(max_length=20)),
                ('price_request_id', models.CharField(blank=True, max_length=64)),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='shop.approval')),
            ],
            options={
                'verbose_name': 'line to approve',
                'verbose_name_plural': 'lines to approve',
                'ordering': ['line_no'],
            },
        ),
        migrations.CreateModel(
            name='ApprovalMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('what', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(blank=True, max_length=120)),
                ('message', models.CharField(blank=True, max_length=300)),
                ('untaxed_total', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='shop.approval')),
            ],
            options={
                'verbose_name': 'move of an approval',
                'verbose_name_plural': 'moves of approvals',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ApprovalRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('role', models.CharField(blank=True, choices=[('buyer', 'buyer'), ('approver', 'approver'), ('admin', 'company administrator')], max_length=20, verbose_name='orders of')),
                ('category_erp_id', models.CharField(blank=True, max_length=64, verbose_name='item group')),
                ('order_over', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='above this amount of an order')),
                ('period_over', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='above this amount of a period')),
                ('period', models.CharField(choices=[('month', 'month'), ('quarter', 'quarter'), ('year', 'year')], default='month', max_length=10, verbose_name='period')),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
                ('changed_at', models.DateTimeField()),
                ('approver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.membership', verbose_name='approved by')),
                ('cost_centre', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.costcentre', verbose_name='cost centre')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approval_rules', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'approval rule',
                'verbose_name_plural': 'approval rules',
                'ordering': ['order_over', 'name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ApprovalStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('cause', models.CharField(max_length=20)),
                ('params', models.JSONField(default=dict)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='shop.approval')),
                ('approver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.membership')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reason for an approval',
                'verbose_name_plural': 'reasons for approvals',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='BudgetPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('used', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('cost_centre', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='accounts.costcentre')),
            ],
            options={
                'verbose_name': 'budget of a period',
                'verbose_name_plural': 'budgets by period',
                'ordering': ['-starts_on'],
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_key', models.UUIDField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                ('on', models.DateField()),
                ('is_released', models.BooleanField(default=False)),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commitments', to='shop.budgetperiod')),
                ('cost_centre', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.costcentre')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'amount committed',
                'verbose_name_plural': 'amounts committed',
            },
        ),
        migrations.AddIndex(
            model_name='approval',
            index=models.Index(fields=['sold_to', '-asked_at'], name='approval_of_company'),
        ),
        migrations.AddIndex(
            model_name='approval',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['sold_to'], name='approval_waiting'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('sold_to', 'order_key'), name='approval_key_once'),
        ),
        migrations.AddConstraint(
            model_name='approvalline',
            constraint=models.UniqueConstraint(fields=('approval', 'line_no'), name='approval_line_once'),
        ),
        migrations.AddIndex(
            model_name='approvalrule',
            index=models.Index(condition=models.Q(('is_active', True)), fields=['sold_to'], name='approval_rule_in_force'),
        ),
        migrations.AddConstraint(
            model_name='budgetperiod',
            constraint=models.UniqueConstraint(fields=('cost_centre', 'starts_on'), name='budget_period_once'),
        ),
        migrations.AddConstraint(
            model_name='budgetperiod',
            constraint=models.CheckConstraint(condition=models.Q(('used__gte', 0)), name='budget_used_not_negative'),
        ),
        migrations.AddIndex(
            model_name='commitment',
            index=models.Index(condition=models.Q(('is_released', False)), fields=['sold_to', 'on'], name='committed_lately'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.UniqueConstraint(fields=('sold_to', 'order_key'), name='committed_once'),
        ),
    ]
