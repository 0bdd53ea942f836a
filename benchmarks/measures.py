"""What is measured, one after the other, on a stage that stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, median_high
from typing import Any

from benchmarks import archive
from benchmarks.goals import AT, LIMIT
from benchmarks.load import exchange, hidden_value, unpacked
from benchmarks.processes import Child, children_of, cpu_s, peak_mib, share_mib
from benchmarks.visits import Flow, Request, Visits
from config import env

CONNECTIONS = (1, 4, 16)
ORDERING = 8
SLOW_S = 0.3
COLD_PAGES = 10
ARCHIVE_VISITS = env.integer("BENCH_VISITS", 20, minimum=1)
WARM_UP_S = 2.0
DRAIN_S = 30

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """The processes under load, and what is visited."""

    web: Child
    port: int
    limit: Child
    limit_port: int
    erp: Child
    erp_url: str
    worker: Child
    postgres_pid: int
    visits: Visits


def everything(stage: Stage, *, seconds: float, say: Say) -> dict[str, Any]:
    """Measure every page beside the limit, then the ERP's part, the orders, bytes and memory."""
    visits = stage.visits
    pages = {LIMIT: _page(stage, visits.limit(), seconds, LIMIT, say)}
    flows = {
        "item list": visits.item_list(),
        "item page": visits.item_page(),
        "search": visits.search(),
        "basket": visits.basket(),
        "order list": visits.order_list(),
        "order page": visits.order_page(),
        "home": visits.home(),
        "basket add": visits.basket_add(),
    }
    for name, chosen in flows.items():
        _warm(stage, chosen)
        pages[name] = _page(stage, chosen, seconds, name, say)
    _again(stage, pages[LIMIT], seconds, say)
    result: dict[str, Any] = {"pages": pages, "cold": _cold(stage), "slow_erp": _slow(stage, seconds)}
    say(f"cold list {result['cold']['page_ms']:.0f} ms, ERP's batch {result['cold']['batch_ms']:.0f} ms")
    result["warm_erp_calls"] = result["slow_erp"].pop("calls_a_page")
    result["orders"] = _orders(stage, seconds * 3, say)
    result["archive"] = _archive(stage, say)
    result["first_view_bytes"] = _first_view(stage)
    result["worker_mib"] = max(map(peak_mib, children_of(stage.web.process.pid)))
    # Python gives hardly anything back, so the end is as good as the peak, which the system does not keep of shares.
    result["worker_share_mib"] = max(map(share_mib, children_of(stage.web.process.pid)))
    return result


# --- pages ---


def _page(stage: Stage, flows: list[Flow], seconds: float, name: str, say: Say) -> dict[str, Any]:
    """Load a page at each number of connections; count what one request costs."""
    is_limit = name == LIMIT
    port, web = (stage.limit_port, stage.limit) if is_limit else (stage.port, stage.web)
    _load(port, flows, 4, min(seconds, WARM_UP_S))
    runs = {
        str(connections): _run(port, [web.process.pid, stage.postgres_pid], flows, connections, seconds)
        for connections in CONNECTIONS
    }
    say(f"{name}: {runs[AT]['rate']:.0f} req/s, {runs[AT]['cpu_ms']:.1f} ms CPU")
    return {"runs": runs} | _sizes(port, flows) | ({} if is_limit else _counted(port, flows))


def _run(port: int, roots: list[int], flows: list[Flow], connections: int, seconds: float) -> dict[str, Any]:
    before = cpu_s(roots)
    found = _load(port, flows, connections, seconds)
    return _figures(found, cpu_s(roots) - before) | {"connections": connections}


def _figures(found: dict[str, Any], used_s: float) -> dict[str, Any]:
    times = sorted(found["times_ms"])
    return {
        "done": found["done"],
        "rate": found["done"] / found["seconds"],
        "p50_ms": _share(times, 0.50),
        "p95_ms": _share(times, 0.95),
        "p99_ms": _share(times, 0.99),
        "cpu_ms": used_s * 1000 / found["done"],
    }


