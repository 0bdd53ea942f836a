"""Returns, wishes for a change, links to the missing-goods report."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Returns, wishes for a change, links to the missing-goods report."""

    dependencies = [
        ("shop", "0003_quotes"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='OrderShape',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_erp_id', models.CharField(max_length=64, unique=True)),
                ('shape', models.JSONField(default=dict)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'shape of an order',
                'verbose_name_plural': 'shapes of orders',
            },
        ),
        migrations.CreateModel(
            name='WatchMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, unique=True)),
                ('seen_until', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'mark of the watch',
                'verbose_name_plural': 'marks of the watch',
            },
        ),
        migrations.CreateModel(
            name='ReportLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('label', models.CharField(blank=True, max_length=80)),
                ('filters', models.JSONField(blank=True, default=dict)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='report_links', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'link to the missing-goods report',
                'verbose_name_plural': 'links to the missing-goods report',
                'ordering': ['-made_at'],
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('form_key', models.UUIDField()),
                ('state', models.CharField(choices=[('asked', 'asked for'), ('with_us', 'one of us is looking at it'), ('approved', 'approved'), ('received', 'received'), ('credited', 'credited'), ('refused', 'refused')], default='asked', max_length=10)),
                ('order_number', models.CharField(max_length=64)),
                ('order_erp_id', models.CharField(max_length=64)),
                ('order_line_erp_id', models.CharField(db_index=True, max_length=64)),
                ('line_no', models.PositiveIntegerField()),
                ('sku', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('quantity', models.DecimalField(decimal_places=4, max_digits=16)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(choices=[('wrong_item', 'Wrong item delivered'), ('damaged', 'Arrived damaged'), ('faulty', 'Does not work as it should'), ('too_many', 'More delivered than ordered'), ('too_late', 'Came too late'), ('not_needed', 'No longer needed'), ('other', 'Something else')], max_length=20)),
                ('description', models.CharField(blank=True, max_length=1000)),
                ('asked_at', models.DateTimeField()),
                ('erp_id', models.CharField(blank=True, max_length=64)),
                ('erp_number', models.CharField(blank=True, max_length=64)),
                ('erp_message', models.CharField(blank=True, max_length=500)),
                ('credit_number', models.CharField(blank=True, max_length=64)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assisted', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.assistedsession')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'return',
                'verbose_name_plural': 'returns',
                'ordering': ['-asked_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ReturnMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'asked for'), ('with_us', 'one of us is looking at it'), ('approved', 'approved'), ('received', 'received'), ('credited', 'credited'), ('refused', 'refused')], max_length=10)),
                ('at', models.DateTimeField()),
                ('message', models.CharField(blank=True, max_length=500)),
                ('asked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='shop.return')),
            ],
            options={
                'verbose_name': 'step of a return',
                'verbose_name_plural': 'steps of returns',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='return',
            name='files',
            field=models.ManyToManyField(blank=True, related_name='+', to='shop.storedfile'),
        ),
        migrations.CreateModel(
            name='WeeklyReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weekly_reports', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'weekly missing-goods report',
                'verbose_name_plural': 'weekly missing-goods reports',
            },
        ),
        migrations.CreateModel(
            name='OrderWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('kind', models.CharField(choices=[('cancel', 'cancel the order'), ('change', 'change the order')], max_length=10)),
                ('state', models.CharField(choices=[('asked', 'asked for, waiting for the ERP'), ('with_us', 'one of us is looking at it'), ('done', 'done'), ('refused', 'refused by the ERP')], default='asked', max_length=10)),
                ('order_number', models.CharField(max_length=64)),
                ('order_erp_id', models.CharField(max_length=64)),
                ('order_reference', models.CharField(blank=True, max_length=40)),
                ('requested_on', models.DateField(blank=True, null=True)),
                ('ship_to_erp_id', models.CharField(blank=True, max_length=64, null=True)),
                ('ship_to', models.CharField(blank=True, max_length=500)),
                ('customer_reference', models.CharField(blank=True, max_length=120, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('erp_message', models.CharField(blank=True, max_length=500)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assisted', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.assistedsession')),
                ('sold_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_wishes', to='accounts.soldto')),
            ],
            options={
                'verbose_name': 'change of an order',
                'verbose_name_plural': 'changes of orders',
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'with_us'])), fields=('sold_to', 'order_erp_id'), name='one_open_wish_of_an_order')],
            },
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['sold_to', '-asked_at'], name='shop_return_of_company'),
        ),
        migrations.AddConstraint(
            model_name='weeklyreport',
            constraint=models.UniqueConstraint(fields=('sold_to', 'person'), name='weekly_report_once'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.UniqueConstraint(fields=('sold_to', 'form_key'), name='return_form_once'),
        ),
    ]
