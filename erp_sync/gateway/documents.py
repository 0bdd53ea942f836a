"""Files that the ERP keeps or makes: streamed through, not kept."""

from __future__ import annotations

from collections.abc import Callable

from erp_sync.conf import limits
from erp_sync.gateway import door
from erp_sync.ports import Erp, Pdf


def invoice_pdf(erp_id: str, *, may_wait: bool = True) -> Pdf:
    """Return an invoice's or credit note's document, within 10 s, or as soon as a page needs it.

    Args:
        erp_id: The ERP's id of the invoice.
        may_wait: False gives up when a page would; the caller then shows that it fetches, and asks again.

    Raises:
        ErpUnavailable, ErpRejected, ErpBroken; the same for the functions below.
    """
    return _fetch(lambda erp, deadline_s: erp.invoice_pdf(erp_id, deadline_s=deadline_s), may_wait=may_wait)


def order_pdf(erp_id: str, *, may_wait: bool = True) -> Pdf:
    """Return an order's document; see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.order_pdf(erp_id, deadline_s=deadline_s), may_wait=may_wait)


def item_document(erp_id: str, *, may_wait: bool = True) -> Pdf:
    """Return a file of an item (`DocumentRef.erp_id`); see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.item_document(erp_id, deadline_s=deadline_s), may_wait=may_wait)


def item_image(erp_id: str) -> Pdf:
    """Return an item's picture with its media type; see `invoice_pdf`."""
    return _fetch(lambda erp, deadline_s: erp.item_image(erp_id, deadline_s=deadline_s), may_wait=True)


def _fetch(ask: Callable[[Erp, float], Pdf], *, may_wait: bool) -> Pdf:
    """Ask in one of half the places: slow documents must leave room for prices.

    What was given up soon has a breaker of its own: an ERP that makes its documents slowly is well.
    """
    limit = limits()
    return door.call(
        "documents" if may_wait else "documents_soon",
        ask,
        deadline_s=limit.document_deadline_s if may_wait else limit.page_deadline_s,
        wait_s=limit.page_deadline_s if may_wait else limit.call_wait_s,
        bulkhead="documents",
    ).value
