"""Figures of money."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Period
from adoption.reports.figures.figure import INVOICE, MONEY, ORDER, SHARE, Figure, Reading
from adoption.reports.numbers import Numbers


def _demand(numbers: Numbers, period: Period) -> Reading:
    found = numbers.finance(period)
    rows = found.orders
    return Reading(found.demand, found.demand, Decimal(found.wanted), rows, rows, _no_rate(found.unconverted_orders))


def _net(numbers: Numbers, period: Period) -> Reading:
    found = numbers.finance(period)
    net, rows = found.sales.net, found.invoices
    return Reading(net, net, found.sales.gross, rows, rows, _no_rate(found.unconverted_invoices))


def _margin(numbers: Numbers, period: Period) -> Reading:
    found = numbers.finance(period)
    sales, rows = found.sales, found.invoices
    excluded = _no_rate(found.unconverted_invoices)
    return Reading(sales.gm_pct, sales.gm or Decimal(0), sales.net, rows, rows, excluded)


def _no_rate(count: int) -> dict[str, int]:
    return {"no exchange rate": count} if count else {}


MONEY_FIGURES: tuple[Figure, ...] = (
    Figure(
        "demand", "M20", _("Demand"),
        _("The untaxed value of everything that was ordered in the period, cancelled orders and quantities included."),
        _("ordered"), _("orders"),
        MONEY, ORDER, _demand,
    ),
    Figure(
        "net_sales", "M20", _("Net sales"),
        _("What was billed in the period, less discounts and less returns on the day of their credit note. Untaxed."),
        _("net"), _("at list prices, before discounts and returns"),
        MONEY, INVOICE, _net, of_unit=MONEY,
    ),
    Figure(
        "margin", "M20", _("Gross margin share"),
        _("What is left of net sales after the cost of the goods. A dash when the ERP gives no cost for some of them."),
        _("gross margin"), _("net sales"),
        SHARE, INVOICE, _margin, of_unit=MONEY,
    ),
)  # fmt: skip
