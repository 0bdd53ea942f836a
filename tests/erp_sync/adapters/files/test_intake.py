"""Batches on bad days: taken whole and once, in their order, or refused in a sentence and nothing of them kept."""

import contextlib
import datetime as dt
import errno
import json
import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.files import applying, folders
from erp_sync.adapters.files.adapter import FilesErp
from erp_sync.adapters.files.setup import Options, folders_of
from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.faults import LineFault, broken_line
from tests.erp_sync.adapters.files.other_side import OtherSide, table, write_batch
from tests.erp_sync.adapters.files.wholesaler import connected

SECONDS = 60.0
STOCK = "sku,warehouse,on_hand\nTOR-0440,Main,{}"
CONTEXT = r.PriceContext("c1", "breaks", "EUR")


def take(erp: FilesErp) -> dt.datetime:
    return erp.now(deadline_s=SECONDS)


def pulled(erp: FilesErp, kind: str, since: dt.datetime | None = None) -> list[Any]:
    return list(erp.pull(kind, r.Cursor(since), limit=100, deadline_s=SECONDS).records)


def broken(erp: FilesErp, kind: str) -> list[r.Broken]:
    return list(erp.pull(kind, r.Cursor(), limit=100, deadline_s=SECONDS).broken)


def on_hand(erp: FilesErp) -> Decimal | None:
    """Return the stock of TOR-0440: 80 by the first batch."""
    (offer,) = erp.offers(CONTEXT, [r.Ask("TOR-0440", "TOR-0440")], deadline_s=SECONDS)
    return offer.stock[0].on_hand if offer.stock else None


def answer(side: OtherSide, name: str) -> dict[str, Any]:
    """Return what the shop said about a batch."""
    found: dict[str, Any] = json.loads((side.root / "outgoing" / "batches" / f"{name}.json").read_text())
    return found


def assert_refused(side: OtherSide, erp: FilesErp, name: str, sentence: str) -> None:
    """The batch stays, the ERP and the operator read why, and the shop goes on with what it had."""
    take(erp)
    assert (side.root / "incoming" / name).exists()
    assert answer(side, name)["state"] == "refused"
    assert sentence in answer(side, name)["message"]
    with pytest.raises(ErpBroken) as told:
        erp.health(deadline_s=SECONDS)
    assert sentence in str(told.value)
    assert on_hand(erp) == 80


def test_a_batch_is_taken_answered_and_put_away(side: OtherSide, erp: FilesErp) -> None:
    side.export({"stock": STOCK.format(7)}, content="changes", name="tonight")
    take(erp)
    assert on_hand(erp) == 7
    assert answer(side, "tonight") == {
        "sequence": 2,
        "state": "taken",
        "files": {"stock.csv": {"rows": 1, "changed": 1, "gone": 1, "ignored_columns": [], "unreadable": []}},
    }
    assert not any((side.root / "incoming").iterdir())
    assert (side.root / "done" / "000002" / "stock.csv").exists()
    assert erp.health(deadline_s=SECONDS).version.startswith("1, batch 2 of ")


def test_a_batch_without_its_manifest_is_not_there_yet(side: OtherSide, erp: FilesErp) -> None:
    folder = side.export({"stock": STOCK.format(7)}, content="changes")
    (folder / "manifest.json").rename(side.root / "kept")
    take(erp)
    assert on_hand(erp) == 80
    erp.health(deadline_s=SECONDS)
    (side.root / "kept").rename(folder / "manifest.json")
    take(erp)
    assert on_hand(erp) == 7


def test_a_file_that_is_not_there_is_named(side: OtherSide, erp: FilesErp) -> None:
    folder = side.export({"stock": STOCK.format(7), "accounts": "account_id,name\nc9,New"}, name="tonight")
    (folder / "accounts.csv").unlink()
    assert_refused(side, erp, "tonight", "accounts.csv is in the manifest and not in the folder")


def test_a_file_that_was_changed_afterwards_is_named(side: OtherSide, erp: FilesErp) -> None:
    folder = side.export({"stock": STOCK.format(7)}, name="tonight")
    (folder / "stock.csv").write_bytes(table(STOCK.format(8)))
    assert_refused(side, erp, "tonight", "stock.csv is not the file that the manifest describes")


