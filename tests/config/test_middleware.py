"""The log line of a request, and no shared copy of a personal page."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from config import middleware

Answer = Callable[[HttpRequest], HttpResponse]


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    said = [record.msg for record in caplog.records if record.name == "request"]
    return [line for line in said if isinstance(line, dict)]


def test_a_request_writes_one_line_with_what_was_bound_on_the_way(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        structlog.contextvars.bind_contextvars(user_id=7, sold_to_id=3, rep_id=None)
        return HttpResponse(status=404)

    with caplog.at_level(logging.INFO):
        response = middleware.request_log(view)(rf.post("/orders/8/?q=secret"))
    (line,) = lines(caplog)
    assert (line["method"], line["path"], line["status"]) == ("POST", "/orders/8/", 404)
    assert (line["user_id"], line["sold_to_id"], line["rep_id"]) == (7, 3, None)
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert 0 <= line["ms"] < 1000


def test_the_next_request_knows_nothing_of_the_one_before(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    structlog.contextvars.bind_contextvars(user_id=7)
    with caplog.at_level(logging.INFO):
        middleware.request_log(answer)(rf.get("/"))
    assert "user_id" not in lines(caplog)[0]


def test_a_good_request_id_is_taken_over(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"X-Request-ID": "abc-123.DEF"})
    response = middleware.request_log(answer)(request)
    assert response.headers["X-Request-ID"] == "abc-123.DEF"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'quo"te-12345', "two\nlines-12345"])
def test_any_other_request_id_is_replaced(rf: RequestFactory, given: str) -> None:
    request = rf.get("/", headers={"X-Request-ID": given})
    response = middleware.request_log(answer)(request)
    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


def test_health_is_asked_without_a_line(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        middleware.request_log(answer)(rf.get("/healthz"))
    assert lines(caplog) == []


def personal(request: HttpRequest, view: Answer = answer) -> str | None:
    return middleware.private_when_logged_in(view)(request).headers.get("Cache-Control")


def test_an_answer_to_a_session_is_private(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.COOKIES["sessionid"] = "abc"
    assert personal(request) == "private, no-store"


def test_an_answer_to_a_token_is_private(rf: RequestFactory) -> None:
    assert personal(rf.get("/", headers={"Authorization": "Bearer x"})) == "private, no-store"


def test_an_answer_that_starts_a_session_is_private(rf: RequestFactory) -> None:
    def log_in(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("sessionid", "abc")
        return response

    assert personal(rf.post("/"), log_in) == "private, no-store"


def test_no_view_can_make_a_personal_answer_public(rf: RequestFactory) -> None:
    def careless(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "public, max-age=600"})

    request = rf.get("/")
    request.COOKIES["sessionid"] = "abc"
    assert personal(request, careless) == "private, no-store"


def test_an_answer_to_nobody_in_particular_is_left_alone(rf: RequestFactory) -> None:
    assert personal(rf.get("/")) is None


def picture(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    request.resolver_match = ResolverMatch(answer, (), {}, url_name="item-image")
    return HttpResponse(status=status, headers={"Cache-Control": "public, max-age=600"})


def test_only_a_found_picture_may_be_kept_by_every_cache(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.COOKIES["sessionid"] = "abc"
    assert personal(request, picture) == "public, max-age=600"
    assert personal(request, partial(picture, status=404)) == "private, no-store"


@pytest.mark.django_db
def test_the_site_forbids_inline_scripts_frames_and_guessing_of_types(client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("GET", "/orders/A%00/", {}),
        ("GET", "/items/?q=a%00b", {}),
        ("POST", "/accounts/login/", {"login": "a\x00b"}),
        ("POST", "/accounts/login/", {"na\x00me": "a"}),
    ],
)
def test_a_nul_is_a_bad_request_and_reaches_no_query(
    client: Client, method: str, path: str, form: dict[str, str]
) -> None:
    response = client.post(path, form) if method == "POST" else client.get(path)
    assert response.status_code == 400


@pytest.mark.django_db
def test_a_form_without_nul_passes(client: Client) -> None:
    assert client.post("/accounts/login/", {"login": "a@example.com", "password": "x"}).status_code == 200
