"""Django looks here."""

from adoption.books.admin import CompanyBookAdmin, DayBookAdmin, RestatementAdmin, RollupRunAdmin
from adoption.coaching.admin import NudgeAdmin
from adoption.definitions.admin import MetricSettingsAdmin
from adoption.events.admin import EventAdmin, OrderChannelAdmin
from adoption.plans.admin import CostAdmin, ExchangeRateAdmin, GoalAdmin, HolidayAdmin, OpeningIntervalAdmin, PlanAdmin
from adoption.reports.admin import AdoptionReportAdmin
from adoption.subscriptions.admin import SubscriptionAdmin
from adoption.voice.admin import ContactRequestAdmin, EnquiryAdmin, LeadAdmin

__all__ = [
    "AdoptionReportAdmin",
    "CompanyBookAdmin",
    "ContactRequestAdmin",
    "CostAdmin",
    "DayBookAdmin",
    "EnquiryAdmin",
    "EventAdmin",
    "ExchangeRateAdmin",
    "GoalAdmin",
    "HolidayAdmin",
    "LeadAdmin",
    "MetricSettingsAdmin",
    "NudgeAdmin",
    "OpeningIntervalAdmin",
    "OrderChannelAdmin",
    "PlanAdmin",
    "RestatementAdmin",
    "RollupRunAdmin",
    "SubscriptionAdmin",
]
