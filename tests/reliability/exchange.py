"""One request: what came back, what the database was asked for it, and which rows it touched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils.html import escape

from tests.reliability.world import Company

FORM = "application/x-www-form-urlencoded"
APPS = ("accounts", "erp_sync", "shop", "adoption")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, what the database was asked for it, and which rows were touched, before and after."""

    status: int
    content: str
    statements: tuple[str, ...]
    touched: tuple[str, ...]
    leads_to: str = ""


def ask(client: Client, method: str, path: str, fields: dict[str, str]) -> Answer:
    """Send one request and undo what it did; the fields travel in the query or the body."""
    cookies = client.cookies.output()
    mark = transaction.savepoint()
    statements: list[str] = []
    with connection.execute_wrapper(_noting(statements)):
        response = _sent(client, method, path, fields)
        content = _content(response)
    answer = Answer(response.status_code, content, tuple(statements), _touched(), response.headers.get("Location", ""))
    transaction.savepoint_rollback(mark)
    client.cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))
    return answer


def _noting(statements: list[str]) -> Callable[..., Any]:
    def noting(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        statements.append(str(sql))
        return execute(sql, *rest)

    return noting


def _sent(client: Client, method: str, path: str, fields: dict[str, str]) -> HttpResponseBase:
    if method == "POST":
        # As a form without files is sent: a body in parts takes many times as long to read.
        return client.post(path, urlencode(fields, doseq=True), FORM)
    if method in {"GET", "HEAD", "OPTIONS"}:
        return client.generic(method, path, QUERY_STRING=urlencode(fields))
    return client.generic(method, path, urlencode(fields), FORM)


def _content(response: HttpResponseBase) -> str:
    streamed: Any = response
    body = b"".join(streamed.streaming_content) if response.streaming else streamed.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items() if name != "X-Request-ID")
    return f"{headers}\n\n{body.decode(errors='replace')}"


def plain(answer: Answer, numbers: tuple[str, ...]) -> str:
    """Return the answer without the numbers that were asked for, and without what changes with every page."""
    text = re.sub(r"[A-Za-z0-9]{64}|nonce[-=\"'][A-Za-z0-9+/=_-]+", "", answer.content)
    text = re.sub(r"(Content-Length|Expires): .*|\b\d+ min left", "", text)
    for number in numbers:
        forms = "|".join(re.escape(form) for form in (number, quote(number, safe=""), escape(number)))
        text = re.sub(rf"(?<![\w.])({forms})(?![\w.])", "…", text)
    return f"{answer.status}\n{text}"


# --- rows ---------------------------------------------------------------------------------------------------------

NOTE = """
CREATE TEMP TABLE touched_rows (relation text, was text, became text);
CREATE FUNCTION pg_temp.note_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_temp.touched_rows VALUES (TG_TABLE_NAME, to_jsonb(OLD)::text, to_jsonb(NEW)::text);
    RETURN NULL;
END $$;
"""


def watch_rows() -> None:
    """Note every row of ours that is written from now on; call it in the test's transaction, before the world."""
    tables = {model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()}
    with connection.cursor() as cursor:
        cursor.execute(NOTE)
        for table in tables:
            cursor.execute(
                f'CREATE TRIGGER note_touched AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION pg_temp.note_touched()"
            )


def forget_touched() -> None:
    """Begin with no row touched (logging in touched some); what a request touches is undone with it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE touched_rows")


def _touched() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relation, was, became FROM touched_rows")
        return tuple(json.dumps(row) for row in cursor.fetchall())


def touched_rows_of(company: Company, answer: Answer) -> list[str]:
    """Return the touched rows that are the company's: by its word, its key, or the ERP's key of it."""
    key, customer = company.sold_to.pk, company.sold_to.erp_id
    pattern = re.compile(
        rf"{company.canary}|\bsold_to_id\W+{key}\b|\b(customer_erp_id|account_id)\W+{customer}\b", re.ASCII
    )
    return [row for row in answer.touched if pattern.search(row)]
