"""The one door to live ERP answers: batches, deadline, freshness, breaker, bulkhead."""

from erp_sync.gateway import door as _door
from erp_sync.gateway import flight as _flight
from erp_sync.gateway import shelf as _shelf
from erp_sync.gateway.documents import invoice_pdf, item_document, item_image, order_pdf
from erp_sync.gateway.door import OperationStatus, status, take_failures, warm_up
from erp_sync.gateway.reads import (
    credit,
    known_offers,
    line_amount,
    offers,
    settles_credit_notes,
    takes_discounts,
    takes_payments,
    totals,
)
from erp_sync.gateway.stamps import CACHE, LAST_KNOWN, LIVE, Stamp, StampedCredit, StampedOffer

__all__ = [
    "CACHE",
    "LAST_KNOWN",
    "LIVE",
    "OperationStatus",
    "Stamp",
    "StampedCredit",
    "StampedOffer",
    "credit",
    "forget",
    "invoice_pdf",
    "item_document",
    "item_image",
    "known_offers",
    "line_amount",
    "offers",
    "order_pdf",
    "settles_credit_notes",
    "status",
    "take_failures",
    "takes_discounts",
    "takes_payments",
    "totals",
    "warm_up",
]


def forget() -> None:
    """Forget what this process keeps of the ERP's answers and failures (tests)."""
    _flight.drain()
    _shelf.forget()
    _door.forget()
