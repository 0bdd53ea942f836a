"""Re-exports the rooms' models: Django looks here."""

from adoption.books.models import CompanyBook
from adoption.events.models import Event, OrderChannel
from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan
from adoption.quotes.models import QuoteFact
from adoption.reports.models import AdoptionReport
from adoption.voice.models import Enquiry, Lead

__all__ = [
    "AdoptionReport",
    "CompanyBook",
    "Cost",
    "Enquiry",
    "Event",
    "ExchangeRate",
    "Goal",
    "Holiday",
    "Lead",
    "OpeningInterval",
    "OrderChannel",
    "Plan",
    "QuoteFact",
]
