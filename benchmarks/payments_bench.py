"""Measures invoices and payments: python -m benchmarks.payments_bench.

A PostgreSQL under VAR_DIR/bench-payments is filled with a company of 10,000 invoices among 20,000 of others. Requests
run in this process, so the figures are the shop's own work: middleware, queries, page; no web server, no network, the
ERP in memory. BENCH_RESULTS is where the report goes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks import report
from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
OWN, OTHERS, TIMES = 10_000, 20_000, 15
GOAL_MS = 300


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-payments"
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.ensure_running(var_dir)
    os.environ |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings.dev", "LOG_LEVEL": "ERROR"}
    os.environ |= {"ERP_ADAPTER": "erp_sync.adapters.fake.FakeErp"}
    os.environ.pop("DATABASE_URL", None)
    try:
        return _measure()
    finally:
        postgres.stop(var_dir)


def _measure() -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    rows = _rows(*_world())
    table = ["| what | median ms | slowest ms | queries |", "|---|---|---|---|"]
    table += [f"| {name} | {one['median']:.0f} | {one['most']:.0f} | {one['queries']} |" for name, one in rows.items()]
    print("\n".join(table))
    about: dict[str, Any] = {
        "at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "commit": report.commit(),
        "machine": report.machine(),
    }
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    text = json.dumps({**about, "invoices": OWN, "of others": OTHERS, "rows": rows}, indent=1)
    (folder / f"payments-{about['at'][:10]}.json").write_text(text + "\n", encoding="utf-8")
    late = [name for name, one in rows.items() if one["median"] > GOAL_MS]
    print(f"{len(late)} over {GOAL_MS} ms: {', '.join(late) or 'none'}", file=sys.stderr)
    return 0


def _world() -> tuple[Any, list[str]]:
    """Make the company, its buyer and the invoices; return the buyer's browser and open numbers."""
    from django.test import Client

    from tests.builders import people

    buyer, other = people.buyer(), people.sold_to()
    _invoices(buyer.sold_to.erp_id, "A", OWN)
    _invoices(other.erp_id, "B", OTHERS)
    return people.log_in(Client(), buyer), [f"A{number:06}" for number in range(0, OWN, 10)]


def _invoices(customer: str, letter: str, count: int) -> None:
    """Write invoices with a line each; one in ten is open."""
    from django.utils import timezone

    from erp_sync.mirror.models import Invoice, InvoiceLine

    now, today = timezone.now(), timezone.now().date()
    rows = [
        Invoice(
            erp_id=f"{letter}{number}", version=now, synced_at=now, number=f"{letter}{number:06}", kind="invoice",
            customer_erp_id=customer, state="open" if number % 10 == 0 else "paid", currency="EUR",
            invoiced_on=today - dt.timedelta(days=number % 700), due_on=today - dt.timedelta(days=number % 90 - 45),
            untaxed_total=100, tax_total=21, total=121, amount_due=121 if number % 10 == 0 else 0,
            order_numbers=[f"SO{number:06}"], customer_references=[f"PO-{number:06}"],
        )
        for number in range(count)
    ]  # fmt: skip
    made = Invoice.objects.bulk_create(rows, batch_size=2_000)
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=one, erp_id=f"l{one.erp_id}", line_no=1, sku=f"SKU-{at % 500:04}", description="Hex bolt M8",
                quantity=1, net_price=100, amount=100,
            )
            for at, one in enumerate(made)
        ),
        batch_size=2_000,
    )  # fmt: skip
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _rows(browser: Any, numbers: list[str]) -> dict[str, dict[str, float]]:
    """Measure every question."""
    left = iter(numbers)

    def get(path: str) -> Callable[[], object]:
        return lambda: _ok(browser.get(path))

    def pay() -> object:
        chosen = [next(left) for _one in range(20)]
        fields = {"invoice": chosen, "key": str(uuid4()), "shown": str(Decimal(121) * 20), "provider": "fake"}
        answer = browser.post("/payments/new/", fields | {"do": "pay", "credits": "1"})
        return _ok(browser.post(answer["Location"], {"do": "pay"}))

    return {
        "list of 10,000 invoices": _timed(get("/invoices/")),
        "its last page": _timed(get("/invoices/?page=400")),
        "open ones": _timed(get("/invoices/?state=open")),
        "search by number": _timed(get("/invoices/?q=A004321")),
        "search by PO": _timed(get("/invoices/?q=PO-004321")),
        "search by item": _timed(get("/invoices/?q=SKU-0321")),
        "statement of 1,000 open ones": _timed(get("/invoices/statement/")),
        "check 20 invoices before paying": _timed(
            get("/payments/new/?" + "&".join(f"invoice={one}" for one in numbers[-20:]))
        ),
        "pay 20 invoices: reserve, start, message, capture, queue": _timed(pay),
    }


def _ok(answer: Any) -> Any:
    if answer.status_code not in {200, 302}:
        raise AssertionError(f"{answer.request['PATH_INFO']}: {answer.status_code}")
    return answer


def _timed(ask: Callable[[], object]) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        ask()
    asked = len(queries)  # before the next request forgets them
    times = []
    for _time in range(TIMES):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return {"median": statistics.median(times), "most": max(times), "queries": asked}


if __name__ == "__main__":
    sys.exit(main())
