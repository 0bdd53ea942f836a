"""One page of a pull; a smaller one where the ERP does not answer in time: else a slow ERP would never get on."""

from __future__ import annotations

import structlog

from erp_sync.errors import ErpUnavailable
from erp_sync.mirror import limits
from erp_sync.ports import Erp
from erp_sync.records import Cursor, Page

log = structlog.get_logger(__name__)


def ask(erp: Erp, kind: str, cursor: Cursor, *, limit: int, deadline_s: float) -> tuple[Page[object], int]:
    """Return a page and the size at which it came, which is the one to go on with.

    Raises:
        ErpUnavailable: not even the smallest page comes in time.
    """
    while True:
        try:
            return erp.pull(kind, cursor, limit=limit, deadline_s=deadline_s), limit
        except ErpUnavailable as error:
            if error.nothing_sent or limit <= limits.SMALLEST_PAGE:
                raise
            limit = max(limit // 4, limits.SMALLEST_PAGE)
            log.warning("pull_in_smaller_pages", kind=kind, records=limit, error=str(error))
