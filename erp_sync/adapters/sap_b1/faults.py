"""The Service Layer's errors by what to do next: by status and code, never by their words.

Its sentences are in the language of the user and come from outside: cleaned, cut, and shown to people only.
"""

from __future__ import annotations

from typing import Any

from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable

EXISTS = {-2035}
APPROVAL = -2028  # of a POST; of a read it is "no matching record"
CHANGED = -2039
# A property or path that this company's metadata does not have.
UNKNOWN_NAME = {-1000, 201, 204, 206}
SESSION = {301}
GONE = "The ERP does not have this record."


class Exists(ErpRejected):
    """The key is taken."""


class Missing(ErpRejected):
    """A record that was named does not exist (any more)."""


class NeedsApproval(ErpRejected):
    """An approval procedure keeps the document back as a draft."""


class Conflict(ErpUnavailable):
    """Somebody else changed the record since it was read; nothing was written."""


def told_by(body: Any) -> tuple[int, str]:
    """Return the code and the words of an error's body; 0 and "" of anything else."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return 0, ""
    words = error.get("message")
    if isinstance(words, dict):  # v1
        words = words.get("value")
    code = str(error.get("code") or "")
    return (int(code) if code.lstrip("-").isdigit() else 0), to.line(words, 500)


def failure(operation: str, status: int, body: Any, *, writes: bool = False) -> ErpError:
    """Return the error that an answer stands for."""
    code, words = told_by(body)
    if status == 429:
        return ErpUnavailable("the ERP wants fewer calls for now", nothing_sent=True)
    if status >= 500:
        return ErpUnavailable(f"{operation}: the ERP failed with HTTP status {status}")
    return _by_code(operation, status, code, words, writes=writes) or _by_status(operation, status, words)


def _by_code(operation: str, status: int, code: int, words: str, *, writes: bool) -> ErpError | None:
    if status == 412 or code == CHANGED:
        return Conflict(f"{operation}: somebody else changed it just now", nothing_sent=True)
    if code in EXISTS:
        return Exists(words or "There is one already.")
    if code == APPROVAL:
        return NeedsApproval(words or "It waits for an approval in the ERP.") if writes else Missing(words or GONE)
    if code in UNKNOWN_NAME:
        return ErpMisconfigured(f"{operation}: the ERP lacks a field or table ({code}): {words[:200]}; run erp_check")
    if status in {401, 403} or code in SESSION:
        return ErpMisconfigured(f"{operation}: the ERP refuses the user ({code}): give it the right in the ERP")
    return None


def _by_status(operation: str, status: int, words: str) -> ErpError:
    if status == 404:
        return Missing(words or GONE)
    if status == 413:
        return ErpRejected("The document is larger than the ERP takes.")
    return ErpRejected(words) if status == 400 and words else ErpBroken(f"{operation}: HTTP status {status}")
