"""The stub as a web application: Frappe's REST interface, version 1."""

from __future__ import annotations

import email.utils
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

from tests.erp_sync.adapters.erpnext.stub.lists import listed
from tests.erp_sync.adapters.erpnext.stub.methods import FOR_GUESTS, IN_DOCS, METHODS, WRITING
from tests.erp_sync.adapters.erpnext.stub.refusal import Refusal
from tests.erp_sync.adapters.erpnext.stub.site import Site

KEY, SECRET = "stub-key", "stub-secret"
RESOURCE, METHOD = "/api/resource/", "/api/method/"
PDF = "frappe.utils.print_format.download_pdf"
# A plain gunicorn takes no longer first line.
LONGEST_LINE = 4094


class StubErpNext:
    """Answers requests for one site.

    Attributes:
        host: Name of the site; requests for another one find nothing.
    """

    def __init__(self, site: Site, *, host: str = "erp.test") -> None:
        self.site = site
        self.host = host

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        headers = {"Date": email.utils.format_datetime(self.site.clock(), usegmt=True)}
        try:
            body = self._answer(request)
        except Refusal as refusal:
            return httpx2.Response(refusal.status, headers=headers, json=refusal.body())
        if isinstance(body, bytes):
            return httpx2.Response(200, headers={**headers, "Content-Type": "application/pdf"}, content=body)
        return httpx2.Response(200, headers=headers, content=json.dumps(body, default=_number).encode())

    def _answer(self, request: httpx2.Request) -> Any:
        raw = request.url.raw_path.decode("ascii")
        if len(f"{request.method} {raw} HTTP/1.1") > LONGEST_LINE:
            raise Refusal(400, "", "Request Line is too large")
        if request.headers["host"] != self.host:
            raise Refusal(404, "", f"{request.headers['host']} does not exist")
        parts = urlsplit(raw)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        body = json.loads(request.read() or b"{}")
        self._authorise(request, path)
        if path.startswith(METHOD):
            return self._method(request.method, path.removeprefix(METHOD), {**query, **body})
        if not path.startswith(RESOURCE):
            raise Refusal(404, "", "Not found")
        # A name may hold a slash, and then it is encoded: so the encoded path is taken apart.
        doctype, _, name = parts.path.removeprefix(RESOURCE).partition("/")
        return self._resource(request.method, unquote(doctype), unquote(name), query, body)

    def _authorise(self, request: httpx2.Request, path: str) -> None:
        told = request.headers.get("authorization", "")
        if path.removeprefix(METHOD) in FOR_GUESTS:
            return
        if not told:
            raise Refusal(403, "PermissionError", "Not permitted")
        if told != f"token {KEY}:{SECRET}":
            raise Refusal(401, "AuthenticationError")

    def _method(self, verb: str, name: str, named: dict[str, Any]) -> Any:
        if name == PDF:
            self.site.get(named["doctype"], named["name"])
            return b"%PDF-1.4 " + named["name"].encode() + b" " * 1024
        if name not in METHODS:
            raise Refusal(403, "PermissionError", f"Function {name} is not whitelisted.")
        if verb == "GET" and name in WRITING:
            raise Refusal(403, "PermissionError", "Not permitted")
        found = METHODS[name](self.site, **named)
        if name in IN_DOCS:
            return {"docs": [_shown(one) for one in found]}
        return {"message": _shown(found) if isinstance(found, dict) else found}

    def _resource(self, verb: str, doctype: str, name: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        if doctype not in self.site.schema:
            raise Refusal(404, "DoesNotExistError", f"DocType {doctype} not found")
        right = {"GET": "read", "POST": "create", "PUT": "write", "DELETE": "delete"}[verb]
        if (doctype, right) in self.site.forbidden:
            raise Refusal(403, "PermissionError", f"User shop@example.com has no {right} right for <b>{doctype}</b>")
        if verb == "GET" and not name:
            return {"data": listed(self.site, doctype, query)}
        if verb == "DELETE":
            self.site.delete(doctype, name)
            return {"message": "ok"}
        if verb == "GET":
            return {"data": _shown(self.site.get(doctype, name))}
        doc = self.site.insert(doctype, body) if verb == "POST" else self.site.update(doctype, name, body)
        return {"data": _shown(doc)}


def _shown(doc: dict[str, Any]) -> dict[str, Any]:
    """Return a document as Frappe shows it: what is empty is left out."""
    return {
        name: [_shown(row) for row in value] if _is_table(value) else value
        for name, value in doc.items()
        if value is not None
    }


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(value)
