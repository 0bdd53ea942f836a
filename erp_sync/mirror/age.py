"""How old what the mirror shows is: as the pull is, or as the export that it read."""

from __future__ import annotations

import datetime as dt

from erp_sync import adapters
from erp_sync.errors import ErpMisconfigured, ErpUnavailable
from erp_sync.ports import Exports


def as_told(kind: str, pulled_at: dt.datetime | None) -> dt.datetime | None:
    """Return to which instant the copy of a kind is complete, when it was pulled to `pulled_at`.

    An ERP that is asked tells what is true now; one that exports tells what was true then.
    """
    if pulled_at is None:
        return None
    try:
        erp = adapters.load()
        exported_at = erp.exported_at(kind) if isinstance(erp, Exports) else None
    except (ErpMisconfigured, ErpUnavailable):
        exported_at = None
    return min(pulled_at, exported_at or pulled_at)
