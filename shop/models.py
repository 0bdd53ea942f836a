"""Re-exports the rooms' models: Django looks here."""

from shop.carts.models import Cart, CartLine
from shop.messages.models import Message, ReadMark, Thread
from shop.orders.models import Order, OrderLine, OrderMove
from shop.quotes.models import GuardRails, Quote, QuoteLine, QuoteMove, QuoteVersion, QuoteVersionLine
from shop.payments.models import Allocation, FakeCharge, Payment, PaymentMove, ProviderEvent
from shop.uploads.models import StoredFile

__all__ = [
    "Allocation",
    "Cart",
    "CartLine",
    "FakeCharge",
    "GuardRails",
    "Message",
    "Order",
    "OrderLine",
    "OrderMove",
    "Payment",
    "PaymentMove",
    "ProviderEvent",
    "Quote",
    "QuoteLine",
    "QuoteMove",
    "QuoteVersion",
    "QuoteVersionLine",
    "ReadMark",
    "StoredFile",
    "Thread",
]
