"""The questions of report pages: to the sums, to the plain facts, and to DuckDB over the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from adoption.books import rollups, selectors
from adoption.books.models import ActivityDay, ActivityMonth, HourDay, OrderDay, OrderMonth
from adoption.company import Company
from adoption.metrics.facts import Period, Settings
from adoption.metrics.period import months_after
from benchmarks.adoption_world import AS_OF

Ask = Callable[[], object]
QUARTER = Period(dt.date(2025, 10, 1), dt.date(2025, 12, 31))
BEFORE = Period(dt.date(2025, 7, 1), dt.date(2025, 9, 30))
FREE = Period(dt.date(2025, 9, 12), dt.date(2025, 12, 11))
MONTHS = [months_after(dt.date(2025, 12, 1), -back) for back in range(24)]
ONLINE = ("web_self", "punchout")
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
        self.now = now
        self.frame = rollups.Frame(Company(ZONE, "EUR", "ES"), Settings(), AS_OF)

    def rebuild(self) -> object:
        """Make all sums anew."""
        return rollups.rebuild(frame=self.frame, now=self.now)

    def refresh_day(self) -> object:
        """Make one day anew, and its month."""
        return rollups.refresh(frame=self.frame, days=[dt.date(2025, 11, 12)], known={})

    def pages(self) -> dict[str, Ask]:
        """Return what each page asks the sums."""
        return {
            "today and plan: orders by channel, heat, a quarter": lambda: (
                selectors.order_sums(QUARTER), selectors.order_sums(BEFORE), selectors.heat(QUARTER, channels=ONLINE),
            ),
            "adoption: shares, twelve months, log-ins, by account": lambda: (
                selectors.order_sums(QUARTER, by=("channel", "account_id")),
                selectors.order_sums(BEFORE, by=("channel", "account_id")),
                selectors.orders_by_month(MONTHS[:12]), selectors.activity(Period(MONTHS[0], QUARTER.last), "login"),
            ),
            "channels: cohorts, sources, twelve months": lambda: (
                selectors.months_ordered(channels=ONLINE), selectors.sessions_by_source(QUARTER),
                selectors.orders_by_month(MONTHS[:12]),
            ),
            "a free period of 91 days": lambda: (
                selectors.order_sums(FREE, by=("channel",)), selectors.active_accounts(FREE, channels=ONLINE),
            ),
            "one account": lambda: (
                selectors.orders_by_month(MONTHS, accounts=["C7"]),
                selectors.activity(Period(MONTHS[0], QUARTER.last), "login", accounts=["C7"]),
            ),
        }  # fmt: skip

    def sums(self) -> dict[str, Ask]:
        """Return the three questions as the sums answer them."""
        whole = Period(MONTHS[-1], QUARTER.last)
        asks: tuple[Ask, ...] = (
            lambda: list(OrderMonth.objects.values_list("month", "account_id", "channel", "orders", "value")),
            lambda: selectors.months_ordered(channels=ONLINE),
            lambda: selectors.activity(Period(MONTHS[0], whole.last), "login"),
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
        """Store so many events in one transaction, as an import does."""
        mark = self.now.timestamp()
        names = "event_id, occurred_at, kind, session_id, account_id, user_id, actor, impersonator_id, object_type"
        sql = f"COPY adoption_event ({names}, object_id, props, is_test) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(sql) as copy:
            for index in range(count):
                row = (
                    f"bulk:{mark}:{index}",
                    self.now,
                    "login",
                    f"S{index // 4}",
                    f"C{index % 400}",
                    f"U{index % 999}",
                )
                copy.write_row((*row, "buyer", "", "", "", "{}", False))
        return count

    def row_counts(self) -> dict[str, int]:
        """Return how many rows the sums have."""
        models = (OrderDay, OrderMonth, HourDay, ActivityDay, ActivityMonth)
        return {model._meta.db_table.removeprefix("adoption_"): model._default_manager.count() for model in models}


def _asking(sql: str) -> Ask:
    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return ask
