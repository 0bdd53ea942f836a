"""The goals, each checked against what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LIMIT = "limit"
AT = "4"  # connections at which ratios are taken
TIMES_THE_LIMIT = {"item list": 3, "item page": 3, "basket": 3, "order list": 3, "order page": 3, "search": 5}
MOST_STATEMENTS = 8
ORDERS_A_SECOND = 50
COLD_RATIO, WARM_RATIO = 1.15, 1.15
WARM_SLACK_MS = 5
CALLS_WARM = 0.35
FIRST_VIEW_KB, WORKER_MIB = 45, 100
ARCHIVE_MS = 300


@dataclass(frozen=True, slots=True)
class Goal:
    """What was wanted, what was measured, and whether that is enough."""

    words: str
    wanted: str
    measured: str
    is_met: bool


def goals_of(result: dict[str, Any]) -> list[Goal]:
    """Return every goal with its verdict."""
    return [
        *_cpu(result["pages"]),
        *_statements(result["pages"]),
        *_erp(result),
        _at_least("whole orders a second, export in the background", ORDERS_A_SECOND, result["orders"]["rate"]),
        *_archive(result["archive"]),
        _at_most("first view with css and js over the wire, kB", FIRST_VIEW_KB, result["first_view_bytes"] / 1000),
        _at_most(
            "memory of a web worker, its own and its share of common pages, MiB", WORKER_MIB, result["worker_share_mib"]
        ),
        _at_most("the same with common pages counted whole in each (RSS), peak, MiB", WORKER_MIB, result["worker_mib"]),
    ]


def _cpu(pages: dict[str, Any]) -> list[Goal]:
    limit_ms = pages[LIMIT]["runs"][AT]["cpu_ms"]
    return [
        _at_most(f"{name}: CPU, times the limit", most, pages[name]["runs"][AT]["cpu_ms"] / limit_ms)
        for name, most in TIMES_THE_LIMIT.items()
        if limit_ms
    ]


def _statements(pages: dict[str, Any]) -> list[Goal]:
    return [
        _at_most(f"{name}: SQL statements", MOST_STATEMENTS, page["statements"])
        for name, page in pages.items()
        if name in TIMES_THE_LIMIT or name == "home"
    ]


def _erp(result: dict[str, Any]) -> list[Goal]:
    cold, slow = result["cold"], result["slow_erp"]
    warm_most = max(WARM_RATIO * slow["p95_ms_before"], slow["p95_ms_before"] + WARM_SLACK_MS)
    return [
        _at_most("cold list: ERP calls a page", 1, cold["erp_calls"]),
        _at_most("warm list: ERP calls a page, refreshing included", CALLS_WARM, result["warm_erp_calls"]),
        _at_most("cold list: time, times the ERP batch's own", COLD_RATIO, cold["page_ms"] / cold["batch_ms"]),
        _at_most("warm list with an ERP of 300 ms: p95 in ms", warm_most, slow["p95_ms_during"]),
    ]


def _archive(archive: dict[str, Any]) -> list[Goal]:
    return [
        _at_most(f"{name}, {archive['orders']:,} orders of one company: p95 in ms", ARCHIVE_MS, page["p95_ms"])
        for name, page in archive["pages"].items()
    ]


def _at_most(words: str, most: float, measured: float) -> Goal:
    return Goal(words, f"at most {most:.3g}", f"{measured:.3g}", measured <= most)


def _at_least(words: str, least: float, measured: float) -> Goal:
    return Goal(words, f"at least {least:.3g}", f"{measured:.3g}", measured >= least)
