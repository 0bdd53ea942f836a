"""Tryton's wire: sessions, a busy database, typed values, errors by what to do next."""

import base64
import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline, ErpHttp

Answers = Callable[[dict[str, Any], httpx2.Request], httpx2.Response]


class Server:
    """Answers log-ins itself and everything else with `answers`."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.methods: list[str] = []
        self.tokens = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        body = json.loads(request.content)
        assert set(body) == {"id", "method", "params"}
        assert request.headers["Accept-Encoding"] == "gzip"
        self.methods.append(body["method"])
        if body["method"] == "common.db.login":
            self.tokens += 1
            return result([7, f"token{self.tokens}", None])
        if body["method"] == "model.res.user.get_preferences":
            return result({"company": 1, "language": "es"})
        return self.answers(body, request)


def result(value: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"id": 1, "result": value})


def failure(*error: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"id": 1, "error": list(error)})


def _client(answers: Answers) -> tuple[TrytonClient, Server]:
    server = Server(answers)
    http = ErpHttp("http://erp.test", transport=httpx2.MockTransport(server))
    return TrytonClient(http, database="erp", user="shop", password="secret"), server


def _call(client: TrytonClient, *params: Any, seconds: float = 5.0) -> Any:
    return client.call("model.x.y", *params, deadline=Deadline(seconds), context={"quantity": 1.0})


def test_the_context_of_the_user_goes_with_every_call_and_the_session_is_shared() -> None:
    seen: list[tuple[Any, str]] = []

    def answers(body: dict[str, Any], request: httpx2.Request) -> httpx2.Response:
        seen.append((body["params"], request.headers["Authorization"]))
        return result(None)

    client, server = _client(answers)
    _call(client, [1])
    _call(client, [2])
    proof = base64.b64encode(b"shop:7:token1").decode()
    context = {"company": 1, "language": "en", "quantity": 1.0}
    assert seen == [([[1], context], f"Session {proof}"), ([[2], context], f"Session {proof}")]
    assert server.tokens == 1


def test_texts_come_in_the_language_of_the_settings_whatever_that_of_the_user_is() -> None:
    logins: list[Any] = []
    answers: list[Any] = []

    def seen(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        (logins if body["method"] == "common.db.login" else answers).append(body["params"][-1])
        return Server(lambda _body, _request: result(None))(request)

    http = ErpHttp("http://erp.test", transport=httpx2.MockTransport(seen))
    _call(TrytonClient(http, database="erp", user="shop", password="secret", language="pt"))
    assert (logins, answers[-1]["language"]) == (["pt"], "pt")


def test_an_ended_session_is_renewed_once_for_all_threads() -> None:
    def answers(_body: dict[str, Any], request: httpx2.Request) -> httpx2.Response:
        proof = base64.b64decode(request.headers["Authorization"].removeprefix("Session "))
        return httpx2.Response(401) if proof.endswith(b"token1") else result("ok")

    client, server = _client(answers)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(_call(client))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["ok"] * 6
    assert server.tokens == 2


def test_a_session_that_is_never_taken_is_a_wrong_setting() -> None:
    client, server = _client(lambda _body, _request: httpx2.Response(401))
    with pytest.raises(ErpMisconfigured, match="shop"):
        _call(client)
    assert server.tokens == 2


def test_a_busy_database_is_asked_again() -> None:
    answers = iter([httpx2.Response(503), httpx2.Response(503), result("done")])
    client, server = _client(lambda _body, _request: next(answers))
    assert _call(client) == "done"
    assert server.methods.count("model.x.y") == 3


def test_a_database_that_stays_busy_ends_with_the_deadline() -> None:
    client, _ = _client(lambda _body, _request: httpx2.Response(503))
    started = time.monotonic()
    with pytest.raises(ErpUnavailable, match="busy"):
        _call(client, seconds=0.4)
    assert time.monotonic() - started < 10  # it would go on for ever


def test_values_keep_their_type_both_ways() -> None:
    moment = dt.datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=dt.UTC)
    values = [Decimal("1.2300"), dt.date(2026, 2, 28), moment, 1.5, None]
    client, _ = _client(lambda body, _request: result(body["params"][0]))
    answer = _call(client, values)
    assert answer == [Decimal("1.2300"), dt.date(2026, 2, 28), moment, Decimal("1.5"), None]
    assert str(answer[0]) == "1.2300"
    data = {"__class__": "bytes", "base64": base64.b64encode(b"%PDF").decode()}
    client, _ = _client(lambda _body, _request: result([data, {"__class__": "timedelta", "seconds": 60}]))
    assert _call(client) == [b"%PDF", dt.timedelta(minutes=1)]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (failure("UserError", ["Over the limit.", "By 12 €.", None]), ErpRejected, "Over the limit. By 12 €."),
        (failure("UserWarning", ["credit_1", "Limit reached.", "Sure?"]), ErpRejected, "Limit reached. Sure?"),
        (failure("UserError", ["", "", None]), ErpRejected, "The ERP says no."),
        (failure("'name'", ""), ErpBroken, "'name'"),
        (failure("ConcurrencyException", ["changed"]), ErpBroken, "ConcurrencyException"),
        (httpx2.Response(200, content=b"<html>"), ErpBroken, "not JSON"),
        (httpx2.Response(200, json=[1]), ErpBroken, "no JSON-RPC"),
        (httpx2.Response(200, json={"id": 1}), ErpBroken, "no JSON-RPC"),
        (httpx2.Response(200, json={"result": {"__class__": "date"}}), ErpBroken, "not JSON"),
        (httpx2.Response(404), ErpMisconfigured, "ERP_DATABASE"),
        (httpx2.Response(403), ErpMisconfigured, "rights"),
        (httpx2.Response(422), ErpBroken, "422"),
        (httpx2.Response(429), ErpUnavailable, "log-ins"),
        (httpx2.Response(500), ErpUnavailable, "500"),
        (httpx2.Response(504), ErpUnavailable, "504"),
        (httpx2.Response(302), ErpBroken, "redirects"),
    ],
)
def test_each_answer_says_what_to_do_next(answer: httpx2.Response, error: type[ErpError], words: str) -> None:
    client, _ = _client(lambda _body, _request: answer)
    with pytest.raises(error, match=words.replace("(", ".").replace("?", ".")) as caught:
        _call(client)
    assert type(caught.value) is error


def test_a_user_without_a_company_is_a_wrong_setting() -> None:
    server = Server(lambda _body, _request: result(None))

    def without(request: httpx2.Request) -> httpx2.Response:
        if b"get_preferences" in request.content:
            return result({"language": "en"})
        return server(request)

    http = ErpHttp("http://erp.test", transport=httpx2.MockTransport(without))
    client = TrytonClient(http, database="erp", user="shop", password="secret")
    with pytest.raises(ErpMisconfigured, match="company"):
        client.company(Deadline(1))


def test_a_password_is_never_in_an_error_or_a_repr() -> None:
    client, _ = _client(lambda _body, _request: httpx2.Response(401))
    with pytest.raises(ErpMisconfigured) as caught:
        _call(client)
    assert "secret" not in f"{caught.value!r}{client!r}"
