"""Business Central's errors by what to do next. Its words come from outside: cleaned, cut, on one line."""

from __future__ import annotations

import re

from erp_sync.adapters.business_central import mapping as to
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Answer

# The trace number that the ERP puts behind its sentence; of use to its makers only.
_TRACE = re.compile(r"\s*CorrelationId:\s*[0-9a-fA-F-]{8,40}\.?")
_NO_SUCH_PLACE = ("segment", "BadRequest_MethodNotAllowed")


class Missing(ErpRejected):
    """A record that was named does not exist (any more)."""


class Changed(ErpUnavailable):
    """Somebody changed the record since it was read; nothing of ours was written."""


class Fault(ErpBroken):
    """A call that the ERP could not make sense of."""


def failure(operation: str, answer: Answer) -> ErpError:
    """Return the error that an answer stands for, by its code and, without one, by its status."""
    code, words = _told(answer)
    trace = f"{operation}: HTTP status {answer.status} {code}"
    if answer.status in {409, 412} or code == "Request_EntityChanged":
        return Changed(f"{trace}: somebody else changed the record just now")
    if answer.status == 401 or code.startswith("Authentication_"):
        return ErpMisconfigured(f"{trace}: the ERP refuses the app; check that it is registered in the ERP and enabled")
    if answer.status == 403 or code.startswith("Authorization_"):
        return ErpMisconfigured(f"{trace}: the ERP's permission sets refuse it: {words[:200]}")
    if answer.status == 408:
        return ErpUnavailable(f"{trace}: the ERP gave up")
    if answer.status == 404 and not any(one in f"{code} {words}" for one in _NO_SUCH_PLACE):
        return Missing(words or "There is no such record in the ERP.")
    if answer.status in {404, 405}:
        return ErpMisconfigured(f"{trace}: {words[:200]}; check ERP_URL, the API's version and the extension")
    if code.startswith(("Application_", "Internal_")):
        return ErpRejected(words or "The ERP says no.")
    return Fault(f"{trace}: {words[:300]}")


def _told(answer: Answer) -> tuple[str, str]:
    """Return the code and the sentence of an error, "" without."""
    try:
        told = answer.json()
    except ErpBroken:
        return "", ""
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return "", ""
    words = _TRACE.sub("", str(error.get("message") or ""))
    return to.line(error.get("code"), 80), to.line(words, 500)
