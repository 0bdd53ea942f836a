"""Indexes that hold what pages ask of them, so that no row behind them is read; lists of accounts are kept as they are.

The tables of sums are caches: none of them has a row that says anything new, and pages say the same before and after.
Indexes are built beside the shop's work.
"""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

MIRROR = ("erp_sync_order", "erp_sync_delivery", "erp_sync_invoice", "erp_sync_payment")


def _once(model: str, name: str, fields: list[str], holds: list[str]) -> migrations.SeparateDatabaseAndState:
    """Return that a unique key holds more; the old one stays until the new one is whole."""
    table = f"adoption_{model}"
    new = f"CREATE UNIQUE INDEX CONCURRENTLY {name}_new ON {table} ({', '.join(fields)}) INCLUDE ({', '.join(holds)})"
    old = f"CREATE UNIQUE INDEX CONCURRENTLY {name}_new ON {table} ({', '.join(fields)})"
    swap = f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} UNIQUE USING INDEX {name}_new"
    return migrations.SeparateDatabaseAndState(
        # Undone backwards: the last one makes the index, the first one takes it.
        database_operations=[
            migrations.RunSQL(new, swap),
            migrations.RunSQL(swap, old),
        ],
        state_operations=[
            migrations.RemoveConstraint(model, name),
            migrations.AddConstraint(model, models.UniqueConstraint(fields=fields, include=holds, name=name)),
        ],
    )


def _stored(table: str) -> migrations.RunSQL:
    """Return that a long list of accounts is stored without compressing it, which took longer than reading it."""
    words = f"ALTER TABLE {table} ALTER COLUMN who SET STORAGE"
    return migrations.RunSQL(f"{words} EXTERNAL", f"{words} EXTENDED")


def _gone(table: str) -> migrations.RunSQL:
    """Return that what the ERP took away lately is found without reading all there is."""
    name = f"books_{table.removeprefix('erp_sync_')}_gone"
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {name} ON {table} (gone_at) WHERE gone_at IS NOT NULL", f"DROP INDEX {name}"
    )


class Migration(migrations.Migration):
    """New indexes of sums and of the mirror."""

    atomic = False
    dependencies: ClassVar = [("adoption", "0011_speed")]

    operations: ClassVar = [
        _once("orderday", "order_day_once", ["account_id", "day", "channel"], ["orders", "value", "unconverted"]),
        _once("loginday", "login_day_once", ["account_id", "day", "user_id"], ["events"]),
        AddIndexConcurrently(
            "hourday",
            models.Index(
                fields=["day"],
                include=["channel", "weekday", "hour", "orders"],
                condition=models.Q(("account_id", "\N{N-ARY SUMMATION}")),
                name="hour_day_all",
            ),
        ),
        RemoveIndexConcurrently("lineday", "line_day_missing"),
        AddIndexConcurrently(
            "lineday",
            models.Index(
                fields=["day"],
                include=["account_id", "channel", "promised_on", "missing"],
                condition=models.Q(("missing__gt", 0)),
                name="line_day_missing",
            ),
        ),
        RemoveIndexConcurrently("activitymonth", "activity_month_month"),
        AddIndexConcurrently(
            "activitymonth",
            models.Index(fields=["month", "kind"], include=["account_id", "counted"], name="activity_month_month"),
        ),
        _stored("adoption_orderday"),
        _stored("adoption_ordermonth"),
        *(_gone(table) for table in MIRROR),
    ]
