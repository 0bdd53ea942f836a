"""M20 finance: demand, gross, discounts, returns, net, cost and margin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from adoption.metrics.book import Book, by_day, in_period
from adoption.metrics.orders import NO_DEMAND, demand_of
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import GOODS, VALUE_TYPES, Invoice, InvoiceLine

CREDIT = "credit"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sales:
    """What invoices say, in the company's currency, not rounded.

    `cogs` None = the ERP gives no cost for some of the goods: margins are hidden, never 0. `uncosted_lines`: how many.
    """

    gross: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    cogs: Decimal | None = ZERO
    uncosted_lines: int = 0

    @property
    def net(self) -> Decimal:
        """Gross - discounts - returns."""
        return self.gross - self.discounts - self.returns

    @property
    def gm(self) -> Decimal | None:
        """Gross margin: net - cost of goods."""
        return None if self.cogs is None else self.net - self.cogs

    @property
    def gm_pct(self) -> Decimal | None:
        """Gross margin as a share of net."""
        return None if self.gm is None else divided(self.gm, self.net)

    def __add__(self, other: Sales) -> Sales:
        return Sales(
            self.gross + other.gross,
            self.discounts + other.discounts,
            self.returns + other.returns,
            None if self.cogs is None or other.cogs is None else self.cogs + other.cogs,
            self.uncosted_lines + other.uncosted_lines,
        )

    def times(self, rate: Decimal) -> Sales:
        """Return the same in another currency."""
        if rate == 1:
            return self
        cogs = None if self.cogs is None else self.cogs * rate
        return Sales(self.gross * rate, self.discounts * rate, self.returns * rate, cogs, self.uncosted_lines)


@dataclass(frozen=True, slots=True)
class Finance:
    """M20. `invoices`: ids of the documents behind it; `unconverted_*`: without a rate, in no amount (C6).

    `wanted`: how many orders the demand is made of; `orders` names them where they are known one by one.
    """

    demand: Decimal
    sales: Sales
    by_channel: Mapping[str, Sales]
    unconverted_orders: int
    unconverted_invoices: int
    orders: tuple[str, ...]
    invoices: tuple[str, ...]
    wanted: int = 0


def finance(book: Book, period: Period) -> Finance:
    """Return M20: demand by the day of the order, the rest by the day of invoice or credit."""
    wanted = in_period(book.indexed(demand_by_day), period)
    by_channel: dict[str, Sales] = {}
    counted, unconverted = [], 0
    sales_of = book.indexed(sales_of_documents)
    for document in book.documents_in(period):
        own = sales_of[document.invoice_id]
        unconverted += own.is_unconverted
        if own.by_channel and not own.is_unconverted:
            counted.append(document.invoice_id)
        for channel, sales in own.by_channel.items():
            by_channel[channel] = by_channel.get(channel, Sales()) + sales
    return Finance(
        demand=sum((amount for _key, amount in wanted if amount is not None), ZERO),
        sales=sum(by_channel.values(), Sales()),
        by_channel=dict(sorted(by_channel.items())),
        unconverted_orders=sum(amount is None for _key, amount in wanted),
        unconverted_invoices=unconverted,
        orders=tuple(key for key, amount in wanted if amount is not None),
        invoices=tuple(sorted(counted)),
        wanted=sum(amount is not None for _key, amount in wanted),
    )


def demand_by_day(book: Book) -> Mapping[dt.date, list[tuple[str, Decimal | None]]]:
    """Index: what was wanted, by the day of the order: (key, amount or None without a rate)."""
    wanted = (order for order in book.all_orders if any(row.status not in NO_DEMAND for row in order.rows))
    return by_day((order.placed_on, (order.key, demand_of(order, book.converted))) for order in wanted)


class DocumentSales(NamedTuple):
    """What an invoice or credit adds to each channel; 0 when there is no rate for its currency (C6)."""

    by_channel: dict[str, Sales]
    is_unconverted: bool


def sales_of_documents(book: Book) -> Mapping[str, DocumentSales]:
    """Index: what documents add, by their id."""
    return {one.invoice_id: _by_channel(book, one) for own in book.documents_by_day.values() for one in own}


def _by_channel(book: Book, document: Invoice) -> DocumentSales:
    """Return a document's sales in the company's currency; freight is no sale."""
    lines: dict[str, list[InvoiceLine]] = {}
    for line in document.lines:
        order_id = line.order_id or document.order_id
        if line.item_type in VALUE_TYPES and order_id not in book.test_order_ids:
            lines.setdefault(book.channel_of(order_id), []).append(line)
    rate = book.rate(document.currency, document.invoiced_on) if document.invoiced_on else None
    if rate is None:
        return DocumentSales(dict.fromkeys(lines, Sales()), is_unconverted=bool(lines))
    added_up = _credited if document.kind == CREDIT else _invoiced
    return DocumentSales({name: added_up(own).times(rate) for name, own in lines.items()}, is_unconverted=False)


def _invoiced(lines: list[InvoiceLine]) -> Sales:
    gross = discounts = ZERO
    for line in lines:
        list_price = line.net_price if line.list_price is None else line.list_price
        gross += line.quantity * list_price
        discounts += line.quantity * (list_price - line.net_price)
    cost, uncosted = _cost(lines)
    return Sales(gross=gross, discounts=discounts, cogs=cost, uncosted_lines=uncosted)


def _credited(lines: list[InvoiceLine]) -> Sales:
    cost, uncosted = _cost(lines)
    returns = sum((line.quantity * line.net_price for line in lines), ZERO)
    return Sales(returns=returns, cogs=None if cost is None else -cost, uncosted_lines=uncosted)


def _cost(lines: list[InvoiceLine]) -> tuple[Decimal | None, int]:
    """Return what lines cost and how many give no cost. Only goods must: a discount or service without one is free."""
    uncosted = sum(line.unit_cost is None and line.item_type == GOODS for line in lines)
    cost = sum((line.quantity * line.unit_cost for line in lines if line.unit_cost is not None), ZERO)
    return None if uncosted else cost, uncosted
