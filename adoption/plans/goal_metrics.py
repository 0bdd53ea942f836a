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
NUMBERS = frozenset({"enquiries.per_100_orders"})


def name_of(metric: str) -> str | Promise:
    """Return a goal's metric in words."""
    return NAMES.get(metric, metric)
