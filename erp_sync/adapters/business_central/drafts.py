"""Prices by a quote that is written, read and deleted again: exact without our bridge, but it writes."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from erp_sync.adapters import odata
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient, Query, at
from erp_sync.adapters.business_central.quotes_read import PRICE_CHECK
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

# One whose deletion was cut off is deleted later; a younger one may be in use.
LEFT_S = 900.0
SWEEP_S = 600.0

log = structlog.get_logger(__name__)


class Drafts:
    """Writes price quotes and clears them away."""

    def __init__(self, client: BcClient) -> None:
        self._client = client
        self._swept_at: float | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def priced(self, customer: str, lines: Sequence[Mapping[str, Any]], deadline: Deadline) -> Iterator[dict[str, Any]]:
        """Give the quote with its lines while it is there.

        Raises:
            ErpRejected: the ERP does not take these lines.
        """
        self._sweep(deadline)
        body = {
            "externalDocumentNumber": PRICE_CHECK,
            "customerId": str(odata.guid(customer)),
            s.QUOTE.part: list(lines),
        }
        made = self._client.insert(s.QUOTE.place, body, deadline)
        row = self._client.row(s.QUOTE.place, str(made["id"]), deadline, s.QUOTE.query(""))
        try:
            yield row
        finally:
            self._delete(row, deadline)

    def _delete(self, row: Mapping[str, Any], deadline: Deadline) -> None:
        """Delete a price quote; one that cannot be deleted now is found by the next sweep."""
        try:
            self._client.remove(at(s.QUOTE.place, str(row["id"])), row, deadline)
        except (ErpUnavailable, ErpRejected) as error:
            log.warning("price_quote_left", number=row.get("number"), error=str(error))

    def _sweep(self, deadline: Deadline) -> None:
        """Delete what was left behind, at most once in ten minutes."""
        with self._lock:
            now = time.monotonic()
            if self._swept_at is not None and now - self._swept_at < SWEEP_S:
                return
            self._swept_at = now
        before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=LEFT_S)
        where = odata.all_of(
            odata.any_of("externalDocumentNumber", [PRICE_CHECK]), f"lastModifiedDateTime lt {odata.instant(before)}"
        )
        for row in self._client.rows(s.QUOTE.place, Query(("id", "number"), where), deadline):
            self._delete(row, deadline)
