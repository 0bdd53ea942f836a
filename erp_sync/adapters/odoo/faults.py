"""Odoo's errors by what to do next. Its words come from outside: cleaned, cut, and its traceback is never read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erp_sync.adapters.odoo import mapping as to
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable

# The transaction was rolled back because of another one; it may be tried again.
CONCURRENT = ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "ConcurrencyError")
DATABASE = ("OperationalError", "InterfaceError", "PoolError", "ReadOnlySqlTransaction")
REFUSALS = ("UserError", "ValidationError", "RedirectWarning", "UnlinkError")
RIGHTS = ("AccessError", "AccessDenied", "SessionExpiredException", "Unauthorized", "Forbidden")


class Missing(ErpRejected):
    """A record that was named does not exist (any more)."""


class Busy(ErpUnavailable):
    """Another transaction came between, and this one was rolled back."""


class Fault(ErpBroken):
    """A call that Odoo could not make sense of; `words` are its own."""

    def __init__(self, operation: str, words: str) -> None:
        self.words = words
        super().__init__(f"{operation}: {words}")


def failure(operation: str, told: Mapping[str, Any], *, status: int = 200) -> ErpError:
    """Return the error that `{name, message, …}` stands for."""
    name = str(told.get("name") or "").rpartition(".")[2]
    words = sentence(told.get("message"))
    if name in REFUSALS:
        return ErpRejected(words)
    if name == "MissingError":
        return Missing(words)
    if name in RIGHTS:
        return ErpMisconfigured(f"{operation}: the ERP refuses the user: {words[:200]}")
    if name in CONCURRENT or (name in DATABASE and "does not exist" not in words):
        return Busy(f"{operation}: the ERP's database is busy ({name})")
    if name == "NotFound" or status == 404 or name in DATABASE:
        return ErpMisconfigured(f"{operation}: {words[:200]}; is the module installed, is ERP_DATABASE right?")
    return Fault(operation, f"{name}: {words[:200]}")


def sentence(words: Any) -> str:
    """Return what Odoo says to a person on one line, or a sentence of ours when it says nothing."""
    return to.line(words, 500) or "The ERP says no."


def loaded(operation: str, answer: Any) -> list[int]:
    """Return the ids that `load` made or found; it tells its errors with a status of success.

    Raises:
        ErpRejected: in the words of Odoo.
        Busy: another transaction came between.
        ErpBroken: the answer is none of `load`.
    """
    if not isinstance(answer, dict) or "ids" not in answer:
        raise ErpBroken(f"{operation}: the answer is no result of an import")
    if answer["ids"]:
        return [int(one) for one in answer["ids"]]
    texts = [sentence(one.get("message")) for one in answer.get("messages") or [] if isinstance(one, dict)]
    words = " ".join(texts)
    if "could not serialize" in words or "concurrent" in words or "deadlock" in words:
        raise Busy(f"{operation}: the ERP's database is busy")
    raise ErpRejected(words or "The ERP did not take it and does not say why.")
