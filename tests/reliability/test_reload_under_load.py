"""The drill's own control: a web that drops what it has in hand when it is reloaded is noticed, a good one is not."""

import http.client
import threading

import pytest

from tests.reliability.drills import reload_under_load
from tests.reliability.drills.reload_under_load import CLIENTS, LOOKERS, TIMES, disturb, judge

ASKED = 20


class Reloaded:
    """A web that holds each request until it is reloaded, then answers or drops it; the last reload frees all."""

    def __init__(self, *, drops: bool) -> None:
        self._drops = drops
        self._turn = threading.Condition()
        self._reloads = self._in_hand = 0

    def get(self, path: str, *, session: str = "") -> tuple[int, str]:
        """Look."""
        if path != "/healthz":
            self._serve()
        return 200, ""

    def post(self, path: str, fields: dict[str, str], *, session: str) -> tuple[int, str]:
        """Order."""
        self._serve()
        return 302, f"/orders/{session}/"

    def reload(self) -> None:
        """Wait until something is in hand; end it."""
        with self._turn:
            assert self._turn.wait_for(lambda: self._in_hand, 60)
            self._reloads += 1
            self._in_hand = 0
            self._turn.notify_all()

    def _serve(self) -> None:
        with self._turn:
            mine = self._reloads
            if mine == TIMES:
                return
            self._in_hand += 1
            self._turn.notify_all()
            assert self._turn.wait_for(lambda: self._reloads > mine, 60)
        if self._drops:
            raise http.client.RemoteDisconnected("dropped by a reload")


def problems(monkeypatch: pytest.MonkeyPatch, *, drops: bool, there: int = ASKED) -> list[str]:
    monkeypatch.setattr(reload_under_load, "PAUSE_S", 0)
    web = Reloaded(drops=drops)
    seen = disturb(web, [(f"s{number}", {}) for number in range(ASKED)], "reloaded", web.reload)
    assert len(seen.acknowledged) == ASKED
    assert TIMES <= seen.failed <= TIMES * (CLIENTS + LOOKERS) if drops else seen.failed == 0
    return judge("reloaded", seen, allowed=0, asked=ASKED, there=there)


def test_a_reload_that_lets_requests_end_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, drops=False) == []


def test_a_reload_that_drops_requests_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("tries failed, 0 may" in one for one in problems(monkeypatch, drops=True))


def test_an_order_that_was_acknowledged_and_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, drops=False, there=ASKED - 1) == ["reloaded: 20 checkouts, 20 acknowledged, 19 orders"]
