"""Tryton's JSON-RPC: the wire, one session per process, typed JSON, errors by what to do next."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import MAX_BYTES, Answer, Deadline, ErpHttp

# Methods that change nothing.
READING = frozenset({"search_read", "search", "search_count", "read", "on_change", "fields_get", "get_access"})
BUSY = 503
UNAUTHORISED = 401
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in: the header that proves it, and the context that the ERP wants in every call."""

    authorization: str
    context: Mapping[str, Any]


class TrytonClient:
    """Calls methods of one Tryton database; threads share it.

    Args:
        http: The connection.
        database, user, password: Whose.
        language: In which texts come that no call asks for in another one, whatever the user's own is there.
    """

    def __init__(self, http: ErpHttp, *, database: str, user: str, password: str, language: str = "en") -> None:
        self.http = http
        self._path = f"/{quote(database, safe='')}/rpc/"
        self._user = user
        self._password = password
        self._language = language
        self._session: Session | None = None
        self._lock = threading.Lock()

    def call(
        self,
        method: str,
        *params: Any,
        deadline: Deadline,
        context: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Any:
        """Call a method such as `model.sale.sale.read` and return its result.

        A busy database (503: nothing was committed) is asked again until the deadline; a session
        that ended is renewed once.

        Raises:
            ErpUnavailable, ErpRejected, ErpBroken, ErpMisconfigured.
        """
        session = self._current(deadline)
        answer = self._send(session, method, params, context, deadline, max_bytes)
        if answer.status == UNAUTHORISED:
            session = self._renewed(session, deadline)
            answer = self._send(session, method, params, context, deadline, max_bytes)
            if answer.status == UNAUTHORISED:
                raise ErpMisconfigured(f"the ERP refuses the session of user {self._user!r}")
        found = _result(answer, method)
        deadline.has_written |= method.rpartition(".")[2] not in READING
        return found

    def server_version(self, deadline: Deadline) -> str:
        """Return the series of the server; needs neither database nor log-in."""
        return str(_result(self._ask_version(deadline), "common.server.version"))

    def server_date(self, deadline: Deadline) -> str:
        """Return the Date header of the server, "" when it sends none."""
        return self._ask_version(deadline).headers.get("Date", "")

    def _ask_version(self, deadline: Deadline) -> Answer:
        return self.http.request(
            "POST",
            "/rpc/",
            operation="common.server.version",
            deadline=deadline,
            content=_body("common.server.version", []),
            headers={"Content-Type": "application/json"},
        )

    def get(self, path: str, *, operation: str, deadline: Deadline, max_bytes: int) -> Answer:
        """Fetch a public path of the ERP (pictures)."""
        return self.http.request("GET", path, operation=operation, deadline=deadline, max_bytes=max_bytes)

    def company(self, deadline: Deadline) -> int:
        """Return the id of the company that the user works for.

        Raises:
            ErpMisconfigured: the user has none; prices would come out empty.
        """
        found = self._current(deadline).context.get("company")
        if not found:
            raise ErpMisconfigured(f"ERP user {self._user!r} has no company: set it in the ERP")
        return int(found)

    def rows(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        deadline: Deadline,
        limit: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the rows of a model that fit a domain, in the order of their ids; one of none is not asked for."""
        if domain and domain[0] != "OR" and any(list(clause[1:]) == ["in", []] for clause in domain):
            return []
        found: list[dict[str, Any]] = self.call(
            f"model.{model}.search_read",
            domain,
            0,
            limit,
            [["id", "ASC"]],
            fields,
            deadline=deadline,
            context=context,
        )
        return found

    # -- the wire --------------------------------------------------------------

    def _send(
        self,
        session: Session,
        method: str,
        params: Sequence[Any],
        context: Mapping[str, Any] | None,
        deadline: Deadline,
        max_bytes: int,
    ) -> Answer:
        content = _body(method, [*params, {**session.context, **(context or {})}])
        pause = FIRST_PAUSE_S
        while True:
            answer = self.http.request(
                "POST",
                self._path,
                operation=method,
                deadline=deadline,
                content=content,
                headers={
                    "Content-Type": "application/json",
                    "Authorization": session.authorization,
                },
                max_bytes=max_bytes,
                understood=[BUSY],
            )
            if answer.status != BUSY:
                return answer
            if deadline.left() <= pause:
                raise ErpUnavailable("the ERP's database is busy")
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    # -- the session -----------------------------------------------------------

    def _current(self, deadline: Deadline) -> Session:
        session = self._session
        if session is not None:
            return session
        return self._renewed(None, deadline)

    def _renewed(self, old: Session | None, deadline: Deadline) -> Session:
        """Log in, unless another thread did it since `old` was seen."""
        if not self._lock.acquire(timeout=max(deadline.left(), 0.001)):
            raise ErpUnavailable("no time left to log in", nothing_sent=True)
        try:
            if self._session is None or self._session is old:
                self._session = None
                self._session = self._log_in(deadline)
            return self._session
        finally:
            self._lock.release()

    def _log_in(self, deadline: Deadline) -> Session:
        answer = self.http.request(
            "POST",
            self._path,
            operation="common.db.login",
            deadline=deadline,
            content=_body("common.db.login", [self._user, {"password": self._password}, self._language]),
            headers={"Content-Type": "application/json"},
        )
        if answer.status == UNAUTHORISED:
            raise ErpMisconfigured(f"the ERP refuses the log-in of user {self._user!r}: check ERP_USER, ERP_PASSWORD")
        result = _result(answer, "common.db.login")
        if not isinstance(result, list) or len(result) < 2:
            raise ErpMisconfigured(f"the ERP wants more than a password of user {self._user!r}")
        proof = base64.b64encode(f"{self._user}:{result[0]}:{result[1]}".encode()).decode()
        bare = Session(authorization=f"Session {proof}", context={})
        method = "model.res.user.get_preferences"
        preferences = _result(self._send(bare, method, [True], None, deadline, MAX_BYTES), method)
        if not isinstance(preferences, dict):
            raise ErpBroken("the ERP gives no preferences of its user")
        return Session(bare.authorization, {**preferences, "language": self._language})


def _body(method: str, params: Sequence[Any]) -> bytes:
    return json.dumps({"id": 1, "method": method, "params": params}, default=_typed).encode()


def _typed(value: Any) -> Any:
    """Write what JSON lacks in Tryton's way; a datetime must be UTC."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC)
        return {
            "__class__": "datetime",
            "year": utc.year,
            "month": utc.month,
            "day": utc.day,
            "hour": utc.hour,
            "minute": utc.minute,
            "second": utc.second,
            "microsecond": utc.microsecond,
        }
    if isinstance(value, dt.date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, dt.timedelta):
        return {"__class__": "timedelta", "seconds": value.total_seconds()}
    raise TypeError(f"cannot send a {type(value).__name__}")


def _untyped(data: dict[str, Any]) -> Any:
    """Read Tryton's typed values; its naive times are UTC."""
    match data.get("__class__"):
        case None:
            return data
        case "Decimal":
            return Decimal(data["decimal"])
        case "date":
            return dt.date(data["year"], data["month"], data["day"])
        case "datetime":
            values = {k: v for k, v in data.items() if k != "__class__"}
            return dt.datetime(**values, tzinfo=dt.UTC)
        case "timedelta":
            return dt.timedelta(seconds=float(data["seconds"]))
        case "bytes" | "bytearray":
            return base64.b64decode(data["base64"])
    return data


def _result(answer: Answer, method: str) -> Any:
    _refuse_status(answer, method)
    data = answer.json(_untyped)
    if not isinstance(data, dict) or not ({"result", "error"} & set(data)):
        raise ErpBroken(f"{method}: the answer is no JSON-RPC")
    if data.get("error") is not None:
        raise _failure(method, data["error"])
    return data.get("result")


def _refuse_status(answer: Answer, method: str) -> None:
    if answer.status == UNAUTHORISED:
        raise ErpMisconfigured(f"{method}: the ERP wants a log-in")
    if answer.status == 429:
        raise ErpUnavailable("too many log-ins: the ERP refuses more for now", nothing_sent=True)
    if answer.status in {403, 404, 405}:
        raise ErpMisconfigured(f"{method}: HTTP status {answer.status}; check ERP_URL, ERP_DATABASE and the rights")
    if answer.status != 200:
        raise ErpBroken(f"{method}: HTTP status {answer.status}")


def _failure(method: str, error: Any) -> Exception:
    """Return the error that Tryton's `[name, [message, ...]]` stands for."""
    name = error[0] if isinstance(error, list) and error else ""
    words = error[1] if isinstance(error, list) and len(error) > 1 else ""
    if name == "UserError" and isinstance(words, list):
        return ErpRejected(_sentence(words[:2]))
    if name == "UserWarning" and isinstance(words, list):
        # Never skipped on our own: whoever may decide does it in the ERP.
        return ErpRejected(_sentence(words[1:3]), warning=str(words[0]))
    if isinstance(name, str) and name.startswith("403"):
        return ErpMisconfigured(f"{method}: the ERP refuses: {name[:200]}")
    return ErpBroken(f"{method}: {str(name)[:200]} {str(words)[:200]}".strip())


def _sentence(words: Sequence[Any]) -> str:
    return " ".join(str(one).strip() for one in words if one) or "The ERP says no."
