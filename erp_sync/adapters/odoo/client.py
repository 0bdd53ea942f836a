"""Calls to one Odoo database: the wire by its version, reading in pages, external ids."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_sync.adapters.odoo.faults import Fault, loaded
from erp_sync.adapters.odoo.wires import Access, Call, Json2, JsonRpc, Wire
from erp_sync.errors import ErpBroken, ErpMisconfigured
from erp_sync.http import MAX_BYTES, Answer, Deadline, ErpHttp

FIRST_JSON2 = 19
OLDEST = 17
# Namespace of the external ids that make our writes happen once.
MODULE = "b2bshop"
# Methods that change nothing.
READING = frozenset(
    {"search_read", "search", "search_count", "onchange", "check_object_reference", "get_external_id", "fields_get",
     "context_get", "has_access", "check_access_rights", "get_portal_url"}
)  # fmt: skip
ARCHIVED_TOO = ["active", "in", [True, False]]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """The server's series (19) and how it writes it (19.0)."""

    series: int
    text: str


class OdooClient:
    """Calls methods of one database; threads share it.

    Args:
        http: The connection.
        access: Database, user and API key.
        protocol: "json2" or "jsonrpc"; "" = by the server's version.
    """

    def __init__(self, http: ErpHttp, access: Access, *, protocol: str = "") -> None:
        self.http = http
        self._access = access
        self._protocol = protocol
        self._found: tuple[Version, Wire] | None = None
        self._lock = threading.Lock()

    def call(
        self,
        model: str,
        method: str,
        *,
        deadline: Deadline,
        ids: Sequence[int] = (),
        context: Mapping[str, Any] | None = None,
        max_bytes: int = MAX_BYTES,
        **named: Any,
    ) -> Any:
        """Call a method with named arguments and return its result; times are UTC, words English unless told.

        Raises:
            ErpUnavailable, ErpRejected, ErpBroken, ErpMisconfigured.
        """
        call = Call(model, method, ids, named, {"lang": "en_US", "tz": "UTC", **(context or {})})
        found = self._met(deadline)[1].send(call, deadline=deadline, max_bytes=max_bytes)
        deadline.has_written |= method not in READING
        return found

    def version(self, deadline: Deadline) -> Version:
        """Return the server's version, as met first."""
        return self._met(deadline)[0]

    def rows(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Iterable[str],
        *,
        deadline: Deadline,
        limit: int | None = None,
        order: str = "id",
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the rows of a model that fit a domain."""
        found = self.call(
            model,
            "search_read",
            domain=list(domain),
            fields=sorted(fields),
            limit=limit,
            order=order,
            deadline=deadline,
            context=context,
        )
        if not isinstance(found, list) or not all(isinstance(row, dict) and "id" in row for row in found):
            raise ErpBroken(f"{model}.search_read: the answer is no list of rows")
        return found

    # -- external ids: unique in the database, so a write under one happens once

    def load(
        self,
        model: str,
        lines: Sequence[Mapping[str, str]],
        deadline: Deadline,
        context: Mapping[str, Any] | None = None,
    ) -> list[int]:
        """Create or update records under their external ids; lines without an `id` go on with the one before.

        Raises:
            ErpRejected, ErpUnavailable: see `faults.loaded`.
        """
        fields = list(dict.fromkeys(name for one in lines for name in one))
        data = [[one.get(name, "") for name in fields] for one in lines]
        answer = self.call(model, "load", fields=fields, data=data, context=context, deadline=deadline)
        return loaded(f"{model}.load", answer)

    def of_external_id(self, name: str, deadline: Deadline) -> tuple[str, int] | None:
        """Return the model and id of one of our external ids, None when there is none."""
        try:
            found = self.call("ir.model.data", "check_object_reference", module=MODULE, xml_id=name, deadline=deadline)
        except Fault as fault:
            if "External ID not found" in fault.words:
                return None
            raise
        if not isinstance(found, list) or len(found) != 2:
            raise ErpBroken("ir.model.data: the answer is no reference")
        return (str(found[0]), int(found[1])) if found[1] else None

    def external_ids(self, model: str, ids: Sequence[int], deadline: Deadline) -> dict[int, str]:
        """Return our external id of each record that has one, without the namespace."""
        if not ids:
            return {}
        found = self.call(model, "get_external_id", ids=sorted(set(ids)), deadline=deadline)
        ours = {int(key): str(name) for key, name in found.items() if str(name).startswith(f"{MODULE}.")}
        return {key: name.removeprefix(f"{MODULE}.") for key, name in ours.items()}

    # -- plain HTTP ------------------------------------------------------------

    def get(self, path: str, *, operation: str, deadline: Deadline, max_bytes: int) -> Answer:
        """Fetch a path of the portal."""
        headers = {"X-Odoo-Database": self._access.database} if self._access.database else {}
        return self.http.request(
            "GET", path, operation=operation, deadline=deadline, headers=headers, max_bytes=max_bytes
        )

    def greet(self, deadline: Deadline) -> tuple[Version, str]:
        """Return the version and the Date header; needs neither database nor key."""
        answer = self.http.request(
            "POST",
            "/web/webclient/version_info",
            operation="version_info",
            deadline=deadline,
            content=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": {}}).encode(),
            headers={"Content-Type": "application/json"},
        )
        if answer.status != 200:
            raise ErpMisconfigured(f"no Odoo answers there (HTTP status {answer.status}): check ERP_URL")
        told = answer.json()
        result = told.get("result") if isinstance(told, dict) else None
        text = str(result.get("server_version") if isinstance(result, dict) else "")
        digits = text.removeprefix("saas~").partition(".")[0]
        if not digits.isdigit():
            raise ErpMisconfigured("what answers there tells no version of Odoo: check ERP_URL")
        return Version(int(digits), text[:40]), answer.headers.get("Date", "")

    def _met(self, deadline: Deadline) -> tuple[Version, Wire]:
        if self._found is None:
            version, _date = self.greet(deadline)
            if version.series < OLDEST:
                raise ErpMisconfigured(f"Odoo {version.text} is too old: {OLDEST} or newer is needed")
            with self._lock:  # of two who met it at once either is right
                self._found = (version, self._wire(version))
        return self._found

    def _wire(self, version: Version) -> Wire:
        chosen = self._protocol or ("json2" if version.series >= FIRST_JSON2 else "jsonrpc")
        if chosen == "json2":
            return Json2(self.http, self._access)
        missing = [
            name
            for name, value in {"ERP_DATABASE": self._access.database, "ERP_USER": self._access.user}.items()
            if not value
        ]
        if missing:
            raise ErpMisconfigured(f"{' and '.join(missing)} must be set for Odoo {version.text}")
        return JsonRpc(self.http, self._access)
