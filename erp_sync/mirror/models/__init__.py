"""Tables of the mirror. Rows are written by `mirror.sync` alone; everybody else reads."""

from erp_sync.mirror.models.base import MirrorRow, in_language
from erp_sync.mirror.models.catalogue import Category, Item, ItemWord, SafetySheet
from erp_sync.mirror.models.customers import Address, Contact, Customer, OwnPartNumber
from erp_sync.mirror.models.documents import (
    Delivery,
    DeliveryLine,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Payment,
    Return,
)
from erp_sync.mirror.models.prices import KeptPrice, PriceAgreement
from erp_sync.mirror.models.quotes import Quote, QuoteLine
from erp_sync.mirror.models.state import Quarantine, SyncRun, SyncState

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
    "ItemWord",
    "KeptPrice",
    "MirrorRow",
    "Order",
    "OrderLine",
    "OwnPartNumber",
    "Payment",
    "PriceAgreement",
    "Quarantine",
    "Quote",
    "QuoteLine",
    "Return",
    "SafetySheet",
    "SyncRun",
    "SyncState",
    "in_language",
]
