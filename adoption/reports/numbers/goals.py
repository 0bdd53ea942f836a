"""What a goal can be about, read from the page's figures: the names of adoption/metrics/goals.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from adoption.metrics.facts import Period
from adoption.metrics.goals import ADOPTION
from adoption.metrics.shares import Share
from adoption.reports.numbers import Numbers

Reading = Callable[[Numbers, Period], Decimal | None]


def _adoption(name: str) -> Reading:
    def read(numbers: Numbers, period: Period) -> Decimal | None:
        share: Share = getattr(numbers.adoption(period), name)
        return share.value

    return read


GOALS: Mapping[str, Reading] = {
    **{f"adoption.{name}": _adoption(name) for name in ADOPTION},
    "tracking.rate": lambda numbers, period: numbers.tracking(period).overall.value,
    "invoices_paid_online.rate": lambda numbers, period: numbers.paid_online(period).value,
    "invoices_paid_online.value_rate": lambda numbers, period: numbers.paid_online_value(period).value,
    "enquiries.per_100_orders": lambda numbers, period: numbers.enquiries(period).per_100_orders,
    "offline_enquiries.per_100_orders": lambda numbers, period: numbers.enquiries(period).per_100_orders,
    "conversion.rate": lambda numbers, period: numbers.conversion(period).overall.value,
    "migration.rate": lambda numbers, period: numbers.migration(period).value,
    "channel_retention.rate": lambda numbers, period: numbers.retention(period).rate.value,
    "returning_365.rate": lambda numbers, period: numbers.returning(period).rate.value,
    "ropo.rate": lambda numbers, period: numbers.ropo(period).value,
    "basket.online.aov": lambda numbers, period: numbers.baskets(period).online.aov,
    "basket.online.upt": lambda numbers, period: numbers.baskets(period).online.upt,
    "off_hours.share": lambda numbers, period: numbers.off_hours(period).share.value,
    "surveys.csat.satisfied": lambda numbers, period: numbers.surveys(period)["csat"].share("4", "5"),
    "surveys.nps.score": lambda numbers, period: numbers.surveys(period)["nps"].nps,
    "finance.demand": lambda numbers, period: numbers.finance(period).demand,
    "finance.net": lambda numbers, period: numbers.finance(period).sales.net,
    "finance.gm_pct": lambda numbers, period: numbers.finance(period).sales.gm_pct,
    "delivery.otd": lambda numbers, period: numbers.delivery(period).otd.value,
    "delivery.otif": lambda numbers, period: numbers.delivery(period).otif.value,
    "leads.per_lead": lambda numbers, period: numbers.leads(period).overall.per_lead,
    "quotes.sla_rate": lambda numbers, period: numbers.quotes(period).sla_rate.value,
    "quotes.win_rate": lambda numbers, period: numbers.quotes(period).won.value,
    "quotes.quote_to_order": lambda numbers, period: numbers.quotes(period).to_order.value,
}