def test_a_missing_number_holds_the_later_ones_back_until_it_comes(side: OtherSide, erp: FilesErp) -> None:
    side.sequence = 2
    side.export({"stock": STOCK.format(3)}, content="changes", name="third")
    assert_refused(side, erp, "third", "batch 2 is missing before batch 3")
    side.sequence = 1
    side.export({"stock": STOCK.format(2)}, content="changes", name="second")
    take(erp)
    assert on_hand(erp) == 3
    erp.health(deadline_s=SECONDS)


def test_a_whole_batch_may_start_anew_after_a_gap(side: OtherSide, erp: FilesErp) -> None:
    side.sequence = 8
    side.export({"stock": STOCK.format(9)}, restart=True)
    take(erp)
    assert on_hand(erp) == 9


def test_changes_cannot_start_anew(side: OtherSide, erp: FilesErp) -> None:
    side.sequence = 8
    side.export({"stock": STOCK.format(9)}, restart=True, content="changes", name="tonight")
    assert_refused(side, erp, "tonight", "may hold whole files only")


def test_a_batch_that_comes_again_is_put_away_and_changes_nothing(side: OtherSide, erp: FilesErp) -> None:
    since = take(erp)
    shutil.copytree(side.root / "done" / "000001", side.root / "incoming" / "again")
    take(erp)
    assert not (side.root / "incoming" / "again").exists()
    assert answer(side, "again")["state"] == "taken"
    assert pulled(erp, "items", since) == []


def test_another_batch_with_a_number_that_was_taken_is_refused(side: OtherSide, erp: FilesErp) -> None:
    side.sequence = 0
    side.export({"stock": STOCK.format(7)}, name="again")
    assert_refused(side, erp, "again", "batch 1 was taken already with another content")


def test_a_row_too_few_is_noticed(side: OtherSide, erp: FilesErp) -> None:
    data = table(STOCK.format(7))
    folder = write_batch(side.root / "incoming" / "tonight", 2, {"stock.csv": data})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["rows"] = 2
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert_refused(side, erp, "tonight", "stock.csv has 1 rows, the manifest says 2")


@pytest.mark.parametrize("name", ["../stock.csv", "/etc/passwd", "stock.csv/../x.csv", "Stock.csv", "events.csv", ""])
def test_only_files_of_the_template_can_be_named(side: OtherSide, erp: FilesErp, name: str) -> None:
    folder = side.export({"stock": STOCK.format(7)}, name="tonight")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["name"] = name
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert_refused(side, erp, "tonight", f"there is no file {name!r}")


def test_links_are_not_followed(side: OtherSide, erp: FilesErp) -> None:
    folder = side.export({"stock": STOCK.format(7)}, name="tonight")
    (folder / "stock.csv").rename(side.root / "elsewhere.csv")
    (folder / "stock.csv").symlink_to(side.root / "elsewhere.csv")
    assert_refused(side, erp, "tonight", "stock.csv is no plain file")
    folder.rename(side.root / "elsewhere")
    folder.symlink_to(side.root / "elsewhere")
    assert_refused(side, erp, "tonight", "it is a link")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"exported_at": "yesterday"}, "exported_at must be a time"),
        ({"exported_at": "2999-01-01T00:00:00+00:00"}, "which is to come: its zone?"),
        ({"sequence": "2"}, "sequence must be a whole number"),
        ({"zone": "Europe/Atlantis"}, "no such encoding or zone"),
        ({"encoding": "klingon"}, "no such encoding or zone"),
        ({"decimal": "'"}, 'decimal must be "." or ","'),
        ({"files": []}, "files must be a list"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(
    side: OtherSide, erp: FilesErp, said: dict[str, Any], sentence: str
) -> None:
    folder = side.export({"stock": STOCK.format(7)}, name="tonight")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | said))
    assert_refused(side, erp, "tonight", sentence)


def test_a_missing_column_is_named(side: OtherSide, erp: FilesErp) -> None:
    side.export({"stock": "sku,warehouse,quantity\nTOR-0440,Main,7"}, name="tonight")
    assert_refused(side, erp, "tonight", "stock.csv lacks the column on_hand")


