"""A line that answers what was recorded from a real ERPNext 15.93, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

RECORDED = Path(__file__).with_name("recorded.jsonl")
# A little after the last one was recorded; the recordings have no headers.
AT = "Sat, 21 Nov 2026 21:40:00 GMT"
_FILE = re.compile(r"<(\d+) bytes application/pdf>")
Exchange = Mapping[str, Any]


@cache
def exchanges() -> dict[str, Exchange]:
    """Return what was recorded, by tag."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    return {found["tag"]: found for found in map(json.loads, lines)}


class Replay:
    """Answers requests whose method, path, query and body are recorded; any other fails the test.

    Attributes:
        also: Answers that nobody recorded by path: lists beside the recorded ones, made of recorded rows.
        used: Tags of what was asked.
    """

    def __init__(self, also: Mapping[str, Any] | None = None) -> None:
        self.also = dict(also or {})
        self.used: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        parts = urlsplit(request.url.raw_path.decode("ascii"))
        told = {
            "method": request.method,
            "path": unquote(parts.path),
            "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "body": json.loads(request.read() or b"null"),
        }
        for tag, exchange in exchanges().items():
            if _as_sent(exchange["request"]) == told:
                self.used.append(tag)
                return _answer(exchange)
        if told["path"] in self.also:
            return httpx2.Response(200, headers={"Date": AT}, json=self.also[told["path"]])
        raise AssertionError(f"not recorded: {json.dumps(told)[:3000]}")


def _as_sent(request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "query": {name: str(value) for name, value in request["query"].items()}}


def _answer(exchange: Exchange) -> httpx2.Response:
    response = exchange["response"]
    if isinstance(response, str) and (found := _FILE.fullmatch(response)):
        return httpx2.Response(200, headers={"Date": AT}, content=b"%PDF-1.4".ljust(int(found[1])))
    return httpx2.Response(exchange["status"], headers={"Date": AT}, json=response)
