"""Figures of money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Period
from adoption.metrics.finance import Sales, demand_by_day, sales_of_documents
from adoption.reports.blocks import Text
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import INVOICE, MONEY, ORDER, SHARE, Adds, Figure, Reading
from adoption.reports.numbers import Numbers

Amount = Callable[[Sales], Decimal | None]


def _demand(numbers: Numbers, period: Period) -> Reading:
    found = numbers.finance(period)
    rows = found.orders
    return Reading(found.demand, found.demand, Decimal(found.wanted), rows, rows, _no_rate(found.unconverted_orders))


def _billed(amount: Amount, whole: Amount, value: Amount | None = None) -> Callable[[Numbers, Period], Reading]:
    """Return how an amount of the invoices is read beside another one."""

    def read(numbers: Numbers, period: Period) -> Reading:
        found = numbers.finance(period)
        part, of = amount(found.sales), whole(found.sales)
        rows, left_out = found.invoices, _no_rate(found.unconverted_invoices)
        return Reading((value or amount)(found.sales), part or Decimal(0), of or Decimal(0), rows, rows, left_out)

    return read


def _no_rate(count: int) -> dict[str, int]:
    return {excluded.NO_RATE: count} if count else {}


def _wanted_of(numbers: Numbers) -> Callable[[str], Decimal | None]:
    wanted = {key: amount for own in numbers.book.indexed(demand_by_day).values() for key, amount in own}
    return wanted.get


def _of_invoice(amount: Amount) -> Adds:
    """Return what an invoice adds to an amount: a credit note takes away."""

    def of(numbers: Numbers) -> Callable[[str], Decimal | None]:
        sales = numbers.book.indexed(sales_of_documents)
        return lambda key: amount(sum(sales[key].by_channel.values(), Sales()))

    return Adds(MONEY, of)


def _gross(sales: Sales) -> Decimal:
    return sales.gross


def _net(sales: Sales) -> Decimal:
    return sales.net


def _figure(key: str, title: Text, definition: Text, numerator: Text, amount: Amount) -> Figure:
    """Return an amount of the invoices, beside what they are at list prices."""
    return Figure(
        key, "M20", title, definition, numerator, _("at list prices, before discounts and returns"),
        MONEY, INVOICE, _billed(amount, _gross), of_unit=MONEY, adds=_of_invoice(amount),
        leaves_out=excluded.documents_without_rate,
    )  # fmt: skip


MONEY_FIGURES: tuple[Figure, ...] = (
    Figure(
        "demand", "M20", _("Demand"),
        _("The untaxed value of everything that was ordered in the period, cancelled orders and quantities included."),
        _("ordered"), _("orders"),
        MONEY, ORDER, _demand, adds=Adds(MONEY, _wanted_of), leaves_out=excluded.without_demand,
    ),
    _figure(
        "net_sales", _("Net sales"),
        _("What was billed in the period, less discounts and less returns on the day of their credit note. Untaxed."),
        _("net"), _net,
    ),
    Figure(
        "margin", "M20", _("Gross margin share"),
        _("What is left of net sales after the cost of the goods. A dash when the ERP gives no cost for some of them."),
        _("gross margin"), _("net sales"),
        SHARE, INVOICE, _billed(lambda sales: sales.gm, _net, lambda sales: sales.gm_pct), of_unit=MONEY,
        adds=_of_invoice(lambda sales: sales.gm), leaves_out=excluded.documents_without_rate,
    ),
    _figure(
        "gross", _("Gross sales"),
        _("What was billed in the period at list prices (at net prices where there is none), before discounts."),
        _("at list prices"), _gross,
    ),
    _figure(
        "discounts", _("less discounts"),
        _("What was billed below the list prices."),
        _("discounts"), lambda sales: sales.discounts,
    ),
    _figure(
        "returns", _("less returns"),
        _("Credit notes of the period, on the day of the credit note, in the channel of the order that came back."),
        _("returns"), lambda sales: sales.returns,
    ),
    _figure(
        "cost", _("less cost of goods"),
        _("What the billed goods cost, less those that came back. A dash when the cost of some is not known."),
        _("cost of goods"), lambda sales: sales.cogs,
    ),
)  # fmt: skip
