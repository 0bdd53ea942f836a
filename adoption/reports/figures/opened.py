"""Figures that stand in tables: what the numbers of a row open to. They are read from the facts themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from adoption.metrics.delivery import arrivals
from adoption.metrics.facts import Book, Order, Period
from adoption.metrics.lifecycle import Lifecycle
from adoption.metrics.scores import adoption_scores
from adoption.metrics.shares import share_of
from adoption.reports.blocks import Text
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import (
    ACCOUNT,
    ENQUIRY,
    LINE,
    MONEY,
    NUMBER,
    ORDER,
    SESSION,
    SHARE,
    Adds,
    Figure,
    Reading,
    of_share,
)
from adoption.reports.numbers import Numbers

Reader = Callable[[Numbers, Period], Reading]


def _orders(numbers: Numbers, period: Period) -> Reading:
    orders = numbers.book.orders_in(period)
    count, rows = Decimal(len(orders)), tuple(one.key for one in orders)
    return Reading(count, count, Decimal(len({one.account_id for one in orders})), rows, rows)


def _of_valued(value: Callable[[list[Order]], Decimal | None], part: Callable[[list[Order]], Decimal]) -> Reader:
    """Return how a figure of the orders that have a value is read; without a rate they are left out."""

    def read(numbers: Numbers, period: Period) -> Reading:
        orders = numbers.book.orders_in(period)
        valued = [one for one in orders if one.value is not None]
        left_out = {excluded.NO_RATE: len(orders) - len(valued)} if len(valued) < len(orders) else {}
        rows = tuple(one.key for one in valued)
        return Reading(value(valued), part(valued), Decimal(len(valued)), rows, rows, left_out)

    return read


def _value(orders: Iterable[Order]) -> Decimal:
    return sum((one.value for one in orders if one.value is not None), Decimal(0))


def _units(orders: Iterable[Order]) -> Decimal:
    return sum((one.units for one in orders), Decimal(0))


def _units_of(book: Book) -> Callable[[str], Decimal | None]:
    return {one.key: one.units for one in book.orders}.get


def _offline(numbers: Numbers, period: Period) -> Reading:
    orders = [one for one in numbers.book.orders_in(period) if one.value is not None]
    offline = [one for one in orders if numbers.book.is_offline(one)]
    rows, part_rows = tuple(one.key for one in orders), tuple(one.key for one in offline)
    return Reading(_value(offline), _value(offline), _value(orders), part_rows, rows)


def _online_share(numbers: Numbers, period: Period) -> Reading:
    book = numbers.book
    orders = [one for one in book.orders_in(period) if not book.is_neutral(one)]
    return of_share(share_of((one.key for one in orders if book.is_online(one)), (one.key for one in orders)))


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


def _points_of(book: Book) -> Callable[[str], Decimal | None]:
    scores = adoption_scores(book)
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


def _visits(source: str, way: Text) -> Figure:
    return Figure(
        f"visits_{source}", "M10", format_lazy("{}: {}", _("Visits with an order"), way),
        _("Of the buyers' visits of the period that came this way, how many led to a self-service order."),
        _("visits with an order"), _("visits"),
        SHARE, SESSION, lambda numbers, period: of_share(
            numbers.conversion(period).by_source.get(source) or share_of((), ())
        ),
    )  # fmt: skip


def _online_pieces(numbers: Numbers, period: Period) -> Reading:
    own = numbers.baskets(period).online
    return Reading(own.upt, own.units, Decimal(own.orders), own.rows, own.rows)


def _delivered(numbers: Numbers, period: Period) -> Reading:
    book = numbers.book
    lines = [(f"{row.order_id}/{line.line_no}", line) for one in book.orders_in(period) for row, line in one.goods]
    came, rows = _came_of(book), tuple(key for key, _line in lines)
    pieces = sum((came(key) or Decimal(0) for key in rows), Decimal(0))
    part_rows = tuple(key for key in rows if came(key))
    return Reading(pieces, pieces, sum((line.due for _key, line in lines), Decimal(0)), part_rows, rows)


def _came_of(book: Book) -> Callable[[str], Decimal | None]:
    """Return how many pieces of a line (order id/line) have arrived."""
    arrived = book.indexed(arrivals)
    return {f"{order}/{line}": sum((n for _day, n in own), Decimal(0)) for (order, line), own in arrived.items()}.get


OPENED: tuple[Figure, ...] = (
    Figure(
        "delivered", "M24", _("Pieces delivered"),
        _("Of what was ordered in the period, how many pieces have arrived; too much of a line is in it."),
        _("pieces delivered"), _("pieces ordered"),
        NUMBER, LINE, _delivered, adds=Adds(NUMBER, _came_of),
    ),
    _visits("direct", _("typed or bookmarked")),
    _visits("email", _("a mail")),
    _visits("organic_search", _("a search engine")),
    _visits("paid_search", _("an advertisement")),
    _visits("social", _("a social network")),
    _visits("referral", _("another site")),
    _visits("erp_link", _("a link on a document")),
    _visits("rep_link", _("a link of the rep")),
    _visits("punchout", _("the customer's own system")),
    _visits("unknown", _("not known")),
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
        MONEY, ORDER, _of_valued(_value, _value), leaves_out=excluded.without_value,
    ),
    Figure(
        "basket", "M16", _("Value an order"),
        _("Average untaxed value of an order."),
        _("order value"), _("orders"),
        MONEY, ORDER, _of_valued(lambda own: _value(own) / len(own) if own else None, _value),
        leaves_out=excluded.without_value,
    ),
    Figure(
        "pieces", "M16", _("Pieces an order"),
        _("Pieces of goods in an order, on average."),
        _("pieces"), _("orders"),
        NUMBER, ORDER, _of_valued(lambda own: _units(own) / len(own) if own else None, _units),
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
