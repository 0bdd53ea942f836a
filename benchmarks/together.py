"""Measures what is counted as ordered together, over as many order lines as are wanted."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

LINES_AN_ORDER = 8
MIB = 1024 * 1024


def measured(*, lines: int, items: int) -> dict[str, Any]:
    """Write the order lines unless they are there, count, and return what it took: time, memory, disk."""
    from django.db import connection
    from django.utils import timezone

    from shop.related.services import count_together

    fill(lines=lines, items=items)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE erp_sync_order, erp_sync_orderline")
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    spilled, ours = _spilled(), _worker_mib()
    started, worked = time.perf_counter(), time.process_time()
    pairs = count_together(now=timezone.now())
    return {
        "lines": lines,
        "pairs": pairs,
        "seconds": time.perf_counter() - started,
        "worker_cpu_s": time.process_time() - worked,
        "worker_mib": _worker_mib() - ours,
        "database_mib": _own_mib(backend),
        "spilled_mib": (_spilled() - spilled) / MIB,
    }


def words(found: dict[str, Any]) -> str:
    """Return it in a sentence."""
    return (
        f"Ordered together, {found['lines']:,} order lines: {found['pairs']:,} pairs kept in {found['seconds']:.1f} s; "
        f"the worker {found['worker_cpu_s']:.2f} s and {found['worker_mib']:.0f} MiB, the database's process "
        f"{found['database_mib']:.0f} MiB at its peak, {found['spilled_mib']:.0f} MiB on the disk."
    )


def fill(*, lines: int, items: int) -> None:
    """Write orders of two years: a few items stand in many, most in few, and half of each order is a kit."""
    from django.utils import timezone

    from adoption.imports.loading import Into, run
    from erp_sync.mirror.models import Order, OrderLine

    if OrderLine.objects.count() == lines:
        return
    Order.objects.all().delete()
    now, orders = timezone.now(), lines // LINES_AN_ORDER
    synced = {"version": "%(now)s::timestamptz", "synced_at": "%(now)s::timestamptz"}
    run(Into(Order, {
        "erp_id": "'T' || g", "number": "'T' || g", "customer_erp_id": "'C' || mod(g, 1000)", "status": "'completed'",
        "placed_at": "%(now)s::timestamptz - make_interval(hours => mod(g, 17000))", "currency": "'EUR'",
        "channel_hint": "'phone'", **synced}, f"generate_series(1, {orders}) g"), now)  # fmt: skip
    kit, alone = f"{_many('o.id', items)} + n", _many(f"o.id * {LINES_AN_ORDER} + n", items)
    item = f"mod(CASE WHEN n <= {LINES_AN_ORDER // 2} THEN {kit} ELSE {alone} END, {items})"
    run(Into(OrderLine, {
        "order": "o.id", "erp_id": "o.erp_id || ':' || n", "line_no": "n", "sku": "i.sku", "quantity": "1 + mod(n, 5)",
        "net_price": "2.5"},
        f"erp_sync_order o CROSS JOIN generate_series(1, {LINES_AN_ORDER}) n "
        f"JOIN erp_sync_item i ON i.erp_id = 'item-' || {item}"), now)  # fmt: skip


def _many(seed: str, items: int) -> str:
    """Return SQL of an item's number by chance: of the first tenth of the numbers are nearly half of the lines."""
    return f"floor({items} * power(mod(abs(hashint8(({seed})::bigint)::bigint), 1000000) / 1000000.0, 3))::bigint"


def _spilled() -> int:
    """Return the bytes that PostgreSQL wrote to the disk because they did not fit into work_mem."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _worker_mib() -> float:
    """Return the most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _own_mib(backend: int) -> float:
    """Return the most that a process of the database has held, with the pages of the shared memory that it touched."""
    status = Path(f"/proc/{backend}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024
