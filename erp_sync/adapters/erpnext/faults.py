"""ERPNext's errors by what to do next. Its words come from outside: markup off, cut; its traceback is never read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from erp_sync.adapters.erpnext import mapping as to
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Answer

# The transaction was rolled back because of another one; it may be tried again.
CONCURRENT = frozenset({"QueryDeadlockError", "QueryTimeoutError", "DocumentLockedError", "SessionBootFailed"})
UNIQUE = frozenset({"UniqueValidationError", "DuplicateEntryError"})
# A field that the adapter uses is not there.
NOT_PERMITTED = "Field not permitted in query"
UNKNOWN_COLUMN = "Unknown column"


class Missing(ErpRejected):
    """A record that was named does not exist (any more)."""


class Taken(ErpRejected):
    """Something with this unique value is there already."""


class Stale(ErpRejected):
    """The document changed after it was read; nothing was written."""


class Conflict(ErpRejected):
    """Two pricing rules want the same item with the same priority: somebody must set them right in the ERP."""


class Busy(ErpUnavailable):
    """Another transaction came between, and this one was rolled back; or the ERP counts our calls."""


def failure(operation: str, answer: Answer) -> ErpError:
    """Return the error that an answer stands for."""
    told = _told(answer)
    kind, words = str(told.get("exc_type") or ""), _words(told)
    if answer.status == 429:
        wait = to.line(answer.headers.get("Retry-After", ""), 20) or "a while"
        return Busy(f"{operation}: the ERP has had too many calls and wants us to wait {wait} s", nothing_sent=True)
    if answer.status == 401:
        return ErpMisconfigured(f"{operation}: the ERP refuses the API key: check ERP_USER and ERP_PASSWORD")
    if answer.status == 403:
        return ErpMisconfigured(f"{operation}: the ERP's user may not do this: {words[:200]}")
    if kind in CONCURRENT:
        return Busy(f"{operation}: the ERP is busy with the same record ({kind})")
    if NOT_PERMITTED in words or UNKNOWN_COLUMN in words:
        return ErpMisconfigured(f"{operation}: {words[:200]}; is the custom field there? (manage.py erp_check)")
    if answer.status >= 500:
        name = kind or str(told.get("exception") or "").partition(":")[0]
        return ErpBroken(f"{operation}: the ERP failed ({to.line(name, 80)})") if name else _down(operation, answer)
    return _refusal(operation, answer.status, kind, words)


def _refusal(operation: str, status: int, kind: str, words: str) -> ErpError:
    if kind in UNIQUE or status == 409:
        return Taken(words or "It is there already.")
    if kind == "DoesNotExistError" or (status == 404 and kind):
        return Missing(words or "There is no such record in the ERP.")
    if kind == "TimestampMismatchError":
        return Stale(words)
    if kind == "MultiplePricingRuleConflict":
        return Conflict(words)
    if status in {404, 405}:
        return ErpMisconfigured(f"{operation}: no ERPNext answers there (HTTP status {status}): check ERP_URL")
    if status == 417 and kind:
        return ErpRejected(words or "The ERP says no and does not say why.")
    return ErpBroken(f"{operation}: HTTP status {status} {kind[:80]}")


def _down(operation: str, answer: Answer) -> ErpError:
    return ErpUnavailable(f"{operation}: the ERP failed with HTTP status {answer.status}")


def _told(answer: Answer) -> Mapping[str, Any]:
    try:
        told = json.loads(answer.content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: Mapping[str, Any]) -> str:
    """Return what ERPNext says to a person: JSON in JSON in its messages, else the text of its exception."""
    found = [to.sentence(_message(one)) for one in _messages(told.get("_server_messages"))]
    words = " ".join(dict.fromkeys(one for one in found if one))
    if words:
        return to.line(words, 500)
    _name, _, said = str(told.get("exception") or "").partition(": ")
    return to.sentence(said)


def _messages(value: Any) -> list[Any]:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _message(one: Any) -> Any:
    try:
        found = json.loads(one) if isinstance(one, str) else one
    except ValueError:
        return one
    return found.get("message") if isinstance(found, dict) else found
