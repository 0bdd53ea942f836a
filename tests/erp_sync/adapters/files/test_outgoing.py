"""Orders on bad days: one file for a reference, whatever dies and when."""

import errno
import fcntl
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from erp_sync import records as r
from erp_sync.adapters.files import folders
from erp_sync.adapters.files import outgoing as outgoing_module
from erp_sync.adapters.files.adapter import FilesErp
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import WHOLESALER, connected

SECONDS = 60.0
STEPS = 5
LINES = (
    r.NewOrderLine(1, "TOR-0440", "TOR-0440", Decimal(10), Decimal("1.0505")),
    r.NewOrderLine(2, "GUA-0009", "GUA-0009", Decimal(1), Decimal("4.1111"), "=1+1"),
)
ORDER = r.NewOrder("WEB-OUT0001", "c1", "breaks", "EUR", LINES, customer_reference="-PO 1", note="Gate 3\nring twice")


def create(erp: FilesErp, order: r.NewOrder = ORDER) -> r.WrittenOrder:
    return erp.create_order(order, deadline_s=SECONDS)


def outgoing(side: OtherSide) -> list[str]:
    return sorted(one.name for one in (side.root / "outgoing").iterdir() if one.is_file())


def test_an_order_is_one_file_with_its_manifest_and_waits_for_its_number(side: OtherSide, erp: FilesErp) -> None:
    written = create(erp)
    assert (written.state, written.number, written.totals.total) == ("handed", "", Decimal("17.69"))
    assert outgoing(side) == ["WEB-OUT0001.csv", "WEB-OUT0001.json"]
    (manifest,) = side.waiting()
    assert (manifest["sequence"], manifest["rows"]) == (1, 2)
    text = (side.root / "outgoing" / "WEB-OUT0001.csv").read_text()
    assert "'-PO 1" in text
    assert "'=1+1" in text
    assert "Gate 3 ring twice" in text
    side.work()
    (found,) = erp.find_order("WEB-OUT0001", deadline_s=SECONDS)
    assert (found.state, found.number, found.totals.total) == ("confirmed", "SO0001", Decimal("17.69"))


def test_an_order_that_the_erp_took_away_is_never_handed_over_again(side: OtherSide, erp: FilesErp) -> None:
    create(erp)
    for one in (side.root / "outgoing").glob("WEB-*"):
        one.unlink()
    assert create(erp).state == "handed"
    assert outgoing(side) == []


def test_another_order_with_the_reference_is_refused_and_the_first_stays(side: OtherSide, erp: FilesErp) -> None:
    create(erp)
    before = (side.root / "outgoing" / "WEB-OUT0001.csv").read_bytes()
    other = replace(ORDER, lines=LINES[:1])
    assert create(erp, other).lines == tuple((one.line_no, one.quantity, one.net_price) for one in LINES)
    with pytest.raises(ErpRejected, match="Another order was handed over"):
        erp._orders._outgoing.hand_over(other)  # noqa: SLF001 (as two processes that looked at the same time)
    assert (side.root / "outgoing" / "WEB-OUT0001.csv").read_bytes() == before


def test_a_discount_is_a_row_of_its_own_and_takes_off_tax_as_the_goods_have_it(side: OtherSide) -> None:
    reduced = WHOLESALER["items"].replace("Artículo 4, pc,   21,", "Artículo 4, pc,   10,")
    side.export({"items": reduced}, content="changes")
    erp = connected(side)
    erp.now(deadline_s=SECONDS)
    # 10.51 at 21 % and 4.11 at 10 %: of 5.00 the larger bears 3.59, the smaller 1.41.
    order = replace(ORDER, discount=r.NewDiscount(Decimal("5.00"), "=Autumn"))
    assert (before := erp.totals(ORDER, deadline_s=SECONDS)).tax == Decimal("2.62")
    written = create(erp, order)
    assert (before.untaxed - written.totals.untaxed, written.totals.tax) == (Decimal("5.00"), Decimal("1.72"))
    assert len(written.lines) == len(written.totals.line_amounts) == len(LINES)
    text = (side.root / "outgoing" / "WEB-OUT0001.csv").read_text()
    assert text.splitlines()[-1].endswith(",3,,1,-5.00,'=Autumn,discount,")
    assert create(connected(side), order) == written


def test_a_discount_is_refused_where_the_erp_reads_no_such_row(side: OtherSide) -> None:
    order = replace(ORDER, discount=r.NewDiscount(Decimal("5.00"), "Autumn"))
    erp = connected(side, discounts=False)
    assert not erp.capabilities.has_discount_lines
    with pytest.raises(ErpRejected, match="takes no discounts"):
        create(erp, order)
    assert outgoing(side) == []


def test_four_threads_and_four_processes_hand_over_one(side: OtherSide, erp: FilesErp) -> None:
    gate = threading.Barrier(4)

    def send() -> None:
        gate.wait(timeout=SECONDS)
        connected(side)._orders._outgoing.hand_over(ORDER)  # noqa: SLF001 (nobody looks before)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in [fork(lambda: create(connected(side))) for _ in range(4)]:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert outgoing(side) == ["WEB-OUT0001.csv", "WEB-OUT0001.json"]
    assert create(erp, replace(ORDER, reference="WEB-OUT0002")).state == "handed"
    assert [one["sequence"] for one in side.waiting()] == [1, 2]
    side.work()
    assert side.taken == ["WEB-OUT0001", "WEB-OUT0002"]


