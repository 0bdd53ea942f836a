"""Figures that stand in tables: what the numbers of a row open to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.baskets import Basket, together
from adoption.metrics.delivery import arrivals
from adoption.metrics.facts import Period
from adoption.metrics.lifecycle import Lifecycle
from adoption.metrics.shares import Share, share_of
from adoption.reports.blocks import Text
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import (
    ACCOUNT,
    ENQUIRY,
    LINE,
    MONEY,
    NUMBER,
    ORDER,
    SHARE,
    Adds,
    Figure,
    Reading,
    of_share,
)
from adoption.reports.numbers import Numbers

Reader = Callable[[Numbers, Period], Reading]


def _orders(numbers: Numbers, period: Period) -> Reading:
    found = numbers.revenue(period)
    count, rows = Decimal(sum(found.orders.values())), _all(found.rows)
    return Reading(count, count, Decimal(numbers.customers(period)), rows, rows)


def _all(rows: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    return tuple(key for own in rows.values() for key in own)


def _of_valued(value: Callable[[Basket], Decimal | None], part: Callable[[Basket], Decimal]) -> Reader:
    """Return how a figure of the orders that have a value is read; without a rate they are left out."""

    def read(numbers: Numbers, period: Period) -> Reading:
        found = together(numbers.baskets(period).channels.values())
        left_out = {excluded.NO_RATE: found.unconverted} if found.unconverted else {}
        return Reading(value(found), part(found), Decimal(found.orders), found.rows, found.rows, left_out)

    return read


def _units_of(numbers: Numbers) -> Callable[[str], Decimal | None]:
    return {one.key: one.units for one in numbers.book.orders}.get


def _offline(numbers: Numbers, period: Period) -> Reading:
    settings, channels = numbers.book.settings, numbers.baskets(period).channels
    offline = together(
        one for channel, one in channels.items() if channel not in settings.online and channel not in settings.neutral
    )
    everything = together(channels.values())
    return Reading(offline.value, offline.value, everything.value, offline.rows, everything.rows)


def _online_share(numbers: Numbers, period: Period) -> Reading:
    settings, found = numbers.book.settings, numbers.revenue(period)
    ours = [one for one in found.orders if one in settings.online or one not in settings.neutral]
    online = [one for one in ours if one in settings.online]
    part, whole = (Decimal(sum(found.orders[one] for one in some)) for some in (online, ours))
    rows, part_rows = (_all({one: found.rows.get(one, ()) for one in some}) for some in (ours, online))
    return of_share(Share(part, whole, part_rows, rows))


def _retention(days: int) -> Reader:
    return lambda numbers, period: of_share(numbers.retention(period, days).rate)


def _life(state: str) -> Reader:
    def read(numbers: Numbers, period: Period) -> Reading:
        found = numbers.lifecycles([period.first.replace(day=1)])[0]
        own = tuple(getattr(found, state))
        count, everybody = Decimal(len(own)), _all_of(found)
        return Reading(count, count, Decimal(len(everybody)), own, everybody)

    return read


def _all_of(found: Lifecycle) -> tuple[str, ...]:
    return tuple(sorted({*found.new, *found.returning, *found.resurrected, *found.dormant}))


def _talks(channel: str) -> Reader:
    return lambda numbers, period: of_share(numbers.contacts(period).get(channel) or share_of((), ()))


def _score(numbers: Numbers, period: Period) -> Reading:
    found = {key: one for key, one in numbers.scores().items() if key in numbers.book.accounts}
    points, rows = sum((one.value for one in found.values()), Decimal(0)), tuple(sorted(found))
    parts = {key: _in_words(one.components) for key, one in found.items()}
    return Reading(points / len(found) if found else None, points, Decimal(len(found)), rows, rows, per_row=parts)


def _in_words(components: Mapping[str, Decimal | None]) -> str:
    return " / ".join("–" if one is None else f"{one * 100:.1f} %" for one in components.values())  # noqa: RUF001


def _points_of(numbers: Numbers) -> Callable[[str], Decimal | None]:
    scores = numbers.scores()
    return lambda key: scores[key].value if key in scores else None


def _kept(days: int, title: Text) -> Figure:
    return Figure(
        f"retention_{days}", "M13", title,
        _(
            "Of the customers who came from offline and ordered online for the first time in the period, how many kept "
            "to the shop in the days after: at least half of their orders."
        ),
        _("retained"), _("retained and leaked"),
        SHARE, ACCOUNT, _retention(days), leaves_out=excluded.not_judged(days),
    )  # fmt: skip


def _month(state: str, title: Text, definition: Text) -> Figure:
    return Figure(
        f"life_{state}", "M9", title, definition,
        _("customers"), _("customers with a self-service order in this month or the month before"),
        NUMBER, ACCOUNT, _life(state),
    )  # fmt: skip


def _talk(channel: str, title: Text) -> Figure:
    return Figure(
        f"talks_{channel}", "M10", title,
        _("Of the period's sales talks, how many were followed by an order in the same channel within seven days."),
        _("talks with an order"), _("talks"),
        SHARE, ENQUIRY, _talks(channel),
    )  # fmt: skip


def _online_pieces(numbers: Numbers, period: Period) -> Reading:
    own = numbers.baskets(period).online
    return Reading(own.upt, own.units, Decimal(own.orders), own.rows, own.rows)


def _delivered(numbers: Numbers, period: Period) -> Reading:
    total, came = numbers.missing(period, 0).total, _came_of(numbers)
    goods = (pair for one in numbers.book.orders_in(period) for pair in one.goods)
    rows = tuple(f"{row.order_id}/{line.line_no}" for row, line in goods)
    return Reading(total.delivered, total.delivered, total.ordered, tuple(key for key in rows if came(key)), rows)


def _came_of(numbers: Numbers) -> Callable[[str], Decimal | None]:
    """Return how many pieces of a line (order id/line) have arrived."""
    arrived = numbers.book.indexed(arrivals)
    return {f"{order}/{line}": sum((n for _day, n in own), Decimal(0)) for (order, line), own in arrived.items()}.get


OPENED: tuple[Figure, ...] = (
    Figure(
        "delivered", "M24", _("Pieces delivered"),
        _("Of what was ordered in the period, how many pieces have arrived; too much of a line is in it."),
        _("pieces delivered"), _("pieces ordered"),
        NUMBER, LINE, _delivered, adds=Adds(NUMBER, _came_of),
    ),
    Figure(
        "order_pieces", "M16", _("Pieces of a self-service order"),
        _("Pieces of goods in a self-service order, on average."),
        _("pieces"), _("self-service orders"),
        NUMBER, ORDER, _online_pieces, adds=Adds(NUMBER, _units_of),
    ),
    Figure(
        "orders", "M11", _("Orders"),
        _("Counted orders of the period: open or completed in the ERP, with goods that were not cancelled, no tests."),
        _("orders"), _("customers who ordered"),
        NUMBER, ORDER, _orders,
    ),
    Figure(
        "sales", "M11", _("Order value"),
        _("The untaxed value of goods and services of the period's orders, less what was cancelled."),
        _("order value"), _("orders"),
        MONEY, ORDER, _of_valued(lambda own: own.value, lambda own: own.value), leaves_out=excluded.without_value,
    ),
    Figure(
        "basket", "M16", _("Value an order"),
        _("Average untaxed value of an order."),
        _("order value"), _("orders"),
        MONEY, ORDER, _of_valued(lambda own: own.aov, lambda own: own.value),
        leaves_out=excluded.without_value,
    ),
    Figure(
        "pieces", "M16", _("Pieces an order"),
        _("Pieces of goods in an order, on average."),
        _("pieces"), _("orders"),
        NUMBER, ORDER, _of_valued(lambda own: own.upt, lambda own: own.units),
        adds=Adds(NUMBER, _units_of), leaves_out=excluded.without_value,
    ),
    Figure(
        "offline", "M17", _("Bought offline"),
        _("The untaxed value of orders that came by phone, mail, rep or counter, or that a rep placed in the shop."),
        _("value of offline orders"), _("value of all orders"),
        MONEY, ORDER, _offline, of_unit=MONEY, leaves_out=excluded.without_value,
    ),
    Figure(
        "online_share", "M17", _("Orders online"),
        _("Of all orders but those by EDI, how many customers placed themselves."),
        _("self-service orders"), _("orders but those by EDI"),
        SHARE, ORDER, _online_share,
    ),
    _kept(90, _("Channel retention, 90 days")),
    _kept(180, _("Channel retention, 180 days")),
    _kept(365, _("Channel retention, 365 days")),
    _month("new", _("New"), _("Customers whose first self-service order ever is of this month.")),
    _month(
        "returning", _("Again after the month before"),
        _("Customers with a self-service order in this month and in the month before."),
    ),
    _month(
        "resurrected", _("Back after a pause"),
        _("Customers with a self-service order in this month and earlier, and none in the month before."),
    ),
    _month(
        "dormant", _("Paused this month"),
        _("Customers with a self-service order in the month before and none in this one."),
    ),
    _talk("phone", _("Sales talks by phone")),
    _talk("email", _("Sales talks by e-mail")),
    _talk("rep", _("Visits of a sales rep")),
    Figure(
        "score", "M7", _("Adoption score"),
        _(
            "Of 100, over the last 12 weeks: 40 for orders online, 20 each for weeks with a log-in, tracking and "
            "payment, functions used: the four parts beside each row. What can't be measured drops out."
        ),
        _("points"), _("customers"),
        NUMBER, ACCOUNT, _score, adds=Adds(NUMBER, _points_of),
    ),
)  # fmt: skip
