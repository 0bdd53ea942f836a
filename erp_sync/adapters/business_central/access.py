"""How the shop shows who it is: by a token of Microsoft Entra (online) or by a user and his key (on premises)."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlencode

from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import Answer, Deadline, ErpHttp

SCOPE = "https://api.businesscentral.dynamics.com/.default"
# A token is given up so long before it ends, so that it does not end on its way.
MARGIN_S = 60.0
MOST_BYTES = 64 * 1024


class Access(Protocol):
    """Gives the header that every call carries."""

    def header(self, deadline: Deadline) -> str:
        """Return the value of Authorization."""
        ...

    def is_renewed(self, refused: str, deadline: Deadline) -> bool:
        """Say whether there is another header than the one that the ERP just refused."""
        ...


@dataclass(frozen=True, slots=True)
class Basic:
    """A user and his web service access key."""

    user: str
    key: str = field(repr=False)

    def header(self, _deadline: Deadline) -> str:
        """Return the value of Authorization."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.key}".encode()).decode("ascii")

    def is_renewed(self, _refused: str, _deadline: Deadline) -> bool:
        """Return False: there is only one key."""
        return False


class ClientCredentials:
    """A token for the app itself (service to service), kept until it ends; threads share it.

    Args:
        http: To the token's host; its address comes from the settings, never from an answer.
        path: Of the token endpoint there.
        client_id, secret: Of the app registration.
    """

    def __init__(
        self,
        http: ErpHttp,
        path: str,
        client_id: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._path = path
        self._body = urlencode(
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": SCOPE},
            quote_via=quote,
        ).encode()
        self._clock = clock
        self._token = ""
        self._ends_at = 0.0
        self._lock = threading.Lock()

    def header(self, deadline: Deadline) -> str:
        """Return the value of Authorization, asking for a token when there is none that still holds."""
        with self._alone(deadline):
            if not self._token or self._clock() >= self._ends_at:
                self._ask(deadline)
            return f"Bearer {self._token}"

    def is_renewed(self, refused: str, deadline: Deadline) -> bool:
        """Ask for a new token, unless another thread did since."""
        with self._alone(deadline):
            if refused == f"Bearer {self._token}":
                self._ask(deadline)
        return True

    @contextlib.contextmanager
    def _alone(self, deadline: Deadline) -> Iterator[None]:
        """Let one thread ask for a token; nobody waits longer for it than his own call may take."""
        if not self._lock.acquire(timeout=deadline.left()):
            raise ErpUnavailable("a token is still being fetched", nothing_sent=True)
        try:
            yield
        finally:
            self._lock.release()

    def _ask(self, deadline: Deadline) -> None:
        answer = self._http.request(
            "POST",
            self._path,
            operation="token",
            deadline=deadline,
            content=self._body,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            max_bytes=MOST_BYTES,
        )
        given = _given(answer)
        token, lasts_s = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not str(lasts_s).isdigit():
            raise ErpBroken("the token's host gave no token")
        self._token, self._ends_at = token, self._clock() + max(int(str(lasts_s)) - MARGIN_S, 0.0)


def _given(answer: Answer) -> Mapping[str, object]:
    if answer.status == 429:
        raise ErpUnavailable("the token's host wants fewer calls for now", nothing_sent=True)
    told = answer.json()
    if not isinstance(told, dict):
        raise ErpBroken("the token's host gave no token")
    if answer.status != 200:
        why = str(told.get("error") or answer.status)[:60]
        raise ErpMisconfigured(
            f"no token for the app ({why}): check ERP_USER (the client id), ERP_PASSWORD (the client secret, perhaps "
            "expired) and the tenant"
        )
    return told