def test_another_encoding_is_taken_when_it_is_declared_and_refused_in_words_when_not(
    side: OtherSide, erp: FilesErp
) -> None:
    data = "account_id;name\nc9;Peña y Compañía\n".encode("cp1252")
    folder = write_batch(side.root / "incoming" / "tonight", 2, {"accounts.csv": data}, content="changes")
    assert_refused(side, erp, "tonight", "is not in utf-8 (at 'd;name\\nc9;Peña y Compañí'): declare")
    shutil.rmtree(folder)
    write_batch(folder, 2, {"accounts.csv": data}, content="changes", encoding="cp1252")
    take(erp)
    assert "Peña y Compañía" in [one.name for one in pulled(erp, "customers")]


def test_numbers_with_a_comma_are_taken_when_they_are_declared_and_told_when_not(
    side: OtherSide, erp: FilesErp
) -> None:
    data = b"\xef\xbb\xbfsku;warehouse;on_hand\nTOR-0440;Main;1.234,5\nCAB-0025;Main;7\n"
    write_batch(side.root / "incoming" / "tonight", 2, {"stock.csv": data}, content="changes")
    take(erp)
    (told,) = answer(side, "tonight")["files"]["stock.csv"]["unreadable"]
    assert told.startswith("stock.csv, line 2, column on_hand: '1.234,5' is no number like 1234.5; declare")
    assert [one.reason for one in broken(erp, "items")] == [told]
    assert on_hand(erp) == 40, "the row that came and cannot be read stays as it was, the other one is gone"
    write_batch(side.root / "incoming" / "later", 3, {"stock.csv": data}, content="changes", decimal=",")
    take(erp)
    assert on_hand(erp) == Decimal("1234.5")


def test_a_record_that_cannot_be_read_stays_as_it_was_until_it_can(side: OtherSide, erp: FilesErp) -> None:
    lines = "order_id,line_no,sku,qty_ordered,net_price\nSO1,1,TOR-0440,10,1.05\nSO1,2,CAB-0025,{},2.00"
    since = take(erp)
    side.export({"order_lines": lines.format("ten")}, content="changes")
    take(erp)
    (found,) = broken(erp, "orders")
    assert (found.erp_id, pulled(erp, "orders", since)) == ("SO1", [])
    assert "line 3, column qty_ordered: 'ten' is no number" in found.reason
    assert list(erp.keys("orders", deadline_s=SECONDS)) == ["SO1"]
    side.export({"order_lines": lines.format("4")}, content="changes")
    take(erp)
    (order,) = pulled(erp, "orders", since)
    assert [line.quantity for line in order.lines] == [10, 4]
    assert broken(erp, "orders") == []


@pytest.mark.parametrize("content", ["changes", "full"])
def test_a_record_that_is_right_again_is_told_even_when_it_is_as_it_was(
    side: OtherSide, erp: FilesErp, content: str
) -> None:
    right = (side.root / "done/000001/order_lines.csv").read_text()
    since = take(erp)
    side.export({"order_lines": right.replace(",10,", ",ten,")}, content=content)
    take(erp)
    assert [one.erp_id for one in broken(erp, "orders")] == ["SO1"]
    side.export({"order_lines": right}, content=content)
    take(erp)
    assert [one.erp_id for one in pulled(erp, "orders", since)] == ["SO1"], "so that the quarantine closes"


def test_a_nightly_export_of_the_same_changes_nothing_and_what_is_missing_is_gone(
    side: OtherSide, erp: FilesErp
) -> None:
    head, *rows = (line for line in (side.root / "done/000001/items.csv").read_text().splitlines())
    since = take(erp)
    side.export({"items": "\n".join([head, *rows])})
    take(erp)
    assert pulled(erp, "items", since) == []
    side.export({"items": "\n".join([head, *rows[1:]])})
    take(erp)
    assert pulled(erp, "items", since) == []
    assert list(erp.keys("items", deadline_s=SECONDS)) == ["AMO-0115", "CAB-0025", "GUA-0009"]


def test_an_order_that_is_exported_twice_is_one(side: OtherSide, erp: FilesErp) -> None:
    rows = "order_id,account_id,placed_at,status,shop_ref\nSO9,c1,2026-11-02T10:00:00,{},WEB-9"
    side.export({"orders": rows.format("open")}, content="changes")
    side.export({"orders": rows.format("completed")}, content="changes")
    take(erp)
    (found,) = erp.find_order("WEB-9", deadline_s=SECONDS)
    assert (found.erp_id, found.state) == ("SO9", "confirmed")
    assert [one.erp_id for one in pulled(erp, "orders")] == ["SO1", "SO9"]


