"""Calls to one company of Business Central: reading in pages, writing with the version that was read."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_sync.adapters import odata
from erp_sync.adapters.business_central.access import Access
from erp_sync.adapters.business_central.faults import failure
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import MAX_BYTES, Answer, Deadline, ErpHttp

API = "/api/v2.0"
# Rows of a page when nobody wants fewer; the ERP's own limit is 20,000.
PAGE = 1000
# Longest pause that the ERP may ask for; it says seconds to a few minutes.
LONGEST_PAUSE_S = 300.0
LATER = frozenset({429, 503, 504})
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Company:
    """The company that the shop sells for, and the server's version."""

    id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of an entity set."""

    select: Sequence[str] = ()
    filter: str = ""
    expand: str = ""
    order: str = ""

    def options(self) -> dict[str, str]:
        """Return it as query options."""
        return {
            "$filter": self.filter,
            "$select": odata.selected(self.select),
            "$expand": self.expand,
            "$orderby": self.order,
        }


class BcClient:
    """Calls one company; threads share it.

    Args:
        http: The connection; its base is the environment (everything before /api and /ODataV4).
        access: Who we are.
        company: Name or id of the company; "" = the only one.
        language: In which the ERP says no.
        clock: Counts seconds.
    """

    def __init__(
        self,
        http: ErpHttp,
        access: Access,
        *,
        company: str = "",
        language: str = "en-US",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._access = access
        self._wanted = company
        self._language = language
        self._clock = clock
        self._company: Company | None = None
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    # -- reading ---------------------------------------------------------------

    def page(self, path: str, *, size: int, deadline: Deadline) -> tuple[list[Row], str]:
        """Return a page of rows, and the path of the next one ("" after the last)."""
        told = self._json("GET", path, deadline, {"Prefer": f"odata.maxpagesize={size}"})
        return odata.rows_of(told), odata.next_path(told, base_url=self._http.base_url, path=path)

    def each(self, path: str, *, deadline: Deadline, size: int = PAGE) -> Iterator[Row]:
        """Yield the rows of all pages.

        Raises:
            ErpBroken: the pages lead back to one that was there.
        """
        seen = set()
        while path:
            if path in seen:
                raise ErpBroken("the ERP's pages go round in a circle")
            seen.add(path)
            rows, path = self.page(path, size=size, deadline=deadline)
            yield from rows

    def rows(self, entity_set: str, query: Query, deadline: Deadline) -> list[Row]:
        """Return all rows of an entity set of the API v2.0 that fit."""
        return list(self.each(self.path(entity_set, deadline, query), deadline=deadline))

    def row(self, entity_set: str, erp_id: str, deadline: Deadline, query: Query | None = None) -> Row:
        """Return one row by its id.

        Raises:
            Missing: there is none.
        """
        return self._json("GET", self.path(at(entity_set, erp_id), deadline, query), deadline)

    def row_at(self, place: str, deadline: Deadline) -> Row:
        """Return the one record at a place (a part that is there once).

        Raises:
            Missing: there is none.
        """
        return self._json("GET", self.path(place, deadline), deadline)

    def content(self, place: str, deadline: Deadline, *, max_bytes: int) -> Answer:
        """Return the bytes of a stream (a PDF, a picture)."""
        return self._checked("GET", self.path(place, deadline), deadline, {"Accept": "*/*"}, max_bytes=max_bytes)

    def metadata(self, api: str, deadline: Deadline) -> bytes:
        """Return what an API says of itself, as XML."""
        headers = {"Accept": "application/xml"}
        return self._checked("GET", f"{api}/$metadata", deadline, headers).content

    # -- writing ---------------------------------------------------------------

    def insert(self, place: str, body: Mapping[str, Any], deadline: Deadline) -> Row:
        """Create a record, with its parts (deep insert), in one transaction of the ERP."""
        made = self._json("POST", self.path(place, deadline), deadline, body=body)
        deadline.has_written = True
        return made

    def change(self, place: str, read: Mapping[str, Any], body: Mapping[str, Any], deadline: Deadline) -> Row:
        """Change a record that nobody changed since it was `read`.

        Raises:
            Changed: somebody did.
        """
        headers = {"If-Match": odata.tag_of(read)}
        changed = self._json("PATCH", self.path(place, deadline), deadline, headers, body=body)
        deadline.has_written = True
        return changed

    def remove(self, place: str, read: Mapping[str, Any], deadline: Deadline) -> None:
        """Delete a record that nobody changed since it was `read`.

        Raises:
            Changed: somebody did.
        """
        self._checked("DELETE", self.path(place, deadline), deadline, {"If-Match": odata.tag_of(read)})
        deadline.has_written = True

    def act(self, place: str, action: str, deadline: Deadline) -> None:
        """Do a bound action that takes nothing."""
        path = self.path(f"{place}/Microsoft.NAV.{action}", deadline)
        self._checked("POST", path, deadline, {"Content-Length": "0"})
        deadline.has_written = True

    def ask(self, path: str, body: Mapping[str, Any], deadline: Deadline) -> Any:
        """Return what an unbound action answers."""
        return self._json("POST", path, deadline, body=body).get("value")

    # -- where -----------------------------------------------------------------

    def path(self, place: str, deadline: Deadline, query: Query | None = None, *, api: str = API) -> str:
        """Return the path of something in the company."""
        options = odata.query(query.options()) if query else ""
        return f"{api}/companies({self.company(deadline).id})/{place}{options}"

    def company(self, deadline: Deadline) -> Company:
        """Return the company, as met first.

        Raises:
            ErpMisconfigured: there is no such company, or several and none is named.
        """
        found = self._company
        if found is None:
            found = self._company = self._chosen(self.companies(deadline)[0])
        return found

    def companies(self, deadline: Deadline) -> tuple[list[Row], Answer]:
        """Return the companies that the app sees, with the answer they came in (its head tells the time)."""
        answer = self._checked("GET", f"{API}/companies", deadline)
        return odata.rows_of(answer.json()), answer

    def _chosen(self, rows: Sequence[Row]) -> Company:
        wanted = self._wanted.strip().lower()
        fitting = [row for row in rows if not wanted or wanted in {str(row.get(k, "")).lower() for k in ("id", "name")}]
        if len(fitting) != 1:
            names = ", ".join(str(row.get("name", ""))[:30] for row in rows[:10]) or "none"
            raise ErpMisconfigured(f"ERP_DATABASE must name one company of the ERP; the app sees: {names}")
        row = fitting[0]
        version = str(row.get("systemVersion") or "API v2.0")[:40]
        return Company(str(odata.guid(str(row.get("id")))), str(row.get("name", "")), version)

    # -- the wire --------------------------------------------------------------

    def _json(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> Row:
        told = self._checked(method, path, deadline, headers, body=body).json()
        if not isinstance(told, dict):
            raise ErpBroken(f"{_operation(method, path)}: the answer is no record")
        return told

    def _checked(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Return an answer of success; a refused token is renewed once (what was refused was not done)."""
        self._keep_quiet()
        content = None if body is None else json.dumps(body, default=_told).encode()
        sent = {"Accept": "application/json", "Accept-Language": self._language, **(headers or {})}
        if content is not None:
            sent["Content-Type"] = "application/json"

        def send(header: str) -> Answer:
            return self._http.request(
                method,
                path,
                operation=_operation(method, path),
                deadline=deadline,
                content=content,
                headers={**sent, "Authorization": header},
                max_bytes=max_bytes,
                understood=LATER,
            )

        header = self._access.header(deadline)
        answer = send(header)
        if answer.status == 401 and self._access.is_renewed(header, deadline):
            answer = send(self._access.header(deadline))
        if answer.status in LATER:
            raise self._later(answer)
        if answer.status >= 400:
            raise failure(_operation(method, path), answer)
        return answer

    def _keep_quiet(self) -> None:
        """Send nothing before the ERP wants to be asked again.

        Raises:
            ErpUnavailable: it is too early; nothing was sent.
        """
        left = self._quiet_until - self._clock()
        if left > 0:
            raise ErpUnavailable(f"the ERP wants no calls for another {left:.0f} s", nothing_sent=True)

    def _later(self, answer: Answer) -> ErpUnavailable:
        """Note for how long the ERP wants no calls. Only "too many" is said before anything is done."""
        pause = answer.headers.get("Retry-After", "")
        if pause.isdigit():
            self._quiet_until = self._clock() + min(float(pause), LONGEST_PAUSE_S)
        words = f"the ERP wants fewer calls for now (HTTP status {answer.status}{', ' if pause else ''}{pause[:20]})"
        return ErpUnavailable(words, nothing_sent=answer.status == 429)


def at(entity_set: str, erp_id: str) -> str:
    """Return the place of a record by its id.

    Raises:
        ErpBroken: the id is none of this ERP's.
    """
    return f"{entity_set}({odata.guid(erp_id)})"


def _operation(method: str, path: str) -> str:
    """Return the name of a call for the log: GET salesOrders."""
    place = path.partition("?")[0].partition("/companies(")[2].partition(")/")[2] or path.partition("?")[0]
    return f"{method} {place.partition('(')[0].strip('/')[:60]}"


def _told(value: Any) -> Any:
    """Return a value as JSON takes it; BC reads amounts as numbers."""
    return float(value) if hasattr(value, "quantize") else value.isoformat()
