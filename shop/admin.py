"""Registers what the rooms show to our staff: Django looks here."""

from shop.knowledge import admin as knowledge
from shop.offers import admin as offers
from shop.payments import admin as payments
from shop.quotes import admin as quotes

__all__ = ["knowledge", "offers", "payments", "quotes"]
