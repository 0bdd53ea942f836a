"""What a goal can be about, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "adoption.customer": _("Customer adoption"),
    "adoption.order": _("Order adoption"),
    "adoption.revenue": _("Revenue adoption"),
    "adoption.penetration": _("Penetration"),
    "adoption.activated": _("Activated"),
    "adoption.online_only": _("Online only"),
    "tracking.rate": _("Orders tracked online"),
    "invoices_paid_online.rate": _("Invoices paid online"),
    "enquiries.per_100_orders": _("Questions by phone, per 100 orders"),
    "conversion.rate": _("Visits with an order"),
    "migration.rate": _("Migration"),
    "channel_retention.rate": _("Channel retention"),
    "returning_365.rate": _("Came back within a year"),
    "basket.online.aov": _("Order value online"),
    "off_hours.share": _("Orders off hours"),
    "surveys.csat.satisfied": _("Satisfied after an order"),
    "finance.net": _("Net sales"),
    "finance.gm_pct": _("Gross margin share"),
    "delivery.otd": _("Lines delivered on time"),
    "delivery.otif": _("Orders on time and in full"),
    "quotes.sla_rate": _("Quotes answered in time"),
    "quotes.win_rate": _("Quotes won"),
}
MONEY_METRICS = frozenset({"basket.online.aov", "finance.net"})
# The figure of the report that shows a goal's metric with its rows.
FIGURE_OF_GOAL = {
    **{f"adoption.{one}": one for one in ("customer", "order", "revenue", "penetration", "activated", "online_only")},
    "tracking.rate": "tracking",
    "invoices_paid_online.rate": "paid_online",
    "enquiries.per_100_orders": "enquiries",
    "conversion.rate": "conversion",
    "migration.rate": "migration",
    "channel_retention.rate": "retention",
    "returning_365.rate": "returning",
    "basket.online.aov": "order_value",
    "off_hours.share": "off_hours",
    "surveys.csat.satisfied": "satisfied",
    "finance.net": "net_sales",
    "finance.gm_pct": "margin",
    "delivery.otd": "on_time",
    "delivery.otif": "in_full",
    "quotes.sla_rate": "quote_in_time",
    "quotes.win_rate": "quotes_won",
}
NUMBERS = frozenset({"enquiries.per_100_orders"})


def name_of(metric: str) -> str | Promise:
    """Return a goal's metric in words."""
    return NAMES.get(metric, metric)
