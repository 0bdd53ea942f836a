"""The line to a stub does what its plan says, once."""

import httpx2
import pytest

from erp_sync.errors import ErpBroken, ErpUnavailable
from erp_sync.http import Answer, Deadline, ErpHttp
from tests.erp_stubs.transport import Fault, Killed, StubLine, sends


class Counter:
    """An ERP that counts what it has processed."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        self.done += 1
        return httpx2.Response(200, json={"path": request.url.path})


def _post(http: ErpHttp, path: str = "/orders?a=%20b", seconds: float = 5) -> Answer:
    return http.request("POST", path, operation="post", deadline=Deadline(seconds), content=b'{"n": 1}')


def _line() -> tuple[Counter, StubLine, ErpHttp]:
    counter = Counter()
    line = StubLine(counter)
    return counter, line, ErpHttp("https://erp.test", transport=line)


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        (Fault.REFUSED, ErpUnavailable, 0),
        (Fault.LOST_BEFORE, ErpUnavailable, 0),
        (Fault.UNAVAILABLE, ErpUnavailable, 0),
        (Fault.ERROR_AFTER, ErpUnavailable, 1),
        (Fault.LOST_AFTER, ErpUnavailable, 1),
        (Fault.BROKEN_AFTER, ErpUnavailable, 1),
        (Fault.SLOW, ErpUnavailable, 1),
        (Fault.KILLED_AFTER, Killed, 1),
    ],
)
def test_a_fault_strikes_once_and_processes_what_it_says(fault: Fault, error: type[BaseException], done: int) -> None:
    counter, line, http = _line()
    plan = line.next(fault)
    with pytest.raises(error) as caught:
        _post(http)
    assert (counter.done, plan.struck) == (done, True)
    assert getattr(caught.value, "nothing_sent", False) is (fault in {Fault.REFUSED, Fault.LOST_BEFORE})
    assert _post(http).json() == {"path": "/orders"}


def test_a_refusal_comes_with_its_status_and_words_and_nonsense_is_no_json() -> None:
    counter, line, http = _line()
    line.bodies = {Fault.UNAUTHORIZED: {"error": "who?"}}
    for fault in (Fault.UNAUTHORIZED, Fault.TOO_MANY, Fault.GARBAGE):
        line.next(fault, at=len(line.plans) + 1)
    refused, limited, nonsense = _post(http), _post(http), _post(http)
    assert (refused.status, refused.json()) == (401, {"error": "who?"})
    assert (limited.status, limited.headers["Retry-After"], counter.done) == (429, "7", 1)
    with pytest.raises(ErpBroken):
        nonsense.json()


def test_a_caller_with_time_gets_the_slow_answer() -> None:
    _, line, http = _line()
    line.next(Fault.SLOW)
    assert _post(http, seconds=60).status == 200


def test_a_plan_waits_for_its_request_and_all_are_recorded() -> None:
    _, line, http = _line()
    plan = line.next(Fault.REFUSED, at=2, when=sends("POST", "/pay"))
    _post(http, "/pay/1")
    _post(http)
    with pytest.raises(ErpUnavailable):
        _post(http, "/pay/2")
    assert plan.struck
    assert [one.path for one in line.requests] == ["/pay/1", "/orders?a=%20b", "/pay/2"]
    assert line.sent("POST", "/orders")[0].json() == {"n": 1}
