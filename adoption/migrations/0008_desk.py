"""What reps log, and what selling is measured by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """What reps log, and what selling is measured by."""

    dependencies = [("adoption", "0007_sums")]
    operations = [
        migrations.CreateModel(
            name="AccountScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(max_length=64, unique=True, verbose_name="company")),
                ("score", models.DecimalField(decimal_places=1, max_digits=4, verbose_name="score")),
                ("band", models.CharField(max_length=20, verbose_name="band")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "adoption score",
                "verbose_name_plural": "adoption scores",
                "ordering": ["account_id"],
            },
        ),
    ]
