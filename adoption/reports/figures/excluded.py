"""The rows that figures leave out, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adoption.metrics import finance
from adoption.metrics.adoption import why_left_out
from adoption.metrics.facts import Period
from adoption.metrics.quotes import PENDING
from adoption.reports.figures.figure import ACCOUNT, INVOICE, ORDER, QUOTE, LeftOut
from adoption.reports.numbers import Numbers

NO_RATE, TOO_EARLY = "no exchange rate", "too early to tell"


def not_enabled(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the companies that could not buy online."""
    for key, reason in why_left_out(numbers.book, numbers.book.eligible(period)).items():
        yield LeftOut(ACCOUNT, key, reason)


def without_value(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the orders that no rate turns into the company's currency."""
    return (LeftOut(ORDER, one.key, NO_RATE) for one in numbers.book.orders_in(period) if one.value is None)


def of_revenue(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the companies that could not buy online, and of the others the orders without a rate."""
    yield from not_enabled(numbers, period)
    book = numbers.book
    orders = book.orders_in(period, of=book.eligible(period))
    yield from (LeftOut(ORDER, one.key, NO_RATE) for one in orders if one.value is None)


def time_unknown(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the self-service orders of which only the day is known."""
    book = numbers.book
    online = (one for one in book.orders_in(period) if book.is_online(one))
    return (LeftOut(ORDER, one.key, "time unknown") for one in online if not one.time_known)


def not_only_offline(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the companies that had been online before, or had not ordered offline."""
    base = set(numbers.migration(period).whole_rows)
    reason = "already online, or no offline order"
    return (LeftOut(ACCOUNT, key, reason) for key in sorted(numbers.book.eligible(period) - base))


def not_judged(days: int | None) -> Callable[[Numbers, Period], Iterable[LeftOut]]:
    """Return who left us altogether and who moved too lately, by the days of watching (None = the setting)."""

    def found(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
        fates = numbers.retention(period, days)
        yield from (LeftOut(ACCOUNT, key, "inactive") for key in fates.inactive)
        yield from (LeftOut(ACCOUNT, key, TOO_EARLY) for key in fates.immature)

    return found


def not_a_year(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the customers whose year is not over."""
    return (LeftOut(ACCOUNT, key, TOO_EARLY) for key in numbers.returning(period).immature)


def without_demand(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return what was ordered in a currency without a rate."""
    found = (pair for day, own in numbers.book.indexed(finance.demand_by_day).items() if day in period for pair in own)
    return (LeftOut(ORDER, key, NO_RATE) for key, amount in found if amount is None)


def documents_without_rate(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return invoices and credit notes in a currency without a rate."""
    sales = numbers.book.indexed(finance.sales_of_documents)
    found = (one.invoice_id for one in numbers.book.documents_in(period))
    return (LeftOut(INVOICE, key, NO_RATE) for key in found if sales[key].is_unconverted)


def still_waiting(numbers: Numbers, period: Period) -> Iterator[LeftOut]:
    """Return the quotes whose time is not over."""
    return (LeftOut(QUOTE, key, "pending") for key in numbers.quotes(period).sla[PENDING])