def test_numbers_are_given_by_one_process_at_a_time(side: OtherSide, erp: FilesErp) -> None:
    thread = threading.Thread(target=create, args=[erp])
    with folders.locked(side.root / "state" / "outgoing.lock"):
        thread.start()
        thread.join(timeout=0.3)
        assert outgoing(side) == [], "it waits for the one who gives a number now"
    thread.join(timeout=SECONDS)
    assert outgoing(side) == ["WEB-OUT0001.csv", "WEB-OUT0001.json"]


def test_a_process_that_holds_the_folder_for_ever_is_not_waited_for(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing_module, "LONGEST_WAIT_S", 0.0)
    with folders.locked(side.root / "state" / "outgoing.lock"), pytest.raises(ErpUnavailable, match="too long") as told:
        create(erp)
    assert told.value.nothing_sent
    assert outgoing(side) == []


def test_the_name_can_be_given_once_even_where_locks_do_not_work(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_given: None)
    sent = side.root / "sent" / "WEB-OUT0001.csv"
    assert folders.claim(sent, b"the other process was first")
    with pytest.raises(ErpRejected, match="Another order was handed over"):
        erp._orders._outgoing.hand_over(ORDER)  # noqa: SLF001 (it looked before the other one)
    assert sent.read_bytes() == b"the other process was first"


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_process_that_is_killed_at_a_step_leaves_one_order(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch, step: int, *, is_done: bool
) -> None:
    child = fork(lambda: killed_at(step, monkeypatch, lambda: create(connected(side)), is_done=is_done))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    side.work()
    assert len(side.taken) == int(step == STEPS and is_done), "without its manifest no order is taken"
    found = erp.find_order("WEB-OUT0001", deadline_s=SECONDS)
    assert len(found) <= 1
    create(erp)
    assert create(erp, replace(ORDER, reference="WEB-OUT0002")).state == "handed"
    side.work()
    assert sorted(side.taken) == ["WEB-OUT0001", "WEB-OUT0002"]
    assert create(erp).state == "confirmed"


def test_numbers_have_no_gap_when_an_order_is_carried_on(side: OtherSide, erp: FilesErp) -> None:
    side.limits.clear()
    numbers = []
    for count, step in enumerate((0, 1, 2, 3, 0), 1):
        order = replace(ORDER, reference=f"WEB-NR{count}")
        if step:
            with pytest.MonkeyPatch.context() as patch:
                child = fork(lambda: killed_at(step, patch, lambda: create(connected(side), order), is_done=True))  # noqa: B023
                os.waitpid(child, 0)
        create(erp, order)
    numbers = [one["sequence"] for one in side.waiting()]
    assert numbers == [1, 2, 3, 4, 5]


def test_a_full_disk_is_told_as_nothing_sent_and_leaves_nothing(
    side: OtherSide, erp: FilesErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ErpUnavailable, match="No space left on device") as told:
            create(erp)
    assert told.value.nothing_sent
    assert erp.find_order("WEB-OUT0001", deadline_s=SECONDS) == []
    assert not list(side.root.rglob("*.part"))
    assert create(erp).state == "handed"


@pytest.mark.parametrize("reference", ["../WEB-1", "WEB/1", "", ".hidden", "WEB-1\n"])
def test_a_reference_that_can_be_no_name_is_refused(side: OtherSide, erp: FilesErp, reference: str) -> None:
    with pytest.raises(ErpRejected, match="can be no name of a file"):
        create(erp, replace(ORDER, reference=reference))
    assert outgoing(side) == []


def test_a_copy_that_somebody_changed_is_told(side: OtherSide, erp: FilesErp) -> None:
    create(erp)
    (side.root / "sent" / "WEB-OUT0001.csv").write_text("reference\nWEB-OUT0001\n")
    with pytest.raises(ErpBroken, match="was changed"):
        erp.find_order("WEB-OUT0001", deadline_s=SECONDS)


def test_two_orders_of_the_erp_with_one_reference_are_both_found(side: OtherSide, erp: FilesErp) -> None:
    side.export(
        {
            "orders": "order_id,account_id,placed_at,status,shop_ref\n"
            "SO7,c1,2026-11-02T10:00:00,open,WEB-7\nSO8,c1,2026-11-02T10:00:00,open,WEB-7"
        },
        content="changes",
    )
    assert [one.erp_id for one in erp.find_order("WEB-7", deadline_s=SECONDS)] == ["SO7", "SO8"]


def fork(act: Callable[[], object]) -> int:
    """Let a child process act and end."""
    child = os.fork()
    if not child:
        try:
            act()
        except BaseException:  # noqa: BLE001 (the parent reads the code)
            os._exit(1)
        os._exit(0)
    return child


def killed_at(step: int, patch: pytest.MonkeyPatch, act: Callable[[], object], *, is_done: bool) -> None:
    """Act, and die before or after the step."""
    steps = 0

    def count(one: Callable[[], object]) -> None:
        nonlocal steps
        steps += 1
        if steps == step and not is_done:
            os._exit(9)
        one()
        if steps == step:
            os._exit(9)

    patch.setattr(folders, "_step", count)
    act()
