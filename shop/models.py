"""Re-exports the rooms' models: Django looks here."""

from shop.carts.models import Cart, CartLine
from shop.messages.models import Message, ReadMark, Thread
from shop.orders.models import Order, OrderLine, OrderMove
from shop.quotes.models import GuardRails, Quote, QuoteLine, QuoteMove, QuoteVersion, QuoteVersionLine
from shop.uploads.models import StoredFile

__all__ = [
    "Cart",
    "CartLine",
    "GuardRails",
    "Message",
    "Order",
    "OrderLine",
    "OrderMove",
    "Quote",
    "QuoteLine",
    "QuoteMove",
    "QuoteVersion",
    "QuoteVersionLine",
    "ReadMark",
    "StoredFile",
    "Thread",
]
