"""Calls to one company's Service Layer: one session for all threads, pages by key, batches."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erp_sync.adapters import odata
from erp_sync.adapters.sap_b1 import batch
from erp_sync.adapters.sap_b1.faults import Missing, failure
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.values import server_time
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import Answer, Deadline, ErpHttp

MOST_BYTES = 20 * 1024 * 1024
# A filter that names keys must fit into an address.
KEYS_AT_ONCE = 30
LISTS = frozenset(
    {
        "BPAddresses",
        "ContactEmployees",
        "DocumentLines",
        "DocumentSpecialLines",
        "ItemBarCodeCollection",
        "ItemPrices",
        "ItemUnitOfMeasurementCollection",
        "ItemWarehouseInfoCollection",
        "PaymentInvoices",
        "SpecialPriceDataAreas",
        "UoMGroupDefinitionCollection",
    }
)
NOTHING_BACK = {"Prefer": "return-no-content"}


@dataclass(frozen=True, slots=True)
class Access:
    """Which company, as whom."""

    company: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an entity in the order of their key; `has_more` when the ERP has further ones."""

    rows: list[dict[str, Any]]
    has_more: bool


class B1Client:
    """Speaks to the Service Layer; threads share its session, which it takes out when first needed.

    A session lives for 30 minutes without a call. An answer 401 means that it is gone and that nothing was done: the
    first thread to see it logs in again, once, and every call that met it is repeated.

    Args:
        http: The connection; it keeps the cookies B1SESSION and ROUTEID.
        access: Company database, user, password.
        select_lines: Whether fields that hold lists may be selected; else such rows are read whole.
        at_once: Most requests at a time: a session handles one after the other anyway.
    """

    def __init__(self, http: ErpHttp, access: Access, *, select_lines: bool = True, at_once: int = 3) -> None:
        self._select_lines = select_lines
        self._http = http
        self._access = access
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._logged_in = 0  # how often

    # -- reading ---------------------------------------------------------------

    def selected(self, fields: Sequence[str]) -> str:
        """Return the fields of a $select, "" where the whole row must be read."""
        return odata.selected(fields) if self._select_lines or not LISTS & set(fields) else ""

    def page(
        self, entity: str, key: str, *, after: Any, where: str, select: Sequence[str], size: int, deadline: Deadline
    ) -> Batch:
        """Return the next rows behind the key `after` (None = from the beginning).

        Never by the link to the next page: it counts rows, so it drifts under writes, and it may lack the filter. That
        there is one only says that the ERP has more.
        """
        clauses = [f"({where})"] if where else []
        clauses += [f"{key} gt {odata.literal(after)}"] if after is not None else []
        query = {"$select": self.selected(select), "$orderby": key, "$filter": odata.all_of(*clauses)}
        told = self.get(entity + odata.query(query), deadline=deadline, headers=paged(size))
        rows = odata.rows_of(told)
        if not all(key in row for row in rows):
            raise ErpBroken(f"{entity}: a row has no {key}")
        return Batch(rows, has_more(told) and bool(rows))

    def rows(
        self, entity: str, key: str, *, select: Sequence[str], deadline: Deadline, where: str = "", size: int = 500
    ) -> Iterator[dict[str, Any]]:
        """Yield all rows of an entity that fit."""
        after = None
        while True:
            found = self.page(entity, key, after=after, where=where, select=select, size=size, deadline=deadline)
            yield from found.rows
            if not found.has_more:
                return
            after = found.rows[-1][key]

    def by_keys(
        self,
        entity: str,
        key: str,
        values: Sequence[Any],
        *,
        select: Sequence[str],
        deadline: Deadline,
        where: str = "",
    ) -> list[dict[str, Any]]:
        """Return the rows with these keys that fit."""
        wanted = list(dict.fromkeys(values))
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            some = odata.any_of(key, wanted[start : start + KEYS_AT_ONCE])
            some = f"({where}) and ({some})" if where else some
            found += self.rows(entity, key, select=select, where=some, size=KEYS_AT_ONCE, deadline=deadline)
        return found

    def one(self, entity: str, key: Any, deadline: Deadline) -> tuple[dict[str, Any], str] | None:
        """Return a whole record and its ETag, None when there is none; with $select the ETag would be wrong."""
        path = f"{entity}({odata.key(key)})"
        answer = self._send("GET", path, None, {}, deadline)
        if answer.status == 404:
            return None
        row = self._read(path, answer)
        etag = answer.headers.get("ETag", "")
        if not etag:
            raise ErpMisconfigured(f"{entity}: a record came without its version: 10.0 FP 2102 or newer is needed")
        return row, etag

    def get(self, path: str, *, deadline: Deadline, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what a GET tells."""
        return self._read(path, self._send("GET", path, None, headers or {}, deadline))

    def metadata(self, deadline: Deadline) -> bytes:
        """Return the company's own description of its entities, XML of several megabytes."""
        answer = self._send("GET", "$metadata", None, {"Accept": "application/xml"}, deadline)
        if answer.status != 200:
            raise failure("$metadata", answer.status, _body(answer))
        return answer.content

    def now(self, deadline: Deadline) -> dt.datetime:
        """Return the clock of the ERP's server, to the second.

        Raises:
            ErpBroken: it tells no time.
        """
        path = "Warehouses" + odata.query({"$select": "WarehouseCode", "$top": "1"})
        return server_time(self._send("GET", path, None, {}, deadline).headers.get("Date", ""))

    @staticmethod
    def rows_of(told: batch.Told, entity: str) -> list[dict[str, Any]]:
        """Return the rows that a read of a batch tells."""
        if not told.is_done:
            raise failure(entity, told.status, told.body)
        return odata.rows_of(told.body)

    # -- writing, and what is asked by POST -------------------------------------

    def call(self, path: str, body: Mapping[str, Any], *, deadline: Deadline) -> dict[str, Any]:
        """Return what a function of the Service Layer answers."""
        answer = self._send("POST", path, body, {}, deadline)
        return self._read(path, answer) if answer.content else self._done(path, answer)

    def make(self, entity: str, body: Mapping[str, Any], *, deadline: Deadline) -> None:
        """Create a record; it is looked up afterwards, as one that needs an approval comes back without a body."""
        self._done(entity, self._send("POST", entity, body, NOTHING_BACK, deadline))
        deadline.has_written = True

    def change(
        self, path: str, body: Mapping[str, Any], *, etag: str, deadline: Deadline, replace_lines: bool = False
    ) -> None:
        """Change a record as it was read; `replace_lines` takes away those that are not named.

        Raises:
            Conflict: somebody else changed it since.
        """
        headers = {"If-Match": etag}
        headers |= {"B1S-ReplaceCollectionsOnPatch": "true"} if replace_lines else {}
        self._done(path, self._send("PATCH", path, body, headers, deadline))
        deadline.has_written = True

    def read_together(self, asks: Sequence[batch.Ask], *, deadline: Deadline) -> list[batch.Told]:
        """Return the answers to several reads by one request; fewer when the ERP stopped at a failure."""
        return self._batch(asks, deadline, is_changeset=False) if asks else []

    def write_together(self, asks: Sequence[batch.Ask], *, deadline: Deadline) -> None:
        """Do several writes, all of them or none.

        Raises:
            ErpError: what the one that failed stands for.
        """
        told = self._batch(asks, deadline, is_changeset=True)
        bad = next((one for one in told if not one.is_done), None)
        if bad is not None:
            raise failure("$batch", bad.status, bad.body, writes=True)
        if len(told) != len(asks):
            raise ErpBroken(f"$batch: {len(told)} answers to {len(asks)} writes")
        deadline.has_written = True

    def _batch(self, asks: Sequence[batch.Ask], deadline: Deadline, *, is_changeset: bool) -> list[batch.Told]:
        kind, content = batch.packed(asks, is_changeset=is_changeset)
        answer = self._answered("POST", "$batch", content, {"Content-Type": kind}, deadline)
        if answer.status not in {200, 202}:
            raise failure("$batch", answer.status, _body(answer), writes=is_changeset)
        return batch.unpacked(answer.headers.get("Content-Type", ""), answer.content)

    # -- the session -----------------------------------------------------------

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content is not None else {}
        return self._answered(method, path, content, {**kind, **headers}, deadline)

    def _answered(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        """Return the answer; a session that is gone is taken out again, once."""
        with self._turn(deadline):
            seen = self._session(deadline, spent=-1)
            answer = self._request(method, path, content, headers, deadline)
            if answer.status == 401:
                self._session(deadline, spent=seen)
                answer = self._request(method, path, content, headers, deadline)
        if answer.status == 401:
            raise ErpMisconfigured("the ERP ends the session at once: check the licence and rights of ERP_USER")
        if answer.status == 429:
            raise failure(path, 429, None)
        return answer

    def _turn(self, deadline: Deadline) -> _Turn:
        if not self._turns.acquire(timeout=deadline.left()):
            raise ErpUnavailable("the ERP's session is busy", nothing_sent=True)
        return _Turn(self._turns.release)

    def _session(self, deadline: Deadline, *, spent: int) -> int:
        """Log in when nobody did, or when the session `spent` is still the latest; return which one it is."""
        with self._lock:
            if self._logged_in == 0 or self._logged_in == spent:
                self._log_in(deadline)
                self._logged_in += 1
            return self._logged_in

    def _log_in(self, deadline: Deadline) -> None:
        access = self._access
        body = {"CompanyDB": access.company, "UserName": access.user, "Password": access.password}
        content = json.dumps(body).encode()
        answer = self._request("POST", "Login", content, {"Content-Type": "application/json"}, deadline)
        if answer.status == 429:
            raise failure("Login", 429, None)
        if answer.status != 200:
            raise ErpMisconfigured(
                f"the ERP refuses the log-in of {access.user!r} (HTTP status {answer.status}): check ERP_URL, "
                "ERP_DATABASE, ERP_USER and ERP_PASSWORD, and that the user has a licence"
            )
        told = _body(answer)
        if not isinstance(told, dict) or "SessionId" not in told:
            raise ErpBroken("Login: the answer has no session")

    def _request(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        return self._http.request(
            method,
            batch.ROOT + path,
            operation=_operation(method, path),
            deadline=deadline,
            content=content,
            headers=headers,
            max_bytes=MOST_BYTES,
        )

    def _read(self, path: str, answer: Answer) -> dict[str, Any]:
        if not 200 <= answer.status < 300:
            raise failure(_operation("", path), answer.status, _body(answer))
        told = answer.json()
        if not isinstance(told, dict):
            raise ErpBroken(f"{_operation('', path)}: the answer is no object")
        return told

    def _done(self, path: str, answer: Answer) -> dict[str, Any]:
        """Return nothing, or raise; an answer that is no proof of success is unclear.

        Raises:
            ErpBroken: a page of nonsense came with the status of success.
        """
        if not 200 <= answer.status < 300:
            raise failure(_operation("", path), answer.status, _body(answer), writes=True)
        if answer.content and not isinstance(answer.json(), dict):
            raise ErpBroken(f"{_operation('', path)}: the answer is no object")
        return {}


class _Turn:
    """Gives a turn back at the end of a block."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release = release

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        self._release()


def _operation(method: str, path: str) -> str:
    """Return the name of a call for the log: without keys and filters."""
    return f"{method} {path.partition('?')[0].partition('(')[0]}".strip()


def _body(answer: Answer) -> Any:
    try:
        return answer.json()
    except ErpBroken:
        return None


# --- addresses ---


def has_more(told: Mapping[str, Any]) -> bool:
    """Say whether the ERP has more rows than it answered; the link itself is never followed."""
    return bool(told.get("@odata.nextLink") or told.get("odata.nextLink"))


def paged(size: int) -> dict[str, str]:
    """Return the header that asks for larger pages than the 20 rows of the ERP."""
    return {"Prefer": f"odata.maxpagesize={size}"}


def by_key(rows: Sequence[Row], key: str) -> dict[Any, Row]:
    """Return rows by their key."""
    return {row[key]: row for row in rows}


def first(found: tuple[dict[str, Any], str] | None, what: str) -> tuple[dict[str, Any], str]:
    """Return a record that must be there.

    Raises:
        Missing: it is not.
    """
    if found is None:
        raise Missing(f"There is no {what} in the ERP any more.")
    return found
