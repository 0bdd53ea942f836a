"""`manage.py erp_check`: nothing is written without --write, and the report says what to do."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from erp_sync.adapters.fake import FakeErp, shared
from erp_sync.conformance import questions
from erp_sync.conformance.guard import WRITES
from tests.erp_sync.adapters.samples import FakeSample, new_invoice


@pytest.fixture
def erp(settings: Any) -> Iterator[FakeErp]:
    settings.ERP_ADAPTER = "erp_sync.adapters.fake.FakeErp"
    fake = shared()
    fake.reset()
    FakeSample(fake)
    fake.put("invoices", new_invoice("1", "121.01"))
    yield fake
    fake.reset()


def _check(*given: str) -> str:
    out = StringIO()
    call_command("erp_check", *given, stdout=out)
    return out.getvalue()


def test_without_write_nothing_is_written(erp: FakeErp, tmp_path: Path) -> None:
    before = {kind: dict(records) for kind, records in erp.book.records.items()}
    report = tmp_path / "report.json"
    text = _check("--report", str(report))
    assert not WRITES & set(erp.book.calls)
    assert erp.book.calls.count("offers") > 10
    assert (erp.book.orders, erp.book.records) == ({}, before)
    answers = json.loads(report.read_text())["answers"]
    held = {one["question"] for one in answers if one["verdict"] == "cannot" and "--write" in one["detail"]}
    assert held == {one.name for one in questions.ALL if one.writes}
    assert "no price was confirmed" in text.lower()


def test_a_question_that_writes_by_mistake_is_stopped(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    unmarked = tuple(replace(one, writes=False) for one in questions.ALL if one.name == "an_order_comes_whole")
    monkeypatch.setattr(questions, "ALL", unmarked)
    assert "It would write into the ERP" in _check()
    assert erp.book.orders == {}


def test_with_write_the_orders_are_cancelled_again(erp: FakeErp) -> None:
    text = _check("--write", "--noinput", "--only", "an_order_comes_whole", "the_same_reference_twice_is_one_order")
    assert "2 pass, 0 fail, 0 cannot" in text
    assert "2 orders of this check were cancelled again" in text
    assert {one.state for one in erp.book.orders.values()} == {"cancelled"}


def test_confirmed_prices_are_compared_and_a_difference_ends_the_command(erp: FakeErp, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("customer;item;quantity;price\nc1;A;100;1.0101\nc2;A;1;0.9999\n", encoding="utf-8")
    only = ("--only", "prices_are_those_of_each_agreement")
    assert "2 of 2 equal" in _check("--prices", str(prices), *only)
    erp.set_price("contract", "A", (1, "0.5"))
    page = tmp_path / "report.html"
    with pytest.raises(CommandError, match="Not every promise"):
        _check("--prices", str(prices), "--report", str(page), *only)
    assert "the shop gets 0.5, not 0.9999" in page.read_text()
    assert "Do not go live" in page.read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("customer,item,price\n", "must begin with"),
        ("customer,item,quantity,price\nc1,A,1,9,99\n", "line 2"),
        ("customer,item,quantity,price\nc1,A,0,1\n", "above 0"),
    ],
)
def test_a_file_of_prices_that_cannot_be_read_says_where(erp: FakeErp, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=says):
        _check("--prices", str(path))


def test_a_report_is_in_the_language_asked_for_and_its_codes_in_none(
    erp: FakeErp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, page = tmp_path / "report.json", tmp_path / "report.html"
    _check("--report", str(path))
    english = json.loads(path.read_text())
    # A language that marks what it says.
    monkeypatch.setattr("django.utils.translation._trans.gettext", "¤{}".format)
    monkeypatch.setattr("django.utils.translation._trans.pgettext", "¤{1}".format)
    _check("--language", "es", "--report", str(path))
    text = _check("--language", "es", "--report", str(page))
    spanish = json.loads(path.read_text())
    assert [spanish["language"], english["language"]] == ["es", "en"]
    for code in ("question", "family", "verdict"):
        assert [one[code] for one in spanish["answers"]] == [one[code] for one in english["answers"]]
    said = [one[part] for one in spanish["answers"] for part in ("promise", "detail", "advice")] + spanish["notes"]
    assert [one for one in said if one and not one.startswith("¤")] == []
    assert [line for line in text.splitlines() if line and "¤" not in line and not line.startswith(" " * 6)] == []
    assert '<html lang="es">' in page.read_text()
    assert "¤cannot" in page.read_text()


def test_an_erp_that_is_away_is_said_with_what_to_do(erp: FakeErp) -> None:
    erp.book.is_down = True
    with pytest.raises(CommandError, match="See that the ERP runs"):
        _check()
