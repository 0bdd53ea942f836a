"""The questions of report pages: to the sums, to the plain facts, and to DuckDB over the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Case, Value, When

from accounts.signals import Fact, Who
from adoption.books import keeping, rollups, selectors, states, touched
from adoption.books.keeping import FAMILIES
from adoption.books.sums import LoginDay
from adoption.company import Company
from adoption.events.models import Event
from adoption.events.recorder import record_all
from adoption.metrics.facts import Period, Settings
from adoption.metrics.period import months_after
from adoption.reports import pages, scenes
from adoption.reports.sections import registry
from adoption.reports.sections.scene import Section
from benchmarks.adoption_world import AS_OF
from erp_sync.mirror.models import Order

Ask = Callable[[], object]
QUARTER = Period(dt.date(2025, 10, 1), dt.date(2025, 12, 31))
MONTHS = [months_after(dt.date(2025, 12, 1), -back) for back in range(24)]
ONLINE = ("web_self", "punchout")
DAY = dt.date(2025, 11, 12)
ASKED: dict[str, dict[str, str]] = {
    "": {"period": "last_quarter"},
    ", 12 months beside those before": {"period": "last_12", "compare": "year"},
    ", all but strategic": {"period": "last_quarter", "segment": "others"},
}
ZONE = "Europe/Madrid"

# The same three questions, in words that both databases understand.
FACTS = {
    "orders and value by month, account, channel": """
        SELECT date_trunc('month', {local}) AS m, o.customer_erp_id, c.channel, count(DISTINCT o.id),
               sum((l.quantity - l.quantity_cancelled) * l.net_price)
          FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
          JOIN adoption_orderchannel c
            ON c.order_key = CASE WHEN o.web_reference = '' THEN o.erp_id ELSE o.web_reference END
         WHERE o.status IN ('open', 'completed') GROUP BY 1, 2, 3""",
    "cohorts: months with an online order by account": """
        SELECT DISTINCT o.customer_erp_id, date_trunc('month', {local})
          FROM erp_sync_order o JOIN adoption_orderchannel c
            ON c.order_key = CASE WHEN o.web_reference = '' THEN o.erp_id ELSE o.web_reference END
         WHERE c.channel IN ('web_self', 'punchout') AND o.status IN ('open', 'completed')""",
    "log-ins of a month: people, days, events by account": """
        SELECT e.account_id, count(*), count(DISTINCT e.user_id)
          FROM adoption_event e
         WHERE e.kind = 'login' AND e.occurred_at >= {begin} AND e.occurred_at < {end} GROUP BY 1""",
}
TABLES = {
    "erp_sync_order": f"""id, erp_id, web_reference, customer_erp_id, status,
        placed_at AT TIME ZONE '{ZONE}' AS placed_at""",
    "erp_sync_orderline": "order_id, quantity, quantity_cancelled, net_price",
    "adoption_orderchannel": "order_key, channel",
    "adoption_event": f"kind, account_id, user_id, occurred_at AT TIME ZONE '{ZONE}' AS occurred_at",
}


class Questions:
    """Asks one database, as pages do."""

    def __init__(self, now: dt.datetime) -> None:
        """Look at the book of a live shop at the end of the two years."""
        self.now, self.changed = now, set[str]()
        self.frame = rollups.Frame(Company(ZONE, "EUR", "ES"), Settings(), AS_OF)

    def is_empty(self) -> bool:
        """Say whether there are no facts."""
        return not Order.objects.exists() and not Event.objects.exists()

    def rebuild(self) -> object:
        """Make all sums anew."""
        return rollups.rebuild(frame=self.frame, now=self.now)

    def refresh_day(self) -> None:
        """Find out whose facts of a day changed and bring its sums up to date; its month with it."""
        last = rollups.last_run()
        if last is None:
            raise LookupError("The sums are made first.")
        self.changed = rollups.refresh(frame=self.frame, days=touched.touched_days(self.frame, last))

    def change_day(self) -> object:
        """Let facts of the day change: two of a hundred orders, which the ERP told just now."""
        last = rollups.last_run()
        self.now = max(self.now, last.ran_at if last else self.now) + dt.timedelta(minutes=1)
        rollups.remember(self.frame, self.now, [], rollups.last_facts())
        day = Order.objects.filter(placed_at__date=DAY)
        some = list(day.order_by("?").values_list("pk", flat=True)[: max(day.count() // 50, 1)])
        other = Case(When(status="cancelled", then=Value("completed")), default=Value("cancelled"))
        return Order.objects.filter(pk__in=some).update(status=other, synced_at=self.now)

    def renew_changed(self) -> None:
        """Sum up the past of the accounts whose sums the last refresh changed."""
        states.renew(frame=self.frame, accounts=self.changed)

    def renew_states(self) -> None:
        """Sum up every account's past anew, as once a day."""
        states.renew(frame=self.frame)

    def write_down(self) -> None:
        """Let the server write to the disk what was made, as it does in the minutes after."""
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")

    def pages(self) -> dict[str, Ask]:
        """Return the report's pages, as they open and as managers ask further."""
        return {
            f"{section.key}{words}": partial(self.page, section, asked)
            for words, asked in ASKED.items()
            for section in registry.SECTIONS
        }

    def page(self, section: Section, asked: dict[str, str]) -> object:
        """Build a page by sums, as the product does."""
        scene = scenes.scene_by_sums(data=asked, frame=self.frame, now=AS_OF)
        return pages.frame_of(scene), section.build(scene)

    def sums(self) -> dict[str, Ask]:
        """Return the three questions as the sums answer them."""
        last = Period(MONTHS[0], QUARTER.last)
        asks: tuple[Ask, ...] = (
            lambda: selectors.by_month(keeping.ORDERS, MONTHS, by=("channel",)),
            lambda: selectors.who_ordered_by_month(MONTHS, channels=ONLINE),
            lambda: list(
                LoginDay.objects.filter(day__range=(last.first, last.last)).values_list("account_id", "user_id")
            ),
        )
        return dict(zip(FACTS, asks, strict=True))

    def facts(self) -> dict[str, Ask]:
        """Return the three questions over the plain facts in PostgreSQL."""
        words = {
            "local": f"o.placed_at AT TIME ZONE '{ZONE}'",
            "begin": f"'{MONTHS[0]}'::timestamp AT TIME ZONE '{ZONE}'",
            "end": f"'{AS_OF:%Y-%m-%d}'::timestamp AT TIME ZONE '{ZONE}'",
        }
        return {name: _asking(sql.format(**words)) for name, sql in FACTS.items()}

    def duckdb(self, folder: Path) -> dict[str, Ask]:
        """Return the three questions over the same rows in DuckDB, two threads."""
        import duckdb

        other: Any = duckdb.connect(str(folder / "facts.duckdb"), config={"threads": 2})
        for table, columns in TABLES.items():
            place = folder / f"{table}.csv"
            with connection.cursor() as cursor, place.open("wb") as file:
                sql = f"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608 own names
                with cursor.copy(sql) as copy:
                    for part in copy:
                        file.write(part)
            other.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{place}', header = true, nullstr = '')")  # noqa: S608 own names
            place.unlink()
            for column in ("web_reference",) if table == "erp_sync_order" else ():
                other.execute(f"UPDATE {table} SET {column} = '' WHERE {column} IS NULL")  # noqa: S608 own names
        words = {"local": "o.placed_at", "begin": f"'{MONTHS[0]}'", "end": f"'{AS_OF:%Y-%m-%d}'"}

        def asking(sql: str) -> Ask:
            return lambda: other.execute(sql.format(**words)).fetchall()

        return {name: asking(sql) for name, sql in FACTS.items()}

    def store_bulk(self, count: int) -> object:
        """Store so many events at once, as imports and the demo's past do."""
        mark = self.now.timestamp()
        people = [Who(f"C{number % 400}", f"U{number}", "buyer", session_id=f"S{number}") for number in range(999)]
        return record_all(
            Fact(f"bulk:{mark}:{index}", "login", self.now, people[index % 999]) for index in range(count)
        )

    def row_counts(self) -> dict[str, int]:
        """Return how many rows the sums have."""
        models = [model for family in FAMILIES for model in (family.day, family.month) if model is not None]
        return {model._meta.db_table.removeprefix("adoption_"): model._default_manager.count() for model in models}


def _asking(sql: str) -> Ask:
    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return ask
