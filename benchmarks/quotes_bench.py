"""Measures quotes: python -m benchmarks.quotes_bench.

A PostgreSQL under VAR_DIR/bench-quotes is filled with a company of 5,000 quotes among 10,000 of others. Requests run in
this process, so the figures are the shop's own work: middleware, queries, page; no web server, no network, the ERP in
memory. BENCH_RESULTS is where the report goes.
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
OWN, OTHERS, LINES, TIMES = 5_000, 10_000, 20, 15
GOAL_MS = 300


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-quotes"
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
    rows = _rows()
    table = ["| what | median ms | slowest ms | CPU ms | queries |", "|---|---|---|---|---|"]
    table += [
        f"| {name} | {one['median']:.0f} | {one['most']:.0f} | {one['cpu']:.0f} | {one['queries']} |"
        for name, one in rows.items()
    ]
    print("\n".join(table))
    about: dict[str, Any] = {
        "at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "commit": report.commit(),
        "machine": report.machine(),
    }
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    text = json.dumps(about | {"quotes": OWN, "of others": OTHERS, "lines": LINES, "rows": rows}, indent=1)
    (folder / f"quotes-{about['at'][:10]}.json").write_text(text + "\n", encoding="utf-8")
    late = [name for name, one in rows.items() if one["median"] > GOAL_MS]
    print(f"{len(late)} over {GOAL_MS} ms: {', '.join(late) or 'none'}", file=sys.stderr)
    return 0


def _rows() -> dict[str, Any]:
    """Make the world and measure every question."""
    from django.db import connection
    from django.test import Client

    from erp_sync.adapters import fake
    from tests.builders import catalogue, people

    buyer, other = people.buyer(), people.sold_to()
    rep = people.rep(buyer.sold_to, other)
    fake.shared().add_customer(buyer.sold_to.erp_id)
    skus = [catalogue.item(f"Q-{number:03}").sku for number in range(LINES)]
    _old(buyer.sold_to, OWN)
    _old(other, OTHERS)
    waiting = [_answered(buyer, rep, skus) for _time in range(TIMES + 3)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser, desk = people.log_in(Client(), buyer), people.log_in(Client(), rep)
    left = iter(waiting[2:])
    page = f"/quotes/{waiting[0].reference}/"
    return {
        "list of 5,000 quotes": _timed(lambda: _ok(browser.get("/quotes/"))),
        "search by item": _timed(lambda: _ok(browser.get("/quotes/?q=Q-007"))),
        "the rep's queue of 15,000": _timed(lambda: _ok(desk.get("/rep/quotes/"))),
        "page of a quote of 20 lines": _timed(lambda: _ok(browser.get(page))),
        "the rep's page of it": _timed(lambda: _ok(desk.get(f"/rep{page}"))),
        "PDF of it": _timed(lambda: _ok(browser.get(f"{page}pdf/"))),
        "quote accept: check, order of 20 lines, queue, tell": _timed(lambda: _accept(browser, next(left))),
    }


def _old(sold_to: Any, count: int) -> None:
    """Write decided quotes of a line each."""
    from django.utils import timezone

    from shop.quotes.models import Quote, QuoteLine

    now = timezone.now()
    made = Quote.objects.bulk_create(
        (
            Quote(
                reference=f"WEB-{sold_to.pk}-{number:020}", sold_to=sold_to, request_key=uuid4(), state="declined",
                currency="EUR", requested_at=now - dt.timedelta(hours=number + 1), decided_at=now,
            )
            for number in range(count)
        ),
        batch_size=2_000,
    )  # fmt: skip
    QuoteLine.objects.bulk_create(
        (
            QuoteLine(quote=one, line_no=1, sku=f"Q-{at % 500:03}", name="Bolt", quantity=5)
            for at, one in enumerate(made)
        ),
        batch_size=2_000,
    )


def _answered(buyer: Any, rep: Any, skus: list[str]) -> Any:
    from tests.builders import quotes

    quote = quotes.asked(buyer, *((sku, "5") for sku in skus))
    quotes.answered(quote, rep, *["9.1234"] * len(skus))
    quote.refresh_from_db()
    return quote


def _accept(browser: Any, quote: Any) -> object:
    from shop.orders.models import Order
    from shop.quotes.acceptance import fingerprint

    version = quote.versions.get()
    fields = {"shown": fingerprint(version), "ship_to": quote.sold_to.erp_id.replace("C", "A")}
    answer = _ok(browser.post(f"/quotes/{quote.reference}/accept/", fields | {f"take-{n}": "on" for n in range(1, 21)}))
    if Order.objects.latest("pk").untaxed_total != Decimal("45.62") * LINES:
        raise AssertionError("the order has other prices than the quote")
    return answer


def _ok(answer: Any) -> Any:
    if answer.status_code not in {200, 302}:
        raise AssertionError(f"{answer.request['PATH_INFO']}: {answer.status_code}")
    return answer


def _timed(ask: Callable[[], object]) -> dict[str, float]:
    """Return time, CPU time of this process (not of PostgreSQL) and statements of one question."""
    from django.db import connection

    counted = Statements()
    with connection.execute_wrapper(counted):
        ask()
    times, cpu = [], []
    for _time in range(TIMES):
        started, worked = time.perf_counter(), time.process_time()
        ask()
        times.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return {
        "median": statistics.median(times),
        "most": max(times),
        "cpu": statistics.median(cpu),
        "queries": counted.count,
    }


class Statements:
    """Counts what goes to the database through Django's cursors."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count and execute."""
        self.count += 1
        return execute(*arguments)


if __name__ == "__main__":
    sys.exit(main())
