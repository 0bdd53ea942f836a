"""The numbers of the pull; each can be set in the settings under the name given here."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

SHORTEST_OVERLAP = dt.timedelta(minutes=5)
# Of documents with lines an ERP gives fewer in the time of a call.
PAGE_SIZE = {"orders": 100, "deliveries": 100, "invoices": 100, "customers": 100, "quotes": 100}
SMALLEST_PAGE = 10
RUNS_KEPT = dt.timedelta(days=30)


def overlap() -> dt.timedelta:
    """Return how far a pull reaches back before the last one (MIRROR_LONGEST_TRANSACTION: timedelta, 1 minute).

    A row carries the time at which its transaction began in the ERP and shows up when it ends.
    """
    longest: dt.timedelta = getattr(settings, "MIRROR_LONGEST_TRANSACTION", dt.timedelta(minutes=1))
    return max(2 * longest, SHORTEST_OVERLAP)


def page_size(kind: str) -> int:
    """Return how many records to ask for at once (MIRROR_PAGE_SIZE: kind -> number)."""
    sizes: dict[str, int] = PAGE_SIZE | getattr(settings, "MIRROR_PAGE_SIZE", {})
    return sizes.get(kind, 500)


def pull_deadline_s() -> float:
    """Return the total time of one ERP call in a worker (MIRROR_DEADLINE_S: 10)."""
    return float(getattr(settings, "MIRROR_DEADLINE_S", 10.0))


def loss_allowed() -> float:
    """Return the share of rows that may vanish from the ERP in one night unquestioned (MIRROR_LOSS_ALLOWED: 0.2)."""
    return float(getattr(settings, "MIRROR_LOSS_ALLOWED", 0.2))


def recheck_s() -> float:
    """Return how long a process may use its copy of tree and counts unasked (MIRROR_RECHECK_S: 30)."""
    return float(getattr(settings, "MIRROR_RECHECK_S", 30.0))