def _share(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _again(stage: Stage, page: dict[str, Any], seconds: float, say: Say) -> None:
    """Measure the limit once more at the end; what counts is the mean, as the machine may have changed meanwhile."""
    run = _run(stage.limit_port, [stage.limit.process.pid, stage.postgres_pid], stage.visits.limit(), int(AT), seconds)
    first = page["runs"][AT]["cpu_ms"]
    page["cpu_ms_first_and_last"] = [first, run["cpu_ms"]]
    page["runs"][AT]["cpu_ms"] = (first + run["cpu_ms"]) / 2
    say(f"limit again: {run['rate']:.0f} req/s, {run['cpu_ms']:.1f} ms CPU")


def _warm(stage: Stage, flows: list[Flow]) -> None:
    """Let the shop ask the ERP for the prices of every page that will be visited, as its first visitor would."""
    for path, cookie in sorted({(flow[0]["path"], _list_of(stage, flow[0])) for flow in flows}):
        if not path.startswith(("/items/", "/basket/")) or path == "/basket/add/":
            continue
        _ask(
            stage.port,
            {"method": "GET", "path": path + ("&" if "?" in path else "?") + "prices=wait", "cookie": cookie},
        )


def _list_of(stage: Stage, request: Request) -> str:
    """Return the first cookie with the price list of this request's buyer: customers of one list share answers."""
    buyers = stage.visits.plan["buyers"]
    if request["path"] == "/basket/":
        return str(request["cookie"])
    mine = next(one for one in buyers if one["session"] in request["cookie"])
    first = next(one for one in buyers if one["price_list"] == mine["price_list"])
    return str(request["cookie"].replace(mine["session"], first["session"]))


def _sizes(port: int, flows: list[Flow]) -> dict[str, int]:
    plain = _ask(port, flows[0][0] | {"encoding": "identity"})[1]
    return {"bytes": len(plain), "packed_bytes": len(_ask(port, flows[0][0])[1])}


def _counted(port: int, flows: list[Flow]) -> dict[str, int]:
    """Return the statements and ERP calls of a visit: the median, as once a minute a visit is also noted."""
    heads = [_measured(port, flow[0]) for flow in flows[:11]]
    return {"statements": median_high(h[0] for h in heads), "erp_calls": median_high(h[1] for h in heads)}


def _measured(port: int, request: Request) -> tuple[int, int]:
    head = _ask(port, request | {"headers": [*request.get("headers", []), "X-Measure: 1"]})[0].decode()
    return _header(head, "X-Statements"), _header(head, "X-Erp-Calls")


def _header(head: str, name: str) -> int:
    found = re.search(rf"^{name}: (\d+)", head, re.MULTILINE | re.IGNORECASE)
    return int(found[1]) if found else 0


# --- the ERP's part ---


def _cold(stage: Stage) -> dict[str, Any]:
    """Wait for lists whose prices nobody knows, and for the ERP's batch alone, in turns."""
    stage.erp.ask(f"latency {SLOW_S}")
    pages, batches, calls = [], [], []
    skus = stage.visits.plan["skus"]
    for number, request in enumerate(stage.visits.cold_lists(COLD_PAGES)):
        batches.append(_timed(lambda n=number: _batch(stage.erp_url, skus[24 * n : 24 * n + 24])))  # type: ignore[misc]
        started = time.perf_counter()
        calls.append(_measured(stage.port, request)[1])
        pages.append((time.perf_counter() - started) * 1000)
    stage.erp.ask("latency 0")
    return {
        "latency_ms": round(SLOW_S * 1000),
        "page_ms": median(pages),
        "batch_ms": median(batches),
        "erp_calls": max(calls),
    }


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _batch(url: str, skus: list[str]) -> None:
    """Ask the ERP for 24 items as the shop does, without the shop."""
    context = {"customer_erp_id": "C0", "price_list": "LIST-A", "currency": "EUR"}
    asks = [{"sku": sku, "erp_id": sku, "quantity": "1"} for sku in skus]
    body = json.dumps({"context": context, "asks": asks, "ladders": False, "warehouses": False})
    request = {"method": "POST", "path": "/call/offers", "body": body}
    head, _body = exchange(("127.0.0.1", int(url.rpartition(":")[2])), request, {})
    if b" 200 " not in head[:20]:
        raise RuntimeError(f"the stand-in ERP answered {head[:80]!r}")


def _slow(stage: Stage, seconds: float) -> dict[str, Any]:
    """Load the warm list with an ERP of 0 ms, then with a slow one."""
    flows = stage.visits.item_list()
    _warm(stage, flows)
    roots = [stage.web.process.pid, stage.postgres_pid]
    # Long enough that prices grow old and are refreshed behind the pages.
    lasts_s = seconds * 3
    before = _run(stage.port, roots, flows, int(AT), lasts_s)
    stage.erp.ask(f"latency {SLOW_S}")
    calls = int(stage.erp.ask("calls"))
    during = _run(stage.port, roots, flows, int(AT), lasts_s)
    asked = int(stage.erp.ask("calls")) - calls
    stage.erp.ask("latency 0")
    return {
        "latency_ms": round(SLOW_S * 1000),
        "p95_ms_before": before["p95_ms"],
        "p95_ms_during": during["p95_ms"],
        "calls_a_page": asked / during["done"],
    }


# --- orders ---


def _orders(stage: Stage, seconds: float, say: Say) -> dict[str, Any]:
    """Place whole orders while the worker sends them to the ERP; wait until all are there."""
    flows = stage.visits.orders()
    _load(stage.port, flows[-1:], 1, 0.1)
    statements = _statements_of_order(stage, flows[-1])
    there = _settled(stage)
    used = [_cpu(child) for child in (stage.web, stage.worker, stage.erp)] + [cpu_s([stage.postgres_pid])]
    found = _load(stage.port, flows, ORDERING, seconds)
    ended = time.monotonic()
    web, worker, erp, database = (
        now - then
        for now, then in zip(
            [*(_cpu(child) for child in (stage.web, stage.worker, stage.erp)), cpu_s([stage.postgres_pid])],
            used,
            strict=True,
        )
    )
    placed = found["done"]
    in_erp = _settled(stage, there + placed) - there
    say(f"whole orders: {placed / found['seconds']:.1f} a second")
    return _figures(found, web + database) | {
        "connections": ORDERING,
        "statements": statements,
        "worker_cpu_ms": worker * 1000 / placed,
        "erp_cpu_ms": erp * 1000 / placed,
        "load_cpu_ms": found["cpu_s"] * 1000 / placed,
        "placed": placed,
        "in_erp": in_erp,
        "drained_s": time.monotonic() - ended,
    }


def _cpu(child: Child) -> float:
    return cpu_s([child.process.pid])


def _settled(stage: Stage, wanted: int | None = None) -> int:
    """Return how many orders the ERP holds, when there are as many as wanted or no more come."""
    deadline = time.monotonic() + DRAIN_S
    before = -1
    while (found := int(stage.erp.ask("orders"))) != wanted and time.monotonic() < deadline:
        if wanted is None and found == before:
            break
        before = found
        time.sleep(1.0 if wanted is None else 0.1)
    return found


def _statements_of_order(stage: Stage, flow: Flow) -> int:
    """Return the SQL statements of one whole order, all its requests together."""
    total = 0
    values = {"key": ""}
    for request in flow:
        measured = request | {"headers": [*request.get("headers", []), "X-Measure: 1"]}
        head, body = exchange(("127.0.0.1", stage.port), measured, values)
        total += _header(head.decode(), "X-Statements")
        for name in request.get("take", ()):
            values[name] = hidden_value(head, body, name)
    return total


# --- bytes ---


def _archive(stage: Stage, say: Say) -> dict[str, Any]:
    """Open each report of the company with the long history, one visit after the other."""
    known = stage.visits.plan["archive"]
    pages = {}
    for name, path in archive.PAGES.items():
        request = stage.visits.of_archive(path)
        _ask(stage.port, request)
        times = sorted(_timed(lambda r=request: _ask(stage.port, r)) for _n in range(ARCHIVE_VISITS))  # type: ignore[misc]
        pages[name] = {"p50_ms": median(times), "p95_ms": _share(times, 0.95)}
        say(f"{name}: p50 {pages[name]['p50_ms']:.0f} ms, p95 {pages[name]['p95_ms']:.0f} ms")
    return {"orders": known["orders"], "pages": pages}


def _first_view(stage: Stage) -> int:
    """Return what a first visitor of the list loads: page, css and js, packed, with the heads of the answers."""
    request = stage.visits.item_list()[0][0]
    head, body = _ask(stage.port, request)
    page = unpacked(head, body).decode()
    linked = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) + re.findall(
        r'<script[^>]* src="([^"]+)"', page
    )
    answers = [_ask(stage.port, {"method": "GET", "path": path}) for path in dict.fromkeys(linked)]
    return sum(len(one) + len(other) for one, other in [(head, body), *answers])


# --- sending ---


def _ask(port: int, request: Request) -> tuple[bytes, bytes]:
    """Send one request; return head and body.

    Raises:
        RuntimeError: it was not answered well.
    """
    head, body = exchange(("127.0.0.1", port), request, {})
    if head[9:12] not in {b"200", b"302"}:
        raise RuntimeError(f"{request['path']} was answered {head[:60]!r}")
    return head, body


def _load(port: int, flows: list[Flow], connections: int, seconds: float) -> dict[str, Any]:
    """Run the load in its own process; return what it found and the CPU it took.

    Raises:
        RuntimeError: something was answered badly: then the figures mean nothing.
    """
    order = json.dumps({"port": port, "connections": connections, "seconds": seconds, "flows": flows})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], input=order, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    if found["errors"] or not found["done"]:
        raise RuntimeError(f"{len(found['errors'])} of {found['done']} visits failed: {found['errors'][:3]}")
    return found
