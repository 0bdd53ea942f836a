"""Measures fast ordering: python -m benchmarks.fast_bench.

A PostgreSQL under VAR_DIR/bench-fast is filled with 100,000 items (FAST_ITEMS), kept prices of them for one price list
and a million order lines (FAST_LINES). Requests run in this process, so the figures are the shop's own work; the ERP is
in memory, and its time is told apart. FAST_AGAIN=1 takes the items, prices and lines of the run before. BENCH_RESULTS
is where the report goes.
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
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks import report, together
from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
LINES, WRONG, TIMES = 1_000, 0.3, 7
GOALS = {"paste": 3_000.0, "typing": 50.0, "own price": 100.0}
TYPED = ("to", "tor", "tornillo", "tornillo hex", "hex bolt m8", "arandela plana", "8", "m10", "lat", "valvula bola")


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-fast"
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
    items, lines = env.integer("FAST_ITEMS", 100_000), env.integer("FAST_LINES", 1_000_000)
    is_there = env.flag("FAST_AGAIN", default=False) and _emptied_but_the_mirror(items)
    if not is_there:
        call_command("flush", interactive=False, verbosity=0)
    rows = _rows(items, is_there=is_there)
    counted = together.measured(lines=lines, items=items)
    table = ["| what | median ms | slowest ms | CPU ms | database ms | statements | goal ms | met |", f"|{'---|' * 8}"]
    table += [
        f"| {name} | {one['median']:.0f} | {one['most']:.0f} | {one['cpu']:.0f} | {one['database']:.0f} | "
        f"{one['queries']} | {one['goal']:.0f} | {'yes' if one['median'] <= one['goal'] else 'NO'} |"
        for name, one in rows.items()
    ]
    print("\n".join(table))
    print("\n" + together.words(counted))
    about: dict[str, Any] = {
        "at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "commit": report.commit(),
        "machine": report.machine(),
    }
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(about | {"items": items, "lines": LINES, "rows": rows, "together": counted}, indent=1)
    (folder / f"fast-{about['at'][:10]}.json").write_text(text + "\n", encoding="utf-8")
    late = [name for name, one in rows.items() if one["median"] > one["goal"]]
    print(f"\n{len(late)} of {len(rows)} over their goal: {', '.join(late) or 'none'}")
    return 0


def _emptied_but_the_mirror(items: int) -> bool:
    """Keep what the run before filled, if it is as large; people, baskets and pads go."""
    from django.db import connection

    from erp_sync.mirror.models import Customer, Item, KeptPrice

    if not Item.objects.count() == KeptPrice.objects.count() == items:
        return False
    kept = ("erp_sync_", "django_content_type", "django_migrations", "auth_permission")
    names = [
        name for name in connection.introspection.django_table_names(only_existing=True) if not name.startswith(kept)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY")
    Customer.objects.all().delete()
    return True


def _rows(items: int, *, is_there: bool) -> dict[str, Any]:
    """Make the world, what is not there already, and measure every question."""
    from django.db import connection
    from django.test import Client

    from benchmarks import catalogue
    from erp_sync.adapters import fake
    from tests.builders import people

    now = dt.datetime.now(dt.UTC)
    buyer = people.buyer(people.sold_to(price_list="GOLD"))
    fake.shared().add_customer(buyer.sold_to.erp_id, price_list="GOLD")
    if not is_there:
        catalogue.fill(items=items, now=now)
    _know_everything(fake.shared())
    if not is_there:
        _keep_prices(buyer, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum leaves it: what was written at once is in the indexes
    return _questions(people.log_in(Client(), buyer))


def _questions(browser: Any) -> dict[str, Any]:
    found = {"paste of 1,000 lines, 30 % wrong, checked to the end": _timed(lambda: _paste(browser), "paste", times=3)}
    for text in TYPED:
        found[f"typing “{text}”"] = _timed(partial(_get, browser, "/quick-order/find/", {"item": text}), "typing")
    for name, asked in {
        "own price, first page": {},
        "own price, page 40": {"page": "40"},
        "own price, highest first": {"sort": "price_down"},
        "own price, between 5 and 20": {"min": "5", "max": "20"},
        "own price, a search of two words": {"q": "tornillo hexagonal"},
    }.items():
        found[name] = _timed(partial(_get, browser, "/items/", {"sort": "price"} | asked), "own price")
    return found


def _know_everything(erp: Any) -> None:
    """Tell the ERP in memory of every item, so that it answers for all of them."""
    from erp_sync import records as r
    from erp_sync.mirror.models import Item

    unit = r.PackUnit(code="u", names={"en": "unit"})
    for item in Item.objects.only("erp_id", "sku", "list_price", "version").iterator():
        erp.book.items[item.sku] = r.ItemRecord(
            erp_id=item.erp_id,
            version=item.version,
            sku=item.sku,
            texts={"en": r.Text(item.sku)},
            sales_unit=unit,
            list_price=item.list_price or Decimal(1),
        )


def _keep_prices(buyer: Any, now: dt.datetime) -> None:
    from accounts.selectors import price_context
    from erp_sync.mirror import kept_prices

    kept_prices.want(price_context(sold_to=buyer.sold_to), now=now)
    started = time.perf_counter()
    written = kept_prices.keep_prices(now=now, for_s=3_600)
    print(f"{written} prices kept in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _paste(browser: Any) -> object:
    """Paste, then check until nothing is left to check, as the page does by itself."""
    from erp_sync.mirror.models import Item
    from shop.quick.models import PadRow

    PadRow.objects.all().delete()
    good = int(LINES * (1 - WRONG))
    skus = list(Item.objects.filter(is_active=True).order_by("-pk").values_list("sku", flat=True)[:good])
    lines = [f"{sku};{number % 9 + 1}" for number, sku in enumerate(skus)]
    lines += [
        (f"NO-SUCH-{number}\t{number}", f"wrong thing {number} 4", f"{skus[number]},1x")[number % 3]
        for number in range(LINES - good)
    ]
    answer = _ok(browser.post("/quick-order/add/", {"lines": "\n".join(lines), "key": str(uuid4())}))
    while PadRow.objects.filter(state="new").exists():
        _ok(browser.post("/quick-order/check/", headers={"HX-Request": "true"}))
    states = {state: PadRow.objects.filter(state=state).count() for state in ("ready", "wrong")}
    if states != {"ready": good, "wrong": LINES - good}:
        raise AssertionError(f"lines were lost or found wrongly: {states}")
    return answer


def _get(browser: Any, path: str, asked: dict[str, str]) -> object:
    return _ok(browser.get(path, asked))


def _ok(answer: Any) -> Any:
    if answer.status_code not in {200, 302}:
        raise AssertionError(f"{answer.request['PATH_INFO']}: {answer.status_code}")
    return answer


def _timed(ask: Callable[[], object], goal: str, *, times: int = TIMES) -> dict[str, Any]:
    """Return time, time in the database, and statements of one question; the first asking warms up."""
    from django.db import connection

    counted = _Clock()
    with connection.execute_wrapper(counted):
        ask()
    whole, inside, cpu = [], [], []
    for _time in range(times):
        clock = _Clock()
        with connection.execute_wrapper(clock):
            started, worked = time.perf_counter(), time.process_time()
            ask()
            whole.append((time.perf_counter() - started) * 1000)
            cpu.append((time.process_time() - worked) * 1000)
        inside.append(clock.ms)
    return {
        "median": statistics.median(whole),
        "most": max(whole),
        "database": statistics.median(inside),
        "cpu": statistics.median(cpu),
        "queries": counted.count,
        "goal": GOALS[goal],
    }


class _Clock:
    """Counts statements and adds up what they take."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.ms, self.count = 0.0, 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Execute and add."""
        started = time.perf_counter()
        self.count += 1
        try:
            return execute(*arguments)
        finally:
            self.ms += (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
