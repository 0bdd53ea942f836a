"""Calls to one ERPNext site: lists, documents, methods, each error by what to do next."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from erp_sync.adapters.erpnext.faults import failure
from erp_sync.adapters.values import server_time
from erp_sync.errors import ErpBroken
from erp_sync.http import MAX_BYTES, Answer, Deadline, ErpHttp

# The web server of a plain installation takes 4,094 bytes in the first line of a request.
MOST_NAMES = 2_400
UNDERSTOOD = (500,)
Filters = Sequence[Sequence[Any]]
Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a list, and the ERP's clock when it told them."""

    rows: list[Doc]
    seen_at: dt.datetime


class ErpNextClient:
    """Speaks to one site; threads share it.

    Args:
        http: The connection.
        key, secret: Of the shop's user.
        site: Name of the site where one server has several, "" = that of the address.
    """

    def __init__(self, http: ErpHttp, *, key: str, secret: str, site: str = "") -> None:
        self.http = http
        self._headers = {"Authorization": f"token {key}:{secret}", "Accept": "application/json"}
        if site:
            self._headers["Host"] = site

    # -- lists -----------------------------------------------------------------

    def rows(
        self,
        doctype: str,
        fields: Sequence[str],
        filters: Filters = (),
        *,
        deadline: Deadline,
        limit: int = 0,
        parent: str = "",
    ) -> list[Doc]:
        """Return the rows of a list (`limit` 0 = all); `parent` is the document type that a table belongs to."""
        query = {"parent": parent} if parent else {}
        told = {**query, "fields": _json(fields)} | ({"filters": _json(filters)} if filters else {})
        return self.listing(doctype, {**told, "limit_page_length": limit}, deadline).rows

    def page(
        self,
        doctype: str,
        fields: Sequence[str],
        filters: Filters,
        deadline: Deadline,
        *,
        order: str,
        limit: int,
        either: Filters = (),
    ) -> Listing:
        """Return a page of a list; of the filters in `either` one must fit."""
        query: dict[str, Any] = {"fields": _json(fields)}
        if filters:
            query["filters"] = _json(filters)
        if either:
            query["or_filters"] = _json(either)
        return self.listing(doctype, {**query, "order_by": order, "limit_page_length": limit}, deadline)

    def rows_of(
        self, parent: str, doctype: str, names: Sequence[str], fields: Sequence[str], deadline: Deadline
    ) -> list[Doc]:
        """Return the rows of a table of the documents named, in as many requests as their names need."""
        found: list[Doc] = []
        for some in in_requests(names):
            found += self.rows(doctype, fields, [among("parent", some)], deadline=deadline, parent=parent)
        return found

    def rows_between(
        self, parent: str, doctype: str, names: Sequence[str], fields: Sequence[str], deadline: Deadline
    ) -> list[Doc]:
        """Return the rows of a table of many documents, which are named in the ERP's own order, by one request."""
        if not names:
            return []
        filters = [["parent", ">=", names[0]], ["parent", "<=", names[-1]]]
        wanted = set(names)
        rows = self.rows(doctype, ["parent", *fields], filters, deadline=deadline, parent=parent)
        return [row for row in rows if row["parent"] in wanted]

    def rows_named(
        self, doctype: str, field: str, names: Sequence[str], fields: Sequence[str], deadline: Deadline
    ) -> list[Doc]:
        """Return the rows whose field is one of the names."""
        found: list[Doc] = []
        for some in in_requests(names):
            found += self.rows(doctype, fields, [[field, "in", some]], deadline=deadline)
        return found

    def listing(self, doctype: str, query: Mapping[str, Any], deadline: Deadline) -> Listing:
        """Return the rows that a query gives.

        Raises:
            ErpBroken: the answer is no list of rows.
        """
        answer = self._sent("GET", _resource(doctype), f"list {doctype}", deadline, query=query)
        rows = _part(answer, "data", f"list {doctype}")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ErpBroken(f"list {doctype}: the answer is no list of rows")
        return Listing(rows, server_time(answer.headers.get("Date", "")))

    # -- documents -------------------------------------------------------------

    def read(self, doctype: str, name: str, deadline: Deadline) -> Doc:
        """Return a document with its tables."""
        return self._doc("GET", doctype, name, deadline)

    def insert(self, doctype: str, values: Mapping[str, Any], deadline: Deadline) -> Doc:
        """Create a document and return it."""
        return self._doc("POST", doctype, "", deadline, values)

    def update(self, doctype: str, name: str, values: Mapping[str, Any], deadline: Deadline) -> Doc:
        """Write fields of a document and return it; with `modified` only if nobody wrote meanwhile."""
        return self._doc("PUT", doctype, name, deadline, values)

    def delete(self, doctype: str, name: str, deadline: Deadline) -> None:
        """Delete a draft."""
        self._sent("DELETE", _resource(doctype, name), f"delete {doctype}", deadline)
        deadline.has_written = True

    # -- methods ---------------------------------------------------------------

    def ask(self, method: str, deadline: Deadline, /, **named: Any) -> Any:
        """Call a method that only reads, by GET, and return its whole answer."""
        return self._sent("GET", f"/api/method/{method}", _short(method), deadline, query=named).json()

    def call(self, method: str, deadline: Deadline, /, **named: Any) -> Any:
        """Call a method by POST that changes nothing; return its message (or, as forms are answered, its documents)."""
        told = self._sent("POST", f"/api/method/{method}", _short(method), deadline, body=named).json()
        if not isinstance(told, dict) or not {"message", "docs"} & set(told):
            raise ErpBroken(f"{_short(method)}: the answer is none of a method")
        return told["docs"] if "docs" in told else told["message"]

    def act(self, method: str, deadline: Deadline, /, **named: Any) -> None:
        """Call a method that changes something."""
        self.call(method, deadline, **named)
        deadline.has_written = True

    def mapped(self, method: str, deadline: Deadline, /, **named: Any) -> Doc:
        """Return the unsaved document that a method makes of another one.

        Raises:
            ErpBroken: it makes none.
        """
        doc = self.call(method, deadline, **named)
        if not isinstance(doc, dict):
            raise ErpBroken(f"{_short(method)}: the answer is no document")
        return doc

    def types(self, doctype: str, deadline: Deadline) -> list[Doc]:
        """Return a document type as the ERP describes it, and behind it those of its tables.

        Raises:
            ErpBroken: the answer describes none.
        """
        told = self.ask("frappe.desk.form.load.getdoctype", deadline, doctype=doctype)
        docs = told.get("docs") if isinstance(told, dict) else None
        if not docs:
            raise ErpBroken(f"getdoctype: the answer does not describe {doctype}")
        return list(docs)

    def fetch(self, path: str, query: Mapping[str, Any], deadline: Deadline, *, max_bytes: int) -> Answer:
        """Return a file as it comes."""
        return self._sent("GET", path, _short(path), deadline, query=query, max_bytes=max_bytes)

    def now(self, deadline: Deadline) -> dt.datetime:
        """Return the clock of the ERP's server, to the second; needs no key."""
        answer = self._sent("GET", "/api/method/frappe.client.get_time_zone", "get_time_zone", deadline)
        return server_time(answer.headers.get("Date", ""))

    def _doc(
        self, verb: str, doctype: str, name: str, deadline: Deadline, values: Mapping[str, Any] | None = None
    ) -> Doc:
        operation = f"{verb} {doctype}"
        answer = self._sent(verb, _resource(doctype, name), operation, deadline, body=values)
        deadline.has_written |= verb != "GET"
        doc = _part(answer, "data", operation)
        if not isinstance(doc, dict) or "name" not in doc:
            raise ErpBroken(f"{operation}: the answer is no document")
        return doc

    def _sent(
        self,
        verb: str,
        path: str,
        operation: str,
        deadline: Deadline,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Send a request; return what came unless it is an error."""
        content = None if body is None else json.dumps(body, default=_number).encode()
        headers = {**self._headers, "Content-Type": "application/json"} if content else self._headers
        answer = self.http.request(
            verb,
            f"{path}?{urlencode(query, quote_via=quote)}" if query else path,
            operation=operation,
            deadline=deadline,
            content=content,
            headers=headers,
            max_bytes=max_bytes,
            understood=UNDERSTOOD,
        )
        if answer.status not in {200, 201, 202}:
            raise failure(operation, answer)
        return answer


def among(field: str, names: Sequence[str]) -> list[Any]:
    """Return the filter for one name, or for several."""
    return [field, "=", names[0]] if len(names) == 1 else [field, "in", list(names)]


def in_requests(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield names, each once, in parts that fit into a request's first line."""
    part: list[str] = []
    length = 0
    for name in dict.fromkeys(names):
        size = len(quote(json.dumps(name), safe="")) + 6
        if part and length + size > MOST_NAMES:
            yield part
            part, length = [], 0
        part.append(name)
        length += size
    if part:
        yield part


def _resource(doctype: str, name: str = "") -> str:
    path = f"/api/resource/{quote(doctype, safe='')}"
    return f"{path}/{quote(name, safe='')}" if name else path


def _json(value: Any) -> str:
    return json.dumps(list(value))


def _number(value: Any) -> float:
    """Return a number that came from the ERP as it goes back."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"not to be sent: {value!r}")


def _short(method: str) -> str:
    return method.rpartition(".")[2]


def _part(answer: Answer, name: str, operation: str) -> Any:
    told = answer.json()
    if not isinstance(told, dict) or name not in told:
        raise ErpBroken(f"{operation}: the answer has no {name}")
    return told[name]
