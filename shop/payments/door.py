"""How providers are reached: hosts from the settings, one deadline, no redirects (erp_sync.http opens the socket).

An answer below 500 is the provider's word; anything else counts as "we do not know".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from erp_sync.errors import ErpError
from erp_sync.http import Deadline, ErpHttp
from shop.payments.errors import ProviderRefused, ProviderUnavailable

DEADLINE_S = 8.0
MAX_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A provider's answer; `data` is its JSON object."""

    status: int
    data: dict[str, Any]

    @property
    def is_ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


@lru_cache(maxsize=8)
def _pool(base_url: str) -> ErpHttp:
    return ErpHttp(base_url, pool_size=8, log_as="provider_call")


@dataclass(frozen=True, slots=True)
class Door:
    """The way to one provider.

    Attributes:
        base_url: From the settings; never from a message or a database.
        headers: Sent with every call: who we are.
    """

    base_url: str
    headers: Mapping[str, str]

    def get(self, path: str, *, operation: str) -> Reply:
        """Ask for something."""
        return self._send("GET", path, operation, None, {})

    def form(self, path: str, fields: Mapping[str, str], *, operation: str, once: str) -> Reply:
        """Post a form; `once` is the key that makes it happen one time."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": once}
        return self._send("POST", path, operation, urlencode(fields).encode(), headers)

    def json(self, method: str, path: str, body: Mapping[str, Any] | None, *, operation: str, once: str = "") -> Reply:
        """Send JSON; decimals travel as plain numbers. `once` as in `form`, in the header X-Idempotency-Key."""
        headers = {"Content-Type": "application/json"} | ({"X-Idempotency-Key": once} if once else {})
        return self._send(method, path, operation, _dumped(body or {}), headers)

    def _send(self, method: str, path: str, operation: str, content: bytes | None, headers: Mapping[str, str]) -> Reply:
        try:
            answer = _pool(self.base_url).request(
                method,
                path,
                operation=operation,
                deadline=Deadline(DEADLINE_S),
                content=content,
                headers={"Accept": "application/json", **self.headers, **headers},
                max_bytes=MAX_BYTES,
            )
            data = answer.json() if answer.content else {}
        except ErpError as error:
            raise ProviderUnavailable(f"{operation}: {error}") from error
        if not isinstance(data, dict):
            raise ProviderUnavailable(f"{operation}: the answer is no object")
        if answer.status in {408, 409, 425, 429}:  # busy, or the same call is still under way
            raise ProviderUnavailable(f"{operation}: status {answer.status}")
        return Reply(answer.status, data)


def needed(data: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a field that an answer must have.

    Raises:
        ProviderUnavailable: it is missing or of another kind: the answer says nothing that can be relied on.
    """
    value = data.get(name)
    if kind is Decimal and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ProviderUnavailable(f"the answer has no usable {name}")
    return value


def refuse(reply: Reply, operation: str) -> None:
    """Raise when the provider said no.

    Raises:
        ProviderRefused: with its own words.
    """
    if not reply.is_ok:
        words = json.dumps(reply.data, default=str)[:300]
        raise ProviderRefused(f"{operation}: status {reply.status} {words}")


def _dumped(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, default=_number).encode()


def _number(value: object) -> float | int:
    """Return a decimal amount as JSON writes it; amounts of two decimals survive a double exactly as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
