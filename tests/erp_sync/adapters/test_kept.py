"""What an adapter knows of its ERP: read once, then anew behind the pages, by one reader at a time."""

import threading
from collections.abc import Iterator

import pytest

from erp_sync.adapters import kept
from erp_sync.adapters.kept import Kept
from erp_sync.errors import ErpMisconfigured, ErpUnavailable
from erp_sync.http import Deadline

END_S = 30.0


class Readings:
    """Counts readings; each waits until it may end."""

    def __init__(self) -> None:
        self.count = 0
        self.may_end = threading.Event()
        self.ended = threading.Semaphore(0)

    def find(self, deadline: Deadline) -> int:
        """Return which reading it is."""
        self.count += 1
        assert self.may_end.wait(END_S)
        self.ended.release()
        return self.count


@pytest.fixture
def readings() -> Iterator[Readings]:
    readings = Readings()
    readings.may_end.set()
    yield readings
    readings.may_end.set()


def test_it_is_read_once(readings: Readings) -> None:
    known = Kept(readings.find)
    assert [known.get(Deadline(END_S)) for _ in range(3)] == [1, 1, 1]


def test_a_page_that_cannot_wait_gives_up_and_the_next_one_finds_it(readings: Readings) -> None:
    readings.may_end.clear()
    known = Kept(readings.find)
    with pytest.raises(ErpUnavailable) as refused:
        known.get(Deadline(0.01))
    assert refused.value.nothing_sent
    readings.may_end.set()
    assert known.get(Deadline(END_S)) == readings.count == 1


def test_what_is_old_is_given_at_once_and_read_anew_behind_once(
    readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Kept(readings.find)
    known.get(Deadline(END_S))
    assert readings.ended.acquire(timeout=END_S)
    monkeypatch.setattr(kept, "KEEP_S", 0.0)
    readings.may_end.clear()

    assert [known.get(Deadline(0.0)) for _ in range(5)] == [1] * 5

    monkeypatch.setattr(kept, "KEEP_S", END_S)
    readings.may_end.set()
    assert readings.ended.acquire(timeout=END_S)
    assert readings.count == 2


def test_what_cannot_be_read_is_tried_again_by_the_next_page() -> None:
    answers: Iterator[int] = iter([1])
    tries = []

    def find(deadline: Deadline) -> int:
        tries.append(deadline)
        if len(tries) == 1:
            raise ErpMisconfigured("no warehouse")
        return next(answers)

    known = Kept(find)
    with pytest.raises(ErpMisconfigured):
        known.get(Deadline(END_S))
    assert known.get(Deadline(END_S)) == 1
