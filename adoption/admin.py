"""Django looks here."""

from adoption.reports.admin import AdoptionReportAdmin, EventAdmin, OrderChannelAdmin

__all__ = ["AdoptionReportAdmin", "EventAdmin", "OrderChannelAdmin"]