def test_a_cut_at_any_step_is_carried_on_by_another_process(side: OtherSide, erp: FilesErp) -> None:
    steps = 0
    while True:
        steps += 1
        side.export({"stock": STOCK.format(100 + steps)}, content="changes", name="tonight")
        with broken_line(LineFault.LOST, step=steps) as line, contextlib.suppress(ErpUnavailable):
            take(erp)
        take(connected(side))
        assert on_hand(erp) == 100 + steps
        assert answer(side, "tonight")["sequence"] == steps + 1
        assert not any((side.root / "incoming").iterdir())
        if not line.struck:
            break
    assert steps == 3, "the answer, the move"


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_of_the_batch(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.export({"stock": STOCK.format(7)}, content="changes")
    child = os.fork()
    if not child:
        monkeypatch.setattr(applying, "stamp", lambda *_given: os._exit(9))
        take(connected(side))
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert on_hand(erp) == 80
    take(erp)
    assert on_hand(erp) == 7


def test_a_full_disk_is_told_and_nothing_is_taken_twice(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.export({"stock": STOCK.format(7)}, content="changes")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ErpUnavailable, match="No space left on device"):
            take(erp)
    assert not list(side.root.rglob("*.part"))
    take(erp)
    assert on_hand(erp) == 7
    assert (side.root / "done" / "000002").exists()


def test_a_share_that_is_not_mounted_is_unavailable_and_comes_back(side: OtherSide, erp: FilesErp) -> None:
    away = side.root.with_name("away")
    side.root.rename(away)
    for ask in (lambda: take(erp), lambda: on_hand(erp), lambda: erp.health(deadline_s=SECONDS)):
        with pytest.raises(ErpUnavailable) as told:
            ask()
        assert told.value.nothing_sent
    away.rename(side.root)
    assert on_hand(erp) == 80


def test_lost_tables_are_made_again_from_the_batches(side: OtherSide, erp: FilesErp) -> None:
    side.export({"stock": STOCK.format(7)}, content="changes")
    take(erp)
    before = {kind: pulled(erp, kind) for kind in ("items", "orders", "invoices")}
    shutil.rmtree(side.root / "state")
    with pytest.raises(ErpUnavailable, match="no batch was taken yet"):
        on_hand(erp)
    take(erp)
    assert on_hand(erp) == 7
    assert {kind: [one.erp_id for one in pulled(erp, kind)] for kind in before} == {
        kind: [one.erp_id for one in found] for kind, found in before.items()
    }
    side.export({"stock": STOCK.format(8)}, content="changes")
    take(erp)
    assert on_hand(erp) == 8


def test_damaged_tables_say_what_to_do(side: OtherSide) -> None:
    state = side.root / "state"
    for one in state.glob("taken.sqlite3*"):
        one.unlink()
    (state / "taken.sqlite3").write_bytes(b"no database at all, but long enough to be looked at" * 99)
    with pytest.raises(ErpBroken, match="delete the folder state"):
        take(connected(side))


def test_while_one_process_takes_a_batch_the_others_go_on_with_what_was_taken(side: OtherSide, erp: FilesErp) -> None:
    before = take(erp)
    side.export({"stock": STOCK.format(7)}, content="changes")
    with folders.locked(side.root / "state" / "lock") as is_ours:
        assert is_ours
        horizon = take(connected(side))
        assert on_hand(erp) == 80
    assert horizon <= before, "what the other one takes comes after it"
    take(erp)
    assert on_hand(erp) == 7


@pytest.mark.parametrize("url", ["", "/srv/erp", "http://erp/", "file://host/srv", "file:///", "file:erp"])
def test_an_address_that_is_no_folder_is_refused(url: str) -> None:
    with pytest.raises(Exception, match="ERP_URL is"):
        folders_of(url, Options())


@pytest.mark.parametrize(
    "option", [{"zone": "Mars"}, {"credit": "yes"}, {"max_age_hours": True}, {"rounding": "down"}, {"incomming": "x"}]
)
def test_an_option_that_cannot_be_is_refused(tmp_path: Path, option: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="ERP_OPTIONS"):
        FilesErp.from_settings(url=tmp_path.as_uri(), database="", user="", password="", options=option)
