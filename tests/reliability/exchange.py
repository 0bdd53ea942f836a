"""One request: what came back, what the database was asked for it, and which rows it touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.db import connection
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
    """Send one request and undo all since `forget_touched`; the fields travel in the query or the body."""
    cookies = client.cookies.output()
    statements: list[str] = []
    with connection.execute_wrapper(_noting(statements)):
        response = _sent(client, method, path, fields)
        content = _content(response)
    answer = Answer(response.status_code, content, tuple(statements), _undone(), response.headers.get("Location", ""))
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

# The note is a setting of the session: it is undone with what it tells of, and leaves no dead rows to be read past.
NOTE = """
CREATE FUNCTION pg_temp.note_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known text := current_setting('touched.rows', true);
BEGIN
    IF known IS NOT NULL THEN
        PERFORM set_config('touched.rows', known || chr(30)
            || jsonb_build_array(TG_TABLE_NAME, to_jsonb(OLD)::text, to_jsonb(NEW)::text), false);
    END IF;
    RETURN NULL;
END $$;
"""
FORGET = "SELECT set_config('touched.rows', '', false); SAVEPOINT asked"
TOUCHED = "SELECT current_setting('touched.rows', true); ROLLBACK TO SAVEPOINT asked"


def watch_rows() -> None:
    """Let rows of ours that are written be noted from `forget_touched` on; call it in the test's transaction."""
    tables = {model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()}
    with connection.cursor() as cursor:
        cursor.execute(NOTE)
        for table in tables:
            cursor.execute(
                f'CREATE TRIGGER note_touched AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION pg_temp.note_touched()"
            )


def forget_touched() -> None:
    """Begin with no row touched (logging in touched some); from here on each request is undone, back to here."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)


def _undone() -> tuple[str, ...]:
    """Undo what was written since `forget_touched`; return the rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        return tuple(cursor.fetchone()[0].split("\x1e")[1:])


def touched_rows_of(company: Company, answer: Answer) -> list[str]:
    """Return the touched rows that are the company's: by its word, its key, or the ERP's key of it."""
    key, customer = company.sold_to.pk, company.sold_to.erp_id
    pattern = re.compile(
        rf"{company.canary}|\bsold_to_id\W+{key}\b|\b(customer_erp_id|account_id)\W+{customer}\b", re.ASCII
    )
    return [row for row in answer.touched if pattern.search(row)]
