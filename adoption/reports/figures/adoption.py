"""Figures of adoption and of the channels."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.facts import VIEWS
from adoption.metrics.facts import Period
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import (
    ACCOUNT,
    INVOICE,
    MONEY,
    NUMBER,
    ORDER,
    SESSION,
    SHARE,
    Figure,
    Reading,
    of_share,
)
from adoption.reports.numbers import Numbers


def _adoption(name: str) -> Callable[[Numbers, Period], Reading]:
    def read(numbers: Numbers, period: Period) -> Reading:
        return of_share(getattr(numbers.adoption(period), name))

    return read


def _logins(numbers: Numbers, period: Period) -> Reading:
    found = numbers.logins(period)
    people = Decimal(sum(one.users for one in found.values()))
    return Reading(
        value=people if found else None,
        part=people,
        whole=Decimal(len(found)),
        part_rows=tuple(key for key, one in found.items() if one.logins),
        whole_rows=tuple(found),
        per_row={key: f"{one.users} / {one.login_days} / {one.logins}" for key, one in found.items()},
    )


def _tracking(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.tracking(period).overall)


def _paid_online(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.paid_online(period))


def _searches(numbers: Numbers, period: Period) -> Reading:
    found = numbers.searches(period)
    return Reading(
        value=Decimal(found.total),
        part=Decimal(found.total),
        whole=Decimal(found.accounts),
        part_rows=tuple(sorted(found.per_account)),
        whole_rows=tuple(sorted(found.per_account)),
        per_row={key: str(count) for key, count in found.per_account.items()},
    )


def _migration(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.migration(period))


def _retention(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.retention(period).rate)


def _returning(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.returning(period).rate)


def _conversion(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.conversion(period).overall)


def _researched(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.ropo(period))


def _order_value(numbers: Numbers, period: Period) -> Reading:
    online = numbers.baskets(period).online
    left_out = {"no exchange rate": online.unconverted} if online.unconverted else {}
    return Reading(online.aov, online.value, Decimal(online.orders), online.rows, online.rows, left_out)


def _off_hours(numbers: Numbers, period: Period) -> Reading:
    found = numbers.off_hours(period)
    share = found.share
    return Reading(
        share.value, share.part, share.whole, share.part_rows, share.whole_rows, share.excluded, per_row=found.classes
    )


ADOPTION: tuple[Figure, ...] = (
    Figure(
        "customer", "M1", _("Customer adoption"),
        _(
            "Of the customers who can buy online and ordered in the period, how many placed at least one "
            "order themselves."
        ),
        _("customers with a self-service order"), _("customers who ordered, by any channel"),
        SHARE, ACCOUNT, _adoption("customer"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "order", "M1", _("Order adoption"),
        _(
            "Of all orders of customers who can buy online, how many they placed themselves. Orders that a "
            "rep placed for them don't count as self-service."
        ),
        _("self-service orders"), _("orders of all channels"),
        SHARE, ORDER, _adoption("order"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "revenue", "M1", _("Revenue adoption"),
        _("The same by money: the untaxed value of goods and services, less what was cancelled."),
        _("value of self-service orders"), _("value of all orders"),
        SHARE, ORDER, _adoption("revenue"), of_unit=MONEY,
        leaves_out=excluded.of_revenue,
    ),
    Figure(
        "penetration", "M1", _("Penetration"),
        _("Of all customers who can buy online, how many placed at least one order themselves in the period."),
        _("customers with a self-service order"), _("customers who can buy online"),
        SHARE, ACCOUNT, _adoption("penetration"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "activated", "M1", _("Activated"),
        _("Of all customers who can buy online, how many have had at least one log-in, ever."),
        _("customers with a log-in"), _("customers who can buy online"),
        SHARE, ACCOUNT, _adoption("activated"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "online_only", "M1", _("Online only"),
        _("Of the customers who ordered, how many placed every single order themselves."),
        _("customers with self-service orders only"), _("customers who ordered"),
        SHARE, ACCOUNT, _adoption("online_only"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "order_with_assisted", "M1", _("Order adoption with assisted"),
        _("Order adoption with the orders that a rep placed in the shop for the customer added."),
        _("self-service and assisted orders"), _("orders of all channels"),
        SHARE, ORDER, _adoption("order_with_assisted"),
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "strategic_logins", "M2", _("Log-ins of strategic accounts"),
        _("Different people of each strategic account who logged in. Rows: people / days / log-ins."),
        _("different people with a log-in"), _("strategic accounts"),
        NUMBER, ACCOUNT, _logins,
    ),
    Figure(
        "tracking", "M3", _("Orders tracked online"),
        _(
            "Of all orders, how many had their status opened in the shop by the customer within 90 days. "
            "Orders by phone count too."
        ),
        _("orders opened by the customer"), _("orders of all channels"),
        SHARE, ORDER, _tracking,
        leaves_out=excluded.not_enabled,
    ),
    Figure(
        "paid_online", "M4", _("Invoices paid online"),
        _("Of the invoices fully paid in the period, how many were paid mostly through the shop."),
        _("invoices paid online"), _("invoices paid"),
        SHARE, INVOICE, _paid_online,
    ),
    Figure(
        "invoice_searches", "M5", _("Invoice searches"),
        _(
            "How often customers looked for an invoice in the shop instead of asking us. The same search "
            "within a minute counts once."
        ),
        _("searches"), _("customers who searched"),
        NUMBER, ACCOUNT, _searches,
    ),
    Figure(
        "migration", "M12", _("Migration"),
        _(
            "Of the customers who ordered offline in the year before and never online, how many placed their "
            "first order themselves in the period."
        ),
        _("customers who moved online"), _("customers who had only ordered offline"),
        SHARE, ACCOUNT, _migration,
        leaves_out=excluded.not_only_offline,
    ),
    Figure(
        "retention", "M13", _("Channel retention, 180 days"),
        _(
            "Of the customers who came from offline and ordered online for the first time in the period, how "
            "many kept to the shop in the 180 days after: at least half of their orders."
        ),
        _("retained"), _("retained and leaked"),
        SHARE, ACCOUNT, _retention,
        leaves_out=excluded.not_judged(None),
    ),
    Figure(
        "returning", "M15", _("Came back within a year"),
        _(
            "Of the customers whose first online order lies in the period, how many placed another one on a later day "
            "within a year."
        ),
        _("customers who came back"), _("customers with a first online order, a year ago or more"),
        SHARE, ACCOUNT, _returning,
        leaves_out=excluded.not_a_year,
    ),
    Figure(
        "conversion", "M10", _("Visits with an order"),
        _("Of the buyers' visits that began in the period, how many led to a self-service order."),
        _("visits with an order"), _("visits"),
        SHARE, SESSION, _conversion,
    ),
    Figure(
        "ropo", "M28", _("Looked up online, bought offline"),
        _("Of the offline orders, how many hold an item that the customer had looked at in the shop 30 days before."),
        _("offline orders looked up before"), _("offline orders"),
        SHARE, ORDER, _researched, VIEWS,
    ),
    Figure(
        "order_value", "M16", _("Order value online"),
        _("Average untaxed value of a self-service order."),
        _("value of self-service orders"), _("self-service orders"),
        MONEY, ORDER, _order_value,
        leaves_out=excluded.without_value,
    ),
    Figure(
        "off_hours", "M18", _("Orders off hours"),
        _(
            "Of the self-service orders, how many came when nobody answers the phone, by the customer's own "
            "clock and holidays."
        ),
        _("orders outside opening hours"), _("self-service orders with a known time"),
        SHARE, ORDER, _off_hours,
        leaves_out=excluded.time_unknown,
    ),
)  # fmt: skip
