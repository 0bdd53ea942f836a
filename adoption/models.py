"""Re-exports the rooms' models: Django looks here."""

from adoption.books.models import (
    ActivityDay,
    ActivityMonth,
    CompanyBook,
    DayBook,
    HourDay,
    OrderDay,
    OrderMonth,
    Restatement,
    RollupRun,
)
from adoption.coaching.models import AccountScore, Nudge
from adoption.definitions.models import MetricSettings
from adoption.events.models import Event, OrderChannel
from adoption.plans.models import Cost, ExchangeRate, Goal, Holiday, OpeningInterval, Plan
from adoption.quotes.models import QuoteFact
from adoption.reports.models import AdoptionReport
from adoption.subscriptions.models import Subscription
from adoption.voice.models import ContactRequest, Enquiry, Lead

__all__ = [
    "AccountScore",
    "ActivityDay",
    "ActivityMonth",
    "AdoptionReport",
    "CompanyBook",
    "ContactRequest",
    "Cost",
    "DayBook",
    "Enquiry",
    "Event",
    "ExchangeRate",
    "Goal",
    "Holiday",
    "HourDay",
    "Lead",
    "MetricSettings",
    "Nudge",
    "OpeningInterval",
    "OrderChannel",
    "OrderDay",
    "OrderMonth",
    "Plan",
    "QuoteFact",
    "Restatement",
    "RollupRun",
    "Subscription",
]
