"""Re-exports the rooms' models: Django looks here."""

from erp_sync.mirror.models import (
    Address,
    Category,
    Contact,
    Customer,
    Delivery,
    DeliveryLine,
    Invoice,
    InvoiceLine,
    Item,
    Order,
    OrderLine,
    OwnPartNumber,
    Payment,
    Quarantine,
    Return,
    SyncRun,
    SyncState,
)
from erp_sync.outbox.models import OutboxAttempt, OutboxRow

__all__ = [
    "Address",
    "Category",
    "Contact",
    "Customer",
    "Delivery",
    "DeliveryLine",
    "Invoice",
    "InvoiceLine",
    "Item",
    "Order",
    "OrderLine",
    "OutboxAttempt",
    "OutboxRow",
    "OwnPartNumber",
    "Payment",
    "Quarantine",
    "Return",
    "SyncRun",
    "SyncState",
]
