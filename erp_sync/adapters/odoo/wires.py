"""The two ways to call a method of Odoo: JSON-2 (from 19 on) and /jsonrpc (up to 18, deprecated after it)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from erp_sync.adapters.odoo.faults import failure
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import Answer, Deadline, ErpHttp

# Methods of the model itself: over /jsonrpc they take no ids first.
OF_THE_MODEL = frozenset(
    {"search_read", "search", "search_count", "create", "load", "fields_get", "read_group", "formatted_read_group",
     "context_get", "check_object_reference"}
)  # fmt: skip
# Odoo answers a mistake in the call with 500 and says which in JSON.
UNDERSTOOD = [500]


@dataclass(frozen=True, slots=True)
class Call:
    """A method, the records that it is called on, and its named arguments."""

    model: str
    method: str
    ids: Sequence[int] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """Its name in the logs."""
        return f"{self.model}.{self.method}"


@dataclass(frozen=True, slots=True)
class Access:
    """Which database, as whom, by which key."""

    database: str
    user: str
    key: str = field(repr=False)


class Wire(Protocol):
    """Carries a call to Odoo and its result back."""

    def send(self, call: Call, *, deadline: Deadline, max_bytes: int) -> Any:
        """Return the result.

        Raises:
            ErpUnavailable, ErpRejected, ErpBroken, ErpMisconfigured.
        """
        ...


class Json2:
    """`POST /json/2/<model>/<method>`: named arguments, a bearer key, the HTTP status tells."""

    def __init__(self, http: ErpHttp, access: Access) -> None:
        self._http = http
        self._headers = {"Content-Type": "application/json", "Authorization": f"bearer {access.key}"}
        if access.database:
            self._headers["X-Odoo-Database"] = access.database

    def send(self, call: Call, *, deadline: Deadline, max_bytes: int) -> Any:
        """Return the result."""
        body = {**call.named, "context": dict(call.context)}
        if call.ids:
            body["ids"] = list(call.ids)
        answer = self._http.request(
            "POST",
            f"/json/2/{call.model}/{call.method}",
            operation=call.operation,
            deadline=deadline,
            content=json.dumps(body).encode(),
            headers=self._headers,
            max_bytes=max_bytes,
            understood=UNDERSTOOD,
        )
        if answer.status == 200:
            return answer.json()
        raise _refused(answer, call)


class JsonRpc:
    """`POST /jsonrpc` with `execute_kw`: always HTTP 200, the body tells."""

    def __init__(self, http: ErpHttp, access: Access) -> None:
        self._http = http
        self._access = access
        self._uid = 0
        self._lock = threading.Lock()

    def send(self, call: Call, *, deadline: Deadline, max_bytes: int) -> Any:
        """Return the result, logging in first when nobody did."""
        access = self._access
        named = {**call.named, "context": dict(call.context)}
        positional = [] if call.method in OF_THE_MODEL else [list(call.ids)]
        if call.method == "create":  # looked at by its place
            positional = [named.pop("vals_list")]
        asked = [access.database, self._logged_in(deadline), access.key, call.model, call.method, positional, named]
        return self._ask("object", "execute_kw", asked, call, deadline, max_bytes)

    def _logged_in(self, deadline: Deadline) -> int:
        with self._lock:
            if not self._uid:
                access = self._access
                login = Call("common", "login")
                asked = [access.database, access.user, access.key]
                found = self._ask("common", "login", asked, login, deadline, 64 * 1024)
                if not found:
                    raise ErpMisconfigured(f"the ERP refuses user {access.user!r}: check ERP_USER and ERP_PASSWORD")
                self._uid = int(found)
            return self._uid

    def _ask(
        self, service: str, method: str, arguments: list[Any], call: Call, deadline: Deadline, max_bytes: int
    ) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        answer = self._http.request(
            "POST",
            "/jsonrpc",
            operation=call.operation,
            deadline=deadline,
            content=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}).encode(),
            headers={"Content-Type": "application/json"},
            max_bytes=max_bytes,
            understood=UNDERSTOOD,
        )
        if answer.status != 200:
            raise _refused(answer, call)
        data = answer.json()
        if not isinstance(data, dict) or "jsonrpc" not in data:
            raise ErpBroken(f"{call.operation}: the answer is no JSON-RPC")
        if data.get("error"):
            told = data["error"].get("data") if isinstance(data["error"], dict) else None
            raise failure(call.operation, told if isinstance(told, dict) else {})
        return data.get("result")  # left out when a method returns nothing


def _refused(answer: Answer, call: Call) -> Exception:
    """Return the error for an answer that is no result: by its words if it has any, else by its status."""
    try:
        told = answer.json()
    except ErpBroken:
        told = None
    if isinstance(told, dict) and answer.status not in {401, 429}:
        return failure(call.operation, told, status=answer.status)
    if answer.status == 429:
        return ErpUnavailable("the ERP wants fewer calls for now", nothing_sent=True)
    if answer.status == 401:
        return ErpMisconfigured("the ERP refuses the key: check ERP_PASSWORD (an API key, perhaps expired)")
    if answer.status in {403, 404, 405}:
        return ErpMisconfigured(f"{call.operation}: HTTP status {answer.status}; check ERP_URL and ERP_DATABASE")
    if answer.status == 500:
        return ErpUnavailable("the ERP failed with HTTP status 500")
    return ErpBroken(f"{call.operation}: HTTP status {answer.status}")
