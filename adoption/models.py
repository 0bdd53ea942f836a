"""Re-exports the rooms' models: Django looks here."""

from adoption.events.models import Event, OrderChannel
from adoption.reports.models import AdoptionReport

__all__ = ["AdoptionReport", "Event", "OrderChannel"]
