"""Answers of buyers by day; when sessions began and which orders are tests is read from indexes alone."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

TESTS = "CREATE INDEX CONCURRENTLY books_order_test ON erp_sync_order (web_reference) WHERE is_test"

ONCE = ("account_id", "day", "survey", "user_id", "session_id", "score", "answered_at")


class Migration(migrations.Migration):
    """A new table, which the next run of the sums fills; indexes are built beside the shop's work."""

    atomic = False
    dependencies: ClassVar = [("adoption", "0010_leads")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="AnswerDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(blank=True, max_length=64)),
                ("day", models.DateField()),
                ("survey", models.CharField(blank=True, max_length=10)),
                ("user_id", models.CharField(blank=True, max_length=64)),
                ("session_id", models.CharField(blank=True, max_length=64)),
                ("score", models.CharField(blank=True, max_length=40)),
                ("answered_at", models.DateTimeField()),
                ("asked", models.IntegerField(default=0)),
                ("answers", models.IntegerField(default=0)),
            ],
            options={
                "verbose_name": "answers of a day",
                "verbose_name_plural": "answers by day",
                "indexes": [models.Index(fields=["day"], name="answer_day_day")],
                "constraints": [models.UniqueConstraint(fields=ONCE, name="answer_day_once")],
            },
        ),
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["session_id", "occurred_at"], name="event_begun", condition=models.Q(("kind", "session_start"))
            ),
        ),
        RemoveIndexConcurrently("event", "event_session"),
        migrations.RunSQL(TESTS, "DROP INDEX books_order_test"),
    ]
