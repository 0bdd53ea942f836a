"""Health of the connection over time; what is announced."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Health of the connection over time; what is announced."""

    dependencies = [("erp_sync", "0008_attribute_labels")]

    operations = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(unique=True)),
                ("latency_ms", models.FloatField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("breaker", models.CharField(default="closed", max_length=10)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("mirror_lag_s", models.PositiveIntegerField(blank=True, null=True)),
                ("oldest_write_s", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "pulse of the ERP connection",
                "verbose_name_plural": "pulse of the ERP connection",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("texts", models.JSONField(default=dict)),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                ("made_by", models.CharField(blank=True, max_length=254, verbose_name="written by")),
                ("made_at", models.DateTimeField(verbose_name="written")),
            ],
            options={
                "verbose_name": "announcement",
                "verbose_name_plural": "announcements",
                "ordering": ["-starts_at"],
                "constraints": [models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="announcement_ends_after_it_starts")],
            },
        ),
    ]
