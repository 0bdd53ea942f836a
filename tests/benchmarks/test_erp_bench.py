"""The measuring of the ERP's side asks its questions; `make bench` asks them at full size."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from benchmarks import erp_bench, erp_calls, erp_pulls, watched
from benchmarks.simulated import CHANGED_EACH, LINES, SimulatedErp
from erp_sync.mirror.models import Item, Order, OrderLine, SyncState
from erp_sync.records import Cursor

CHANGED_AT = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
PRICED = {"lines": 24, "items": 20, "calls": 1, "seconds": 0.5}


def test_the_simulated_erp_gives_each_record_once_and_later_only_what_changed() -> None:
    for changed_at, wanted in ((None, list(range(250))), (CHANGED_AT, [0, CHANGED_EACH, 2 * CHANGED_EACH])):
        erp = SimulatedErp(items=250, documents=0, changed_at=changed_at)
        cursor: Cursor | None = Cursor(changed_at)
        found: list[Any] = []
        while cursor is not None:
            page = erp.pull("items", cursor, limit=60, deadline_s=1)
            found += page.records
            cursor = page.next
        assert [int(one.erp_id) for one in found] == wanted


@pytest.mark.django_db
def test_a_watched_pull_tells_its_pages_and_what_they_took(capsys: pytest.CaptureFixture[str]) -> None:
    first = _told(watched.WatchedErp(items=120, documents=20), capsys)
    assert (Item.objects.count(), Order.objects.count(), OrderLine.objects.count()) == (120, 8, 8 * LINES)
    assert first.given("items") == {0: 1}
    assert first.end["is_done"]

    SyncState.objects.update(changed_at=CHANGED_AT)
    later = _told(watched.WatchedErp(items=120, documents=20, changed_at=CHANGED_AT), capsys)

    assert {kind: one["changed"] for kind, one in later.end["kinds"].items()} == dict.fromkeys(
        first.end["kinds"], 1
    ) | {"items": 2}


def test_a_resumed_pull_may_ask_for_one_page_again_and_for_no_more() -> None:
    page = {"kind": "items", "count": 10, "mib": 1.0}
    pages = [page | {"first": n, "last": n + 9} for n in range(0, 40, 10)]
    end = {"kinds": {kind: _took() for kind in ("items", *erp_pulls.DOCUMENTS)}}

    found = erp_pulls.resumed(erp_pulls.Run(pages[:3]), erp_pulls.Run(pages[2:], end), 40)

    assert (found["killed_at"], found["pages_twice"], found["asked"]) == (30, 1, 50)
    with pytest.raises(RuntimeError, match="resumed wrongly"):
        erp_pulls.resumed(erp_pulls.Run(pages[:3]), erp_pulls.Run(pages[1:], end), 40)
    with pytest.raises(RuntimeError, match="resumed wrongly"):
        erp_pulls.resumed(erp_pulls.Run(pages[:2]), erp_pulls.Run(pages[3:], end), 40)


def test_the_table_has_a_row_for_every_question_and_says_what_was_not_measured() -> None:
    groups = {"items": _took(), "documents": _took()}
    rates = [{"at_once": False, "workers": n, "orders": 24, "a_second": 2.0 * n} for n in erp_calls.WORKERS]
    result = {
        "at": "", "commit": "", "machine": {}, "data": "",
        "pulls": {
            "first": groups, "changes": groups, "killed": groups | {"killed_at": 5, "pages_twice": 1, "asked": 11},
            "memory": {group: {"first_mib": 100, "last_mib": 101} for group in groups},
        },
        "prices": {"Tryton": [PRICED]}, "orders": {"Tryton": rates}, "missing": {"Odoo": "there is none"},
    }  # fmt: skip

    text = erp_bench.markdown(result)

    assert text.count("| 1,000   | 1,000 ") == 5  # two first pulls, two of changes, one resumed
    assert "Not measured: Odoo, since there is none." in text
    assert "| Tryton | one at a time | 2.0      | 4.0       | 8.0       |" in text
    assert "Memory, items: 100 MiB at most in the first fifth of the pages, 101 MiB in the last." in text


def _took() -> dict[str, float]:
    return {"seen": 1_000, "changed": 1, "seconds": 1, "cpu_s": 1, "database_cpu_s": 1, "erp_cpu_s": 1}


def _told(erp: watched.WatchedErp, capsys: pytest.CaptureFixture[str]) -> erp_pulls.Run:
    assert watched.pull(erp) == 0
    *pages, end = map(json.loads, capsys.readouterr().out.splitlines())
    return erp_pulls.Run(pages, end)
