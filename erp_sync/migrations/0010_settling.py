"""Differences that a person settles, rounds of comparison, trust."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Differences that a person settles, rounds of comparison, trust."""

    dependencies = [("erp_sync", "0009_connection")]

    operations = [
        migrations.CreateModel(
            name="CustomerTrust",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_erp_id", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="customer")),
                ("orders", models.PositiveIntegerField(verbose_name="orders that are over")),
                ("kept", models.PositiveIntegerField(verbose_name="as promised")),
                ("price_kept", models.PositiveIntegerField(verbose_name="no price break")),
                ("complete", models.PositiveIntegerField(verbose_name="no shortage")),
                ("on_time", models.PositiveIntegerField(verbose_name="on time")),
                ("billed", models.PositiveIntegerField(verbose_name="billed as ordered")),
                ("computed_at", models.DateTimeField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "trust score",
                "verbose_name_plural": "trust scores",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="outboxrow",
            name="erp_total",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="total in the ERP"),
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.CharField(choices=[("hourly", "documents of the last day"), ("nightly", "documents of the last 90 days"), ("prices", "prices of a sample")], max_length=10, verbose_name="round")),
                ("started_at", models.DateTimeField(verbose_name="began")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("compared", models.PositiveIntegerField(default=0, verbose_name="compared")),
                ("different", models.PositiveIntegerField(default=0, verbose_name="different")),
                ("unanswered", models.PositiveIntegerField(default=0, verbose_name="not answered")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="error")),
            ],
            options={
                "verbose_name": "comparison with the ERP",
                "verbose_name_plural": "comparisons with the ERP",
                "ordering": ["-started_at"],
                "indexes": [models.Index(fields=["round", "-started_at"], name="comparison_latest")],
            },
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(choices=[("order", "order"), ("payment", "payment"), ("return", "return"), ("price", "price")], max_length=10, verbose_name="subject")),
                ("kind", models.CharField(choices=[("missing", "missing in the ERP"), ("double", "twice in the ERP"), ("ghost", "unknown or refused here"), ("total", "another total"), ("line", "other lines"), ("cancelled", "undone in the ERP"), ("price", "another price")], max_length=10, verbose_name="difference")),
                ("reference", models.CharField(max_length=160, verbose_name="reference")),
                ("customer_erp_id", models.CharField(blank=True, max_length=64)),
                ("ours", models.JSONField(default=dict)),
                ("theirs", models.JSONField(default=dict)),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen")),
                ("gone_at", models.DateTimeField(blank=True, null=True, verbose_name="agrees again since")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                ("settled_by", models.CharField(blank=True, max_length=254, verbose_name="settled by")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="what was done")),
            ],
            options={
                "verbose_name": "difference to the ERP",
                "verbose_name_plural": "differences to the ERP",
                "ordering": ["-last_seen_at", "reference"],
                "indexes": [models.Index(condition=models.Q(("gone_at__isnull", True), ("settled_at__isnull", True)), fields=["first_seen_at"], name="difference_open")],
                "constraints": [models.UniqueConstraint(fields=("subject", "kind", "reference"), name="difference_once")],
            },
        ),
    ]
