"""Re-exports the rooms' models: Django looks here."""

from shop.carts.models import Cart, CartLine
from shop.messages.models import Message, ReadMark, Thread
from shop.orders.models import Order, OrderLine, OrderMove
from shop.uploads.models import StoredFile

__all__ = [
    "Cart",
    "CartLine",
    "Message",
    "Order",
    "OrderLine",
    "OrderMove",
    "ReadMark",
    "StoredFile",
    "Thread",
]
