"""The breaker opens when the ERP fails and closes when a probe is answered."""

import pytest

from erp_sync.gateway.breaker import Breaker
from tests.builders.ticks import Ticks

PAUSE_S = 10.0


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    return Ticks.instead_of("erp_sync.gateway.breaker", monkeypatch)


def breaker() -> Breaker:
    return Breaker(failures=5, window=20, pause_s=PAUSE_S)


def test_five_failures_in_a_row_open_it() -> None:
    fuse = breaker()
    for _ in range(4):
        fuse.failed()
    assert fuse.admits()
    fuse.failed()
    assert not fuse.admits()
    assert fuse.state == "open"


def test_an_answer_between_failures_keeps_it_closed() -> None:
    fuse = breaker()
    for _ in range(4):
        fuse.failed()
    fuse.succeeded()
    for _ in range(4):
        fuse.failed()
    assert fuse.state == "closed"


def test_half_of_the_last_twenty_open_it() -> None:
    fuse = breaker()
    for _ in range(9):
        fuse.succeeded()
        fuse.failed()
    fuse.succeeded()
    assert fuse.state == "closed"
    fuse.failed()
    assert fuse.state == "open"


def opened() -> Breaker:
    fuse = breaker()
    for _ in range(5):
        fuse.failed()
    assert not fuse.admits()
    return fuse


def test_after_the_pause_one_caller_probes_and_the_others_wait(ticks: Ticks) -> None:
    fuse = opened()
    ticks.go_on(PAUSE_S)
    assert fuse.state == "probing"
    assert [fuse.admits() for _ in range(3)] == [True, False, False]


def test_a_probe_that_fails_keeps_it_open_and_one_that_is_answered_closes_it(ticks: Ticks) -> None:
    fuse = opened()
    ticks.go_on(PAUSE_S)
    assert fuse.admits()
    fuse.failed()
    assert not fuse.admits()
    ticks.go_on(PAUSE_S)
    assert fuse.admits()
    fuse.succeeded()
    assert [fuse.admits() for _ in range(3)] == [True, True, True]
