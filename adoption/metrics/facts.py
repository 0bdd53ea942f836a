"""The facts that metrics are computed from, in one place: rows, periods, settings and the book of them.

Whoever fills a `Book` imports from here. docs/metrics.md, "Facts", says which metric needs which.
"""

from __future__ import annotations

from adoption.metrics.book import UNATTRIBUTED, Book
from adoption.metrics.orders import OPEN_STATES, Order
from adoption.metrics.period import Period
from adoption.metrics.rows import (
    VALUE_TYPES,
    Account,
    Calendar,
    Cost,
    Delivery,
    Enquiry,
    Event,
    Goal,
    Invoice,
    InvoiceLine,
    Lead,
    OrderLine,
    OrderRow,
    Payment,
    PlanAmount,
    Quote,
    User,
)
from adoption.metrics.settings import Settings

__all__ = [
    "OPEN_STATES",
    "UNATTRIBUTED",
    "VALUE_TYPES",
    "Account",
    "Book",
    "Calendar",
    "Cost",
    "Delivery",
    "Enquiry",
    "Event",
    "Goal",
    "Invoice",
    "InvoiceLine",
    "Lead",
    "Order",
    "OrderLine",
    "OrderRow",
    "Payment",
    "Period",
    "PlanAmount",
    "Quote",
    "Settings",
    "User",
]
