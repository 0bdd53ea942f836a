"""Indexes that pages need."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of what an item replaces holds only the items that were replaced: the planner sees how few they are."""

    dependencies = [("erp_sync", "0006_imported")]
    operations = [
        migrations.RemoveIndex(model_name="item", name="item_replaced_by"),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["replaced_by"], name="item_replaced_by", condition=models.Q(("replaced_by", ""), _negated=True)
            ),
        ),
    ]
