"""The measuring of documents asks its questions; `make bench` asks them at full size."""

from __future__ import annotations

import pytest

from benchmarks import documents_bench, in_process
from erp_sync import gateway
from erp_sync.adapters import fake


@pytest.mark.django_db
def test_every_question_about_documents_is_answered_and_stands_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quotes_bench.TIMES", 1)
    monkeypatch.setattr("benchmarks.payments_bench.TIMES", 1)
    monkeypatch.setattr(in_process.timed, "__kwdefaults__", {"times": 1})
    try:
        rows = dict(documents_bench.everything(600))
    finally:
        fake.shared().reset()
        gateway.forget()
    wanted = ("accept a quote", "pay 20 invoices", "list of 600 invoices", "missing goods, 600 orders")
    assert all(any(name.startswith(one) for name in rows) for one in wanted)
    assert all(one["p95_ms"] > 0 and one["statements"] > 0 for one in rows.values())
    table = documents_bench.markdown({"at": "", "commit": "", "machine": {}, "data": "", "rows": rows})
    assert table.count("| met") + table.count("**missed**") == len(rows)
