"""What the ERP calls the attributes of its items."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Items keep the labels of their attributes."""

    dependencies = [("erp_sync", "0007_indexes")]
    operations = [
        migrations.AddField(model_name="item", name="attribute_labels", field=models.JSONField(default=dict)),
    ]
