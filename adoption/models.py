"""Re-exports the rooms' models: Django looks here."""

from adoption.books.models import CompanyBook, DayBook, Restatement, RollupRun
from adoption.books.sums import (
    AccountState,
    ActivityDay,
    ActivityMonth,
    HourDay,
    LineDay,
    LoginDay,
    OrderDay,
    OrderMonth,
    PaidDay,
    PaidMonth,
    SalesDay,
    SalesMonth,
    SourceDay,
    SourceMonth,
)
from adoption.books.sums_voice import (
    AnswerDay,
    EnquiryDay,
    EnquiryMonth,
    QuoteDay,
    QuoteMonth,
    ResponseDay,
    ResponseMonth,
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
    "AccountState",
    "ActivityDay",
    "ActivityMonth",
    "AdoptionReport",
    "AnswerDay",
    "CompanyBook",
    "ContactRequest",
    "Cost",
    "DayBook",
    "Enquiry",
    "EnquiryDay",
    "EnquiryMonth",
    "Event",
    "ExchangeRate",
    "Goal",
    "Holiday",
    "HourDay",
    "Lead",
    "LineDay",
    "LoginDay",
    "MetricSettings",
    "Nudge",
    "OpeningInterval",
    "OrderChannel",
    "OrderDay",
    "OrderMonth",
    "PaidDay",
    "PaidMonth",
    "Plan",
    "QuoteDay",
    "QuoteFact",
    "QuoteMonth",
    "ResponseDay",
    "ResponseMonth",
    "Restatement",
    "RollupRun",
    "SalesDay",
    "SalesMonth",
    "SourceDay",
    "SourceMonth",
    "Subscription",
]
