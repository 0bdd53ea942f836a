"""Partial refunds and refunds begun at the provider."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write a row for each refund that so far was two columns of its payment."""
    payment, refund = apps.get_model("shop", "Payment"), apps.get_model("shop", "Refund")
    states = {"refunding": "asked", "refunded": "booked"}
    for one in payment.objects.exclude(refund_reference="").iterator():
        refund.objects.create(
            payment=one,
            reference=one.refund_reference,
            amount=one.amount,
            reason=one.refund_reason,
            state=states.get(one.state, "given"),
            created_at=one.captured_at or one.created_at,
        )


# A release that still writes the two columns works on this schema; a later one drops them.
KEEP_COLUMNS = """
    ALTER TABLE shop_payment ALTER COLUMN refund_reference SET DEFAULT '', ALTER COLUMN refund_reason SET DEFAULT ''
"""


class Migration(migrations.Migration):
    """Partial refunds and refunds begun at the provider."""

    dependencies = [("shop", "0010_selling")]
    operations: list[Operation] = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=40, unique=True, verbose_name="reference")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="amount")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("by", models.CharField(blank=True, max_length=120, verbose_name="by")),
                ("is_from_provider", models.BooleanField(default=False, verbose_name="begun at the provider")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked for"),
                            ("given", "given back"),
                            ("booked", "given back and booked"),
                            ("refused", "refused"),
                        ],
                        default="asked",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="began")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="over")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refunds",
                        to="shop.payment",
                        verbose_name="payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["created_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")), fields=("payment",), name="refund_asked_one_at_a_time"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_of_something"),
                ],
            },
        ),
        migrations.AddField(
            model_name="fakecharge",
            name="refunds",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="payment", name="refund_reference"),
                migrations.RemoveField(model_name="payment", name="refund_reason"),
            ],
            database_operations=[migrations.RunSQL(KEEP_COLUMNS, migrations.RunSQL.noop)],
        ),
    ]
