"""The metrics as plain JSON values: ratios as numbers with 6 decimals, money as text with 2, missing as null (C5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from adoption.metrics.adoption import adoption
from adoption.metrics.alerts import alerts
from adoption.metrics.baskets import Basket, basket
from adoption.metrics.book import Book
from adoption.metrics.channels import Retention, migration
from adoption.metrics.conversion import conversion, revenue
from adoption.metrics.delivery import Pieces, delivery, missing
from adoption.metrics.finance import finance
from adoption.metrics.goals import GoalState
from adoption.metrics.hours import off_hours
from adoption.metrics.leads import leads
from adoption.metrics.lifecycle import Cohort, Lifecycle, Returning
from adoption.metrics.logins import login_decay, strategic_logins
from adoption.metrics.period import Period
from adoption.metrics.plan import Phased
from adoption.metrics.pnl import in_cents, pnl
from adoption.metrics.quotes import Quotes, Spread, quotes
from adoption.metrics.rounding import ratio, to_cents
from adoption.metrics.scores import adoption_scores
from adoption.metrics.service import invoice_searches, invoices_paid_online, offline_enquiries, tracking
from adoption.metrics.shares import Share
from adoption.metrics.surveys import surveys

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def money(amount: Decimal | None) -> str | None:
    """Return an amount as text.

    >>> money(Decimal("1.005")), money(None)
    ('1.01', None)
    """
    return None if amount is None else str(to_cents(amount))


def number(value: Decimal | None) -> float | None:
    """Return a ratio as a number."""
    rounded = ratio(value)
    return None if rounded is None else float(rounded)


def pieces(quantity: Decimal) -> int | float:
    """Return a quantity; whole ones as whole numbers.

    >>> pieces(Decimal("4.000")), pieces(Decimal("2.5"))
    (4, 2.5)
    """
    return int(quantity) if quantity == int(quantity) else float(quantity)


def period_report(book: Book, period: Period, previous: Period | None = None) -> dict[str, Json]:
    """Return all metrics of a period."""
    return {
        "adoption": adoption_shape(book, period),
        "basket": _basket(book, period),
        "conversion": _conversion(book, period),
        "delivery": delivery_shape(book, period),
        "end": period.last.isoformat(),
        "finance": _finance(book, period),
        "invoice_searches": _searches(book, period),
        "invoices_paid_online": _paid_online(book, period),
        "leads": _leads(book, period),
        "migration": _rate(migration(book, period), "migrated", "base"),
        "missing": _missing(book, period),
        "off_hours": _off_hours(book, period),
        "offline_enquiries": _enquiries(book, period, previous),
        "quotes": quotes_shape(quotes(book, period)),
        "revenue": _revenue(book, period),
        "start": period.first.isoformat(),
        "strategic_logins": {
            account: {"login_days": one.login_days, "logins": one.logins, "users": one.users}
            for account, one in strategic_logins(book, period).items()
        },
        "surveys": _surveys(book, period),
        "tracking": _tracking(book, period),
    }


def _rate(share: Share, part: str, whole: str) -> dict[str, Json]:
    return {part: int(share.part), "rate": number(share.value), whole: int(share.whole)}


def adoption_shape(book: Book, period: Period) -> dict[str, Json]:
    """Return M1."""
    found = adoption(book, period)
    return {
        "activated": number(found.activated.value),
        "active": int(found.customer.whole),
        "customer": number(found.customer.value),
        "customer_with_assisted": number(found.customer_with_assisted.value),
        "eligible": int(found.penetration.whole),
        "online_customers": int(found.customer.part),
        "online_only": number(found.online_only.value),
        "online_orders": int(found.order.part),
        "order": number(found.order.value),
        "order_digital": number(found.order_digital.value),
        "order_with_assisted": number(found.order_with_assisted.value),
        "orders": int(found.order.whole),
        "penetration": number(found.penetration.value),
        "revenue": number(found.revenue.value),
        "revenue_online": money(found.revenue.part),
        "revenue_total": money(found.revenue.whole),
        "unconverted_orders": found.unconverted_orders,
    }


def _one_basket(found: Basket) -> dict[str, Json]:
    return {"aov": money(found.aov), "orders": found.orders, "upt": number(found.upt)}


def _basket(book: Book, period: Period) -> dict[str, Json]:
    found = basket(book, period)
    shape: dict[str, Json] = {channel: _one_basket(one) for channel, one in found.channels.items()}
    return shape | {"online": _one_basket(found.online), "rep_vs_online_aov": number(found.rep_vs_online_aov)}


def _conversion(book: Book, period: Period) -> dict[str, Json]:
    found = conversion(book, period)
    return {
        "by_source": {source: _rate(one, "converted", "sessions") for source, one in found.by_source.items()},
        "converted": int(found.overall.part),
        "offline": {channel: _rate(one, "converted", "contacts") for channel, one in found.offline.items()},
        "rate": number(found.overall.value),
        "sessions": int(found.overall.whole),
        "visitors": found.visitors,
    }


def delivery_shape(book: Book, period: Period) -> dict[str, Json]:
    """Return M23."""
    found = delivery(book, period)
    return {
        "lines_due": int(found.otd.whole),
        "lines_on_time": int(found.otd.part),
        "orders_due": int(found.otif.whole),
        "orders_otif": int(found.otif.part),
        "otd": number(found.otd.value),
        "otif": number(found.otif.value),
    }


def _finance(book: Book, period: Period) -> dict[str, Json]:
    found = finance(book, period)
    statement = pnl(book, period, money=found)
    columns = {**statement.channels, "total": statement.total}
    channels: dict[str, Json] = {}
    for name, lines in in_cents(statement).items():
        column: dict[str, Json] = {line: money(amount) for line, amount in lines.items()}
        own = columns[name]
        channels[name] = column | {"gm_pct": number(own.sales.gm_pct), "roi": number(own.roi)}
    return {
        "channels": channels,
        "demand": money(found.demand),
        "unconverted_invoices": found.unconverted_invoices,
        "unconverted_orders": found.unconverted_orders,
    }


def _searches(book: Book, period: Period) -> dict[str, Json]:
    found = invoice_searches(book, period)
    return {"accounts": len(found.per_account), "per_account": dict(found.per_account), "total": found.total}


def _paid_online(book: Book, period: Period) -> dict[str, Json]:
    found = invoices_paid_online(book, period)
    return {
        "online": int(found.count.part),
        "paid": int(found.count.whole),
        "rate": number(found.count.value),
        "value_online": money(found.value.part),
        "value_rate": number(found.value.value),
        "value_total": money(found.value.whole),
    }


def _leads(book: Book, period: Period) -> dict[str, Json]:
    found = leads(book, period)
    return {
        "by_source": {
            source: {"leads": len(one.leads), "revenue": money(one.revenue)} for source, one in found.by_source.items()
        },
        "leads": len(found.overall.leads),
        "per_lead": money(found.overall.per_lead),
        "revenue": money(found.overall.revenue),
    }


def _pieces(found: Pieces) -> dict[str, Json]:
    return {
        "delivered": pieces(found.delivered),
        "missing": pieces(found.missing),
        "ordered": pieces(found.ordered),
        "over_delivered": pieces(found.over_delivered),
        "overdue": pieces(found.overdue),
    }


def _missing(book: Book, period: Period) -> dict[str, Json]:
    found = missing(book, period)
    return {
        "accounts_with_missing": found.accounts_with_missing,
        "per_account": {account: _pieces(one) for account, one in found.per_account.items()},
        "total": _pieces(found.total),
    }


def _off_hours(book: Book, period: Period) -> dict[str, Json]:
    found = off_hours(book, period)
    return {
        "classes": {name: len(keys) for name, keys in found.classes.items()},
        "off_hours": int(found.share.part),
        "orders": int(found.share.whole),
        "share": number(found.share.value),
        "time_unknown": found.time_unknown,
    }


def _enquiries(book: Book, period: Period, previous: Period | None) -> dict[str, Json]:
    found, before = offline_enquiries(book, period), offline_enquiries(book, previous or period.before())
    return {
        "count": found.enquiries,
        "orders": found.orders,
        "per_100_orders": number(found.per_100_orders),
        "previous_count": before.enquiries,
        "trend": number(found.trend_since(before)),
    }


def _spread(found: Spread) -> dict[str, Json]:
    return {"median": number(found.median), "p90": number(found.p90)}


def quotes_shape(found: Quotes) -> dict[str, Json]:
    """Return M26."""
    return {
        "answered": len(found.requested) - len(found.unanswered),
        "decided": int(found.won.whole),
        "first_response_business_min": _spread(found.business),
        "first_response_clock_min": _spread(found.clock),
        "matured": int(found.to_order.whole),
        "quote_to_order": number(found.to_order.value),
        "requested": len(found.requested),
        "sla_breached": len(found.sla["breached"]),
        "sla_met": len(found.sla["met"]),
        "sla_pending": len(found.sla["pending"]),
        "sla_rate": number(found.sla_rate.value),
        "to_order": int(found.to_order.part),
        "unanswered": len(found.unanswered),
        "win_rate": number(found.won.value),
        "won": int(found.won.part),
    }


def _revenue(book: Book, period: Period) -> dict[str, Json]:
    found = revenue(book, period)
    return {
        "by_channel": {
            channel: {"share": number(found.share(channel)), "value": money(value)}
            for channel, value in found.by_channel.items()
        },
        "online_by_source": {source: money(value) for source, value in found.online_by_source.items()},
        "total": money(found.total),
        "unconverted_orders": found.unconverted_orders,
    }


def _surveys(book: Book, period: Period) -> dict[str, Json]:
    found = surveys(book, period)
    csat, nps, leaving = found["csat"], found["nps"], found["exit"]
    return {
        "csat": {
            "mean": number(csat.mean),
            "n": csat.n,
            "response": number(csat.response),
            "satisfied": number(csat.share("4", "5")),
        },
        "exit": {
            "found": number(leaving.share("yes")),
            "n": leaving.n,
            "not_found": number(leaving.share("no")),
            "partly": number(leaving.share("partly")),
            "response": number(leaving.response),
        },
        "nps": {"n": nps.n, "response": number(nps.response), "score": number(nps.nps)},
    }


def _tracking(book: Book, period: Period) -> dict[str, Json]:
    found = tracking(book, period)
    strategic: dict[str, Json] = {account: number(share.value) for account, share in found.strategic.items()}
    return _rate(found.overall, "tracked", "orders") | {"strategic": strategic}


def retention_shape(found: Retention) -> dict[str, Json]:
    """Return M13."""
    return {
        "horizon_days": found.horizon_days,
        "immature": len(found.immature),
        "inactive": len(found.inactive),
        "leaked": len(found.leaked),
        "leaked_accounts": list(found.leaked),
        "rate": number(found.rate.value),
        "retained": len(found.retained),
    }


def returning_shape(found: Returning) -> dict[str, Json]:
    """Return M15."""
    return {
        "cohort": len(found.cohort),
        "immature": len(found.immature),
        "rate": number(found.rate.value),
        "returned": len(found.returned),
    }


def cohort_shape(found: Cohort) -> dict[str, Json]:
    """Return M14 of one month."""
    return {
        "on_or_after": [number(one) for one in found.shares(found.on_or_after)],
        "return_on": [number(one) for one in found.shares(found.return_on)],
        "size": len(found.accounts),
    }


def lifecycle_shape(found: Lifecycle) -> dict[str, Json]:
    """Return M9 of one month."""
    return {
        "dormant": len(found.dormant),
        "new": len(found.new),
        "resurrected": len(found.resurrected),
        "returning": len(found.returning),
    }


def alerts_shape(book: Book) -> dict[str, Json]:
    """Return M17 as of today."""
    found = alerts(book)
    return {
        "channel_leak": {account: money(leak.severity) for account, leak in found.channel_leak.items()},
        "churn_risk": list(found.churn_risk),
        "reactivated": list(found.reactivated),
    }


def scores_shape(book: Book) -> dict[str, Json]:
    """Return M7 of all accounts."""
    return {account: float(one.value) for account, one in adoption_scores(book).items()}


def decay_shape(book: Book) -> dict[str, Json]:
    """Return M8 of all accounts."""
    return {
        account: {
            "alert": one.is_alert,
            "baseline": number(one.baseline),
            "decay": number(one.value),
            "recent": one.recent,
        }
        for account, one in login_decay(book).items()
    }


def goal_shape(found: GoalState) -> dict[str, Json]:
    """Return M27 of one goal."""
    return {
        "current": number(found.current),
        "expected": number(found.expected),
        "forecast": number(found.forecast),
        "progress": number(found.progress),
        "status": found.status,
    }


def plan_shape(found: Phased, period: Period) -> dict[str, Json]:
    """Return M22 by every level, with the first business days and the plan of a period."""
    business = [(day, found.days[day]) for day in found.business_days[:5]]
    return {
        "first_business_days": [[day.isoformat(), money(amount)] for day, amount in business],
        "months": _moneys(found.months()),
        "period": money(found.in_period(period)),
        "quarters": [money(amount) for amount in found.quarters()],
        "weeks": _moneys(found.weeks()),
        "year": money(found.amount),
    }


def _moneys(amounts: Mapping[str, Decimal]) -> dict[str, Json]:
    return {name: money(amount) for name, amount in amounts.items()}
