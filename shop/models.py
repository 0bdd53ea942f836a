"""Re-exports the rooms' models: Django looks here."""

from shop.carts.models import Cart, CartLine
from shop.orders.models import Order, OrderLine, OrderMove

__all__ = ["Cart", "CartLine", "Order", "OrderLine", "OrderMove"]
