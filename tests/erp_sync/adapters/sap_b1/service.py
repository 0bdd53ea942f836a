"""The Service Layer in front of a company: sessions, pages in twos, ETags, batches. Put behind a StubLine."""

from __future__ import annotations

import email
import email.utils
import hashlib
import json
import pickle
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

from tests.erp_sync.adapters.sap_b1.company import WRITABLE, Company, Row
from tests.erp_sync.adapters.sap_b1.odata import LONGEST_ADDRESS, Filter, Refused

ROOT = "/b1s/v2/"
MOST_ROWS = 2
DEFAULT_PAGE = 20
OPTIONS = {"$select", "$filter", "$orderby", "$top", "$count", "$skip"}
_KEYED = re.compile(r"(\w+)\(([^)]*)\)(?:/(\w+))?")


@dataclass
class Asked:
    """One request, alone or in a batch."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None


@dataclass
class Said:
    """An answer: status, what it tells, further headers."""

    status: int
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "application/json"


class Service:
    """Answers requests; `sessions` are the cookies that are good now."""

    def __init__(self, company: Company, *, most_rows: int = MOST_ROWS) -> None:
        self.company = company
        self.most_rows = most_rows
        self.sessions: set[str] = set()
        self.log_ins = 0
        self.selects_lists = True
        self.refuse_log_in = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request of the line."""
        content = request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        said = self._answered(request, content, headers)
        date = email.utils.format_datetime(self.company.now())
        if isinstance(said.body, bytes):
            sent = said.body
        else:
            sent = b"" if said.body is None else json.dumps(said.body).encode()
        told = [("Content-Type", said.kind), ("Date", date), *said.headers]
        return httpx2.Response(said.status, headers=told, content=sent)

    def expire(self) -> None:
        """End every session, as after 30 minutes or a restart."""
        self.sessions.clear()

    def _answered(self, request: httpx2.Request, content: bytes, headers: Mapping[str, str]) -> Said:
        target = request.url.raw_path.decode("ascii")
        if not target.startswith(ROOT) or len(target) > LONGEST_ADDRESS:
            return Said(404, b"<html>Not found</html>", kind="text/html")
        path = target.removeprefix(ROOT)
        if path == "Login":
            return self._log_in(json.loads(content))
        cookies = dict(part.strip().split("=", 1) for part in headers.get("cookie", "").split(";") if "=" in part)
        if cookies.get("B1SESSION") not in self.sessions or cookies.get("ROUTEID") != ".node1":
            return Said(401, _error(301, "Invalid session or session already timeout."))
        if path == "$batch":
            return self._batch(headers.get("content-type", ""), content)
        body = None
        if content:
            if headers.get("content-type") != "application/json":
                return Said(400, _error(-1000, "The body is no JSON"))
            body = json.loads(content)
        return self._one(Asked(request.method, path, headers, body))

    def _log_in(self, body: Row) -> Said:
        wanted = {"CompanyDB": "SBO", "UserName": "webshop", "Password": "secret"}
        if body != wanted or self.refuse_log_in:
            return Said(401, _error(-304, "Fail to get DB credentials from SLD"))
        self.log_ins += 1
        session = secrets.token_hex(8)
        self.sessions.add(session)
        cookies = [
            ("Set-Cookie", f"B1SESSION={session}; path=/b1s; HttpOnly"),
            ("Set-Cookie", "ROUTEID=.node1; path=/"),
        ]
        return Said(200, {"SessionId": session, "SessionTimeout": 30}, cookies)

    # -- single requests -------------------------------------------------------

    def _one(self, asked: Asked) -> Said:
        kept = pickle.dumps(self.company.tables) if asked.method != "GET" and "Service_" not in asked.path else None
        try:
            return self._done(asked)
        except Refused as no:
            if kept is not None:
                self.company.tables = pickle.loads(kept)  # noqa: S301 (our own)
            return Said(no.status, _error(no.code, no.words))

    def _done(self, asked: Asked) -> Said:
        parts = urlsplit(asked.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if path == "$metadata":
            return Said(200, described(self.company).encode(), kind="application/xml")
        if asked.method == "GET":
            return self._read(path, query, asked.headers)
        if query:
            raise Refused(400, -1000, "A write has no query")
        if asked.method == "PATCH":
            return self._patch(path, asked)
        return self._post(path, asked)

    def _read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Said:
        keyed = _KEYED.fullmatch(path)
        if keyed:
            row = self.company.find(self._set(keyed[1]), _key(keyed[2]))
            return Said(200, _shown(row), [("ETag", etag(row))])
        name = self._set(path)
        if set(query) - OPTIONS:
            raise Refused(400, -1000, f"Query string error: {set(query) - OPTIONS}")
        owner, key = self.company.sets[name]
        rows = self.company.tables[name]
        if "$filter" in query:
            fits = Filter(query["$filter"], owner, self.company.types).fits
            rows = [row for row in rows if fits(row)]
        return self._page(name, owner, key, rows, query, headers)

    def _page(
        self, name: str, owner: str, key: str, rows: list[Row], query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Said:
        fields = query.get("$select", "").split(",") if "$select" in query else None
        for one in fields or ():
            if self.company.types.kind(owner, one).startswith("[") and not self.selects_lists:
                raise Refused(400, -1000, f"Property '{one}' of '{owner}' is invalid")
        if "$orderby" in query:
            self.company.types.kind(owner, query["$orderby"])
            rows = sorted(rows, key=lambda row: row[query["$orderby"]])
        preferred = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
        size = min(int(preferred[1]) if preferred else DEFAULT_PAGE, self.most_rows)
        top = int(query["$top"]) if "$top" in query else None
        shown = rows[: min(size, len(rows) if top is None else top)]
        told: Row = {"@odata.context": f"$metadata#{name}"}
        if query.get("$count") == "true":
            told["@odata.count"] = len(rows)
        # The tag of a part of a row is that of its first version, for ever: a trap.
        told["value"] = [
            {"@odata.etag": etag({}), **(_shown(row) if fields is None else {one: row.get(one) for one in fields})}
            for row in shown
        ]
        if len(shown) < len(rows) and top is None:
            # It counts rows and forgets the filter, and the host is the one behind the balancer: nobody follows it.
            told["@odata.nextLink"] = f"http://10.0.0.7:50001/b1s/v2/{name}?$skip={len(shown)}"
        return Said(200, told)

    def _patch(self, path: str, asked: Asked) -> Said:
        keyed = _KEYED.fullmatch(path)
        if not keyed or keyed[3] or self._set(keyed[1]) not in WRITABLE:
            raise Refused(405, -1000, "Method not allowed")
        row = self.company.find(keyed[1], _key(keyed[2]))
        if asked.headers.get("if-match") in {None, "*"}:
            raise Refused(428, -1, "If-Match is missing")
        if asked.headers["if-match"] != etag(row):
            raise Refused(412, -2039, "Another user or another operation modified data (ODBC -2039)")
        replace = asked.headers.get("b1s-replacecollectionsonpatch") == "true"
        self.company.change(keyed[1], _key(keyed[2]), dict(asked.body), replace=replace)
        return Said(204)

    def _post(self, path: str, asked: Asked) -> Said:
        if path in {"CompanyService_GetAdminInfo", "CompanyService_GetCompanyInfo"}:
            return Said(200, {"LocalCurrency": "EUR", "Version": 1000310, "CompanyName": "Wholesaler"})
        if path == "CompanyService_GetItemPrice":
            return Said(200, self.company.price(asked.body["ItemPriceParams"]))
        if path == "OrdersService_Preview":
            return Said(200, _shown(self.company.calculated("Orders", dict(asked.body["Document"]))))
        keyed = _KEYED.fullmatch(path)
        if keyed and keyed[3]:
            self.company.press(self._set(keyed[1]), _key(keyed[2]), keyed[3])
            return Said(204)
        return self._made(self._set(path), asked)

    def _made(self, name: str, asked: Asked) -> Said:
        if name not in WRITABLE:
            raise Refused(405, -1000, "Method not allowed")
        if name == "U_B2BKEY":
            rows = self.company.tables[name]
            self.company.types.check("U_B2BKEY", asked.body)
            if any(row["Code"] == asked.body["Code"] for row in rows):
                raise Refused(400, -2035, "This entry already exists in the following tables (ODBC -2035)")
            rows.append(dict(asked.body))
            return Said(201, asked.body)
        body = dict(asked.body)
        row = self.company.receive(body) if name == "IncomingPayments" else self.company.make(name, body)
        is_quiet = asked.headers.get("prefer") == "return-no-content"
        if row is None and not is_quiet:
            raise Refused(400, -2028, "No matching records found (ODBC -2028)")
        return Said(204) if is_quiet or row is None else Said(201, _shown(row))

    def _set(self, name: str) -> str:
        if name not in self.company.sets:
            raise Refused(404, -1000, f"Unrecognized resource path '{name}'")
        return name

    # -- batches ---------------------------------------------------------------

    def _batch(self, kind: str, content: bytes) -> Said:
        message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content)
        if not message.is_multipart():
            return Said(400, _error(-1000, "No parts"))
        answers: list[str] = []
        for part in message.get_payload():
            answer, is_done = self._part(part)
            answers.append(answer)
            if not is_done:
                break
        body = "".join(f"--batchresponse\r\n{one}\r\n" for one in answers) + "--batchresponse--\r\n"
        return Said(200, body.encode(), kind="multipart/mixed;boundary=batchresponse")

    def _part(self, part: Any) -> tuple[str, bool]:
        if not part.is_multipart():
            said = self._one(_asked(part))
            return _written(said), said.status < 400
        kept = pickle.dumps(self.company.tables)
        answers: list[Said] = []
        for one in part.get_payload():
            asked = _asked(one)
            if asked.method == "GET":
                return _written(Said(400, _error(-1000, "No reads in a changeset"))), False
            answers.append(self._one(asked))
            if answers[-1].status >= 400:
                self.company.tables = pickle.loads(kept)  # noqa: S301 (our own)
                return _written(answers[-1]), False
        inner = "".join(f"--changesetresponse\r\n{_written(one)}\r\n" for one in answers)
        return f"Content-Type: multipart/mixed;boundary=changesetresponse\r\n\r\n{inner}--changesetresponse--\r\n", True


def etag(row: Mapping[str, Any]) -> str:
    """Return the tag of a row's version, as the Service Layer makes it."""
    return f'W/"{hashlib.sha1(str(row.get("_version", 1)).encode()).hexdigest().upper()}"'  # noqa: S324 (no secret)


def described(company: Company) -> str:
    """Return $metadata: every type with its properties, every entity set, the functions."""
    types = ""
    for name, fields in company.types.types.items():
        properties = "".join(f'<Property Name="{one}" Type="Edm.String"/>' for one in fields)
        types += f'<EntityType Name="{name}">{properties}</EntityType>'
    sets = "".join(f'<EntitySet Name="{name}" EntityType="SAPB1.{kind}"/>' for name, (kind, _) in company.sets.items())
    names = ("CompanyService_GetAdminInfo", "CompanyService_GetItemPrice", "OrdersService_Preview")
    actions = "".join(f'<ActionImport Name="{name}" Action="SAPB1.{name}"/>' for name in names)
    return f"<edmx:Edmx><Schema>{types}<EntityContainer>{sets}{actions}</EntityContainer></Schema></edmx:Edmx>"


def _shown(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _key(text: str) -> Any:
    return text[1:-1].replace("''", "'") if text.startswith("'") else int(text)


def _error(code: int, words: str) -> Row:
    return {"error": {"code": str(code), "message": words}}


def _asked(part: Any) -> Asked:
    content = part.get_payload(decode=True).decode()
    head, _, body = content.replace("\r\n", "\n").partition("\n\n")
    first, *rest = head.split("\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Asked(method, target.removeprefix(ROOT), headers, json.loads(body) if body.strip() else None)


def _written(said: Said) -> str:
    body = "" if said.body is None else json.dumps(said.body)
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    return f"{head}\r\nHTTP/1.1 {said.status} Status\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
