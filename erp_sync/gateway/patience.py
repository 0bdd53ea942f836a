"""How long one page may wait in vain: several operations share the page's deadline."""

from __future__ import annotations

from contextvars import ContextVar

import structlog

from erp_sync.conf import limits

# The request (its id in the logs) and the seconds that it lost on calls without an answer.
_lost: ContextVar[tuple[str, float]] = ContextVar("erp_patience", default=("", 0.0))


def left_s(deadline_s: float) -> float:
    """Return what a call may take: all of its deadline until this page has lost time on another."""
    lost_s = _lost_s()
    return deadline_s if lost_s <= 0 else limits().page_deadline_s - lost_s


def lose(seconds: float) -> None:
    """Note that this page waited so long in vain; outside of a request it is forgotten."""
    request_id = _request_id()
    if request_id:
        _lost.set((request_id, _lost_s() + seconds))


def _lost_s() -> float:
    request_id, lost_s = _lost.get()
    return lost_s if request_id and request_id == _request_id() else 0.0


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
