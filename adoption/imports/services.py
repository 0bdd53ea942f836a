"""Imports a source as a whole: everything, or nothing when something is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from adoption.books.models import RollupRun
from adoption.imports import loading, staging
from adoption.imports.errors import Problems
from adoption.imports.progress import Progress
from adoption.imports.reading import Source
from adoption.imports.schema import BY_NAME

# One import at a time; any number that nobody else locks.
LOCK = 7_310_051


@dataclass(frozen=True, slots=True)
class Report:
    """What was imported: rows and repeated rows by file, and what people should know."""

    rows: dict[str, int]
    repeated: dict[str, int]
    notes: tuple[str, ...]


def import_source(*, source: Source, now: dt.datetime, say: Callable[[str], None]) -> Report:
    """Bring all rows into the tables that the ERP's mirror and the shop fill. Again: nothing changes.

    Sums that were made before no longer count: pages ask the facts until they are made anew.

    Raises:
        BadFiles: something is wrong; its text names file, line, column and reason. Nothing was imported.
    """
    progress = Progress(say, weight=sum(table.size for table in source.tables))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL work_mem = '64MB'")
        rows, repeated = _stage(source, progress)
        notes = [*source.notes, *_without_rate(source.meta.currency)]
        meta = source.meta
        loading.write_book(
            timezone=meta.timezone, currency=meta.currency, calendar=meta.calendar, as_of=meta.as_of,
            span=meta.span, source=source.name, now=now,
        )  # fmt: skip
        loading.write(now, progress.step)
        RollupRun.objects.all().delete()
    _analyze(progress)
    return Report(rows, repeated, tuple(notes))


def _stage(source: Source, progress: Progress) -> tuple[dict[str, int], dict[str, int]]:
    problems, rows, repeated = Problems(), {}, {}
    staging.create()
    for table in source.tables:
        rows[table.name] = staging.fill(table, problems, progress)
    problems.stop_if_any()
    progress.step("looking for repeated rows, and for rows that refer to nothing")
    staging.analyze()
    for table in source.tables:
        repeated[table.name] = staging.drop_repeated(BY_NAME[table.name], table.label, problems)
    problems.stop_if_any()
    for table in source.tables:
        staging.check(BY_NAME[table.name], table.label, problems)
    problems.stop_if_any()
    return rows, repeated


def _without_rate(currency: str) -> list[str]:
    """Say which orders have no exchange rate: they count, and leave the money figures (C6)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, count(*) FROM stage_orders o WHERE currency <> %s"
            " AND NOT EXISTS (SELECT 1 FROM stage_fx f WHERE f.currency = o.currency AND f.date <= o.placed_at::date)"
            " AND NOT EXISTS (SELECT 1 FROM adoption_exchangerate f"
            "  WHERE f.currency = o.currency AND f.since_on <= o.placed_at::date)"
            " GROUP BY currency ORDER BY currency",
            [currency],
        )
        return [
            f"{count} orders in {code} have no exchange rate for their day: they count, but leave the money figures"
            for code, count in cursor.fetchall()
        ]


def _analyze(progress: Progress) -> None:
    """Tell the planner what has come in."""
    progress.step("looking how the tables have grown")
    with connection.cursor() as cursor:
        for into in (*loading.ACCOUNTS, *loading.ORDERS, *loading.DOCUMENTS, *loading.OTHERS):
            cursor.execute(f'ANALYZE "{into.model._meta.db_table}"')
