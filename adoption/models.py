"""Re-exports the rooms' models: Django looks here."""

from adoption.events.models import Event, OrderChannel

__all__ = ["Event", "OrderChannel"]
