"""Files that the ERP keeps or makes: streamed through, not kept."""

from __future__ import annotations

from collections.abc import Callable

from erp_sync.conf import limits
from erp_sync.gateway import door
from erp_sync.ports import Erp, Pdf


def invoice_pdf(erp_id: str) -> Pdf:
    """Return an invoice's or credit note's document, within 10 s.

    Raises:
        ErpUnavailable, ErpRejected, ErpBroken; the same for the functions below.
    """
    return _fetch(lambda erp, deadline_s: erp.invoice_pdf(erp_id, deadline_s=deadline_s))


def order_pdf(erp_id: str) -> Pdf:
    """Return an order's document, within 10 s; see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.order_pdf(erp_id, deadline_s=deadline_s))


def item_document(erp_id: str) -> Pdf:
    """Return a file of an item (`DocumentRef.erp_id`), within 10 s; see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.item_document(erp_id, deadline_s=deadline_s))


def item_image(erp_id: str) -> Pdf:
    """Return an item's picture with its media type, within 10 s; see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.item_image(erp_id, deadline_s=deadline_s))


def _fetch(ask: Callable[[Erp, float], Pdf]) -> Pdf:
    """Ask in one of half the places: slow documents must leave room for prices."""
    limit = limits()
    return door.call(
        "documents",
        ask,
        deadline_s=limit.document_deadline_s,
        wait_s=limit.page_deadline_s,
        bulkhead="documents",
    ).value
