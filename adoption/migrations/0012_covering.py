"""Indexes that hold what pages ask of them, so that no row behind them is read; lists of accounts are kept as they are.

The tables are caches: none of them has a row that says anything new, and pages say the same before and after.
"""

from typing import ClassVar

from django.db import migrations, models

PLAIN = "ALTER TABLE {0} ALTER COLUMN who SET STORAGE {1}"


def _stored(table: str) -> migrations.RunSQL:
    """Return that a long list of accounts is stored without compressing it, which took longer than reading it."""
    return migrations.RunSQL(PLAIN.format(table, "EXTERNAL"), PLAIN.format(table, "EXTENDED"))


class Migration(migrations.Migration):
    """New indexes of sums."""

    dependencies: ClassVar = [("adoption", "0011_speed")]

    operations: ClassVar = [
        migrations.RemoveConstraint("orderday", "order_day_once"),
        migrations.AddConstraint(
            "orderday",
            models.UniqueConstraint(
                fields=["account_id", "day", "channel"],
                include=["orders", "value", "unconverted"],
                name="order_day_once",
            ),
        ),
        migrations.RemoveConstraint("loginday", "login_day_once"),
        migrations.AddConstraint(
            "loginday",
            models.UniqueConstraint(
                fields=["account_id", "day", "user_id"], include=["events"], name="login_day_once"
            ),
        ),
        migrations.AddIndex(
            "hourday",
            models.Index(
                fields=["day"],
                include=["channel", "weekday", "hour", "orders"],
                condition=models.Q(("account_id", "\N{N-ARY SUMMATION}")),
                name="hour_day_all",
            ),
        ),
        migrations.RemoveIndex("lineday", "line_day_missing"),
        migrations.AddIndex(
            "lineday",
            models.Index(
                fields=["day"],
                include=["account_id", "channel", "promised_on", "missing"],
                condition=models.Q(("missing__gt", 0)),
                name="line_day_missing",
            ),
        ),
        migrations.RemoveIndex("activitymonth", "activity_month_month"),
        migrations.AddIndex(
            "activitymonth",
            models.Index(fields=["month", "kind"], include=["account_id", "counted"], name="activity_month_month"),
        ),
        _stored("adoption_orderday"),
        _stored("adoption_ordermonth"),
    ]
