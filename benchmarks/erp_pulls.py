"""The first pull of an ERP, the same killed in the middle and resumed, and what one record in a hundred costs."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DOCUMENTS = ("orders", "deliveries", "invoices")


@dataclass
class Run:
    """What a process that pulled told: its pages, and the last line (empty when it was killed)."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)

    def given(self, kind: str) -> Counter[int]:
        """Return how often each page of a kind was given out, by its first record."""
        return Counter(page["first"] for page in self.pages if page["kind"] == kind)


def everything(items: int, documents: int) -> dict[str, Any]:
    """Pull all, all again with a kill in the middle, then the changes; return what each took.

    Raises:
        RuntimeError: a run ended early, or a resumed one was not as it should be.
    """
    first = run(items, documents)
    _forget()
    killed = run(items, documents, kill_after=items // 2)
    rest = run(items, documents)
    changed_at = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    changed = run(items, documents, changed_at=changed_at)
    return {
        "first": _figures(first),
        "memory": {group: _growth(first, kinds) for group, kinds in _groups()},
        "killed": resumed(killed, rest, items),
        "changes": _figures(changed),
    }


def run(items: int, documents: int, *, changed_at: dt.datetime | None = None, kill_after: int = 0) -> Run:
    """Pull in a process; with `kill_after` it is killed (SIGKILL) once so many items were asked for.

    Raises:
        RuntimeError: it ended early by itself.
    """
    command = [sys.executable, "-m", "benchmarks.erp_pull", str(items), str(documents)]
    command += [changed_at.isoformat()] if changed_at else []
    found = Run()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for told in _lines(process):
            if "kinds" in told:
                found.end = told
                continue
            found.pages.append(told)
            if kill_after and told["kind"] == "items" and told["last"] >= kill_after:
                process.kill()
                return found
    if not found.end.get("is_done"):
        raise RuntimeError(f"the pull ended early: {found.end.get('failed') or 'see above'}")
    return found


def _lines(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    for line in process.stdout or ():
        yield json.loads(line)


def _groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("items", ("items",)), ("documents", DOCUMENTS)


def _figures(found: Run) -> dict[str, dict[str, float]]:
    """Add up the kinds of each group."""
    kinds = found.end["kinds"]
    names = ("seen", "changed", "seconds", "cpu_s", "database_cpu_s", "erp_cpu_s")
    return {group: {name: sum(kinds[kind][name] for kind in of) for name in names} for group, of in _groups()}


def _growth(found: Run, kinds: tuple[str, ...]) -> dict[str, float]:
    """Return the most memory in the first and in the last fifth of the pages."""
    used = [page["mib"] for page in found.pages if page["kind"] in kinds]
    fifth = max(len(used) // 5, 1)
    return {"first_mib": max(used[:fifth]), "last_mib": max(used[-fifth:])}


def resumed(killed: Run, rest: Run, items: int) -> dict[str, Any]:
    """Compare what was given out before and after the kill; return that, and what the rest took.

    Raises:
        RuntimeError: more than the page in hand came twice, or something did not come at all.
    """
    before, after = killed.given("items"), rest.given("items")
    twice = sum((before & after).values())
    asked = sum(page["count"] for page in [*killed.pages, *rest.pages] if page["kind"] == "items")
    page = max(one["count"] for one in killed.pages if one["kind"] == "items")
    if twice > 1 or asked < items or asked > items + page:
        raise RuntimeError(f"resumed wrongly: {twice} pages twice, {asked} records asked for of {items}")
    return {"killed_at": killed.pages[-1]["last"] + 1, "pages_twice": twice, "asked": asked, **_figures(rest)}


def _forget() -> None:
    """Let the next pull begin from the beginning; the rows stay."""
    from erp_sync.mirror.models import SyncState

    SyncState.objects.all().delete()
