"""M21 the P&L by channel: one statement for all channels, with direct and shared costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import UNATTRIBUTED, Book, by_day, in_period
from adoption.metrics.finance import ZERO, Finance, Sales, finance
from adoption.metrics.period import Period
from adoption.metrics.rounding import adding_up, apportioned, divided, to_cents
from adoption.metrics.rows import Cost

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Column:
    """A channel's column, or the total. `gm`, `contribution` and `roi` are None when the ERP gives no cost."""

    sales: Sales
    direct: Decimal
    shared: Decimal
    roi: Decimal | None

    @property
    def contribution(self) -> Decimal | None:
        """Gross margin - direct - shared."""
        return None if self.sales.gm is None else self.sales.gm - self.direct - self.shared


@dataclass(frozen=True, slots=True)
class Pnl:
    """M21, not rounded but for shared costs, which are split in whole cents.

    `unconverted_costs`: rows without a rate, in no amount; `unconverted_invoices` as in M20.
    """

    channels: Mapping[str, Column]
    total: Column
    unconverted_costs: int
    unconverted_invoices: int


def pnl(book: Book, period: Period, *, money: Finance | None = None) -> Pnl:
    """Return M21: M20 by channel less direct costs, less shared costs split by net among channels with net > 0.

    `money`: the M20 of the same book and period, when it is there already.
    """
    money = money or finance(book, period)
    amounts = [(one.channel, _company_money(book, one)) for one in in_period(book.indexed(_costs_by_day), period)]
    direct: dict[str, Decimal] = {}
    for channel, amount in amounts:
        direct[channel] = direct.get(channel, ZERO) + (amount or ZERO)
    shared_total = to_cents(direct.pop(SHARED, ZERO))
    by_channel = {name: money.by_channel.get(name, Sales()) for name in {*money.by_channel, *direct}}
    shared = _split(shared_total, by_channel)
    columns = {
        name: _column(by_channel.get(name, Sales()), direct.get(name, ZERO), shared.get(name, ZERO))
        for name in sorted({*by_channel, *shared})
    }
    return Pnl(
        channels=columns,
        total=_total(columns.values()),
        unconverted_costs=sum(amount is None for _channel, amount in amounts),
        unconverted_invoices=money.unconverted_invoices,
    )


def _costs_by_day(book: Book) -> Mapping[dt.date, list[Cost]]:
    """Index: costs dated before today, as invoices are (C2)."""
    return by_day((one.on, one) for one in book.costs if one.on < book.today)


def _company_money(book: Book, cost: Cost) -> Decimal | None:
    return book.converted(cost.amount, cost.currency, cost.on)


def _split(total: Decimal, by_channel: Mapping[str, Sales]) -> dict[str, Decimal]:
    """Split shared costs by net; when nobody sold anything they stay unattributed, so that the columns add up."""
    names = sorted(name for name, sales in by_channel.items() if sales.net > 0)
    parts = apportioned(total, [by_channel[name].net for name in names])
    if parts is None:
        return {UNATTRIBUTED: total} if total else {}
    return dict(zip(names, parts, strict=True))


def _column(sales: Sales, direct: Decimal, shared: Decimal) -> Column:
    roi = None if sales.gm is None else divided(sales.gm - direct, direct)
    return Column(sales, direct, shared, roi)


def _total(columns: Iterable[Column]) -> Column:
    own = list(columns)
    sales = sum((one.sales for one in own), Sales())
    direct, shared = sum((one.direct for one in own), ZERO), sum((one.shared for one in own), ZERO)
    roi = None if sales.gm is None else divided(sales.gm - direct - shared, direct + shared)
    return Column(sales, direct, shared, roi)


LINES: Mapping[str, Callable[[Column], Decimal | None]] = {
    "gross": lambda one: one.sales.gross,
    "discounts": lambda one: one.sales.discounts,
    "returns": lambda one: one.sales.returns,
    "net": lambda one: one.sales.net,
    "cogs": lambda one: one.sales.cogs,
    "gm": lambda one: one.sales.gm,
    "direct": lambda one: one.direct,
    "shared": lambda one: one.shared,
    "contribution": lambda one: one.contribution,
}


def in_cents(found: Pnl) -> dict[str, dict[str, Decimal | None]]:
    """Return every line in cents, by column (channels and `total`); each line adds up exactly to its total.

    A line that the ERP's missing cost hides is None in its column and in the total.
    """
    table: dict[str, dict[str, Decimal | None]] = {name: {} for name in (*found.channels, "total")}
    for line, read in LINES.items():
        values = {name: read(column) for name, column in found.channels.items()}
        known = {name: value for name, value in values.items() if value is not None}
        rounded, total = adding_up(known)
        for name in values:
            table[name][line] = rounded.get(name)
        table["total"][line] = total if len(known) == len(values) else None
    return table
