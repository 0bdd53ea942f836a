"""An address of the ERP that several customers share is there for each of them."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Who lost a shared address to another customer gets it back with the next full pull: no fingerprint stands."""

    dependencies: ClassVar = [
        ('erp_sync', '0012_documents'),
    ]

    operations: ClassVar = [
        migrations.AddConstraint(
            model_name='address',
            constraint=models.UniqueConstraint(fields=('customer', 'erp_id'), name='address_once'),
        ),
        migrations.AlterField(
            model_name='address',
            name='erp_id',
            field=models.CharField(max_length=64),
        ),
        migrations.RunSQL("UPDATE erp_sync_customer SET fingerprint = ''", migrations.RunSQL.noop),
    ]
