"""One run at a time for each kind, over all processes: an advisory lock of PostgreSQL, which dies with its holder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from erp_sync.ports import MIRRORED

FAMILY = 7_261_045  # any number that no other advisory lock of this database uses
_PAUSE_S = 0.5
# What is kept beside the mirrored kinds.
KINDS = (*MIRRORED, "prices")


@contextmanager
def alone(kind: str, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Yield True while this process alone works on `kind`, False when another one does (after `wait_s`).

    The lock belongs to the session, since a run has many transactions and calls the ERP between
    them.
    """
    key = [FAMILY, KINDS.index(kind)]
    is_ours = _try(key, wait_s)
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _try(key: list[int], wait_s: float) -> bool:
    until = time.monotonic() + wait_s
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
            row = cursor.fetchone()
        if row is not None and row[0]:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_S)
