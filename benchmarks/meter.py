"""Counts what a request costs beside time, when it is asked to: queries and ERP calls, told in the answer's headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from erp_sync.http import counted_calls

ASKED = "X-Measure"


class _Statements:
    """How many statements went to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def meter(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: leaves every request alone that does not ask."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if ASKED not in request.headers:
            return get_response(request)
        statements = _Statements()
        with connection.execute_wrapper(statements), counted_calls() as calls:
            response = get_response(request)
        response.headers["X-Statements"] = str(statements.count)
        response.headers["X-Erp-Calls"] = str(calls.count)
        return response

    return middleware
