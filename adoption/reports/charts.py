"""Charts as plain numbers for a drawing: bars in percent of the height, so that a template only places them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.facts import Book, Period
from adoption.reports.figures import Figure, Reading

HEIGHT = Decimal(120)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a month's column; y and height in the drawing's units as text with a point."""

    kind: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Month:
    """One column with the numbers of its table row."""

    first: dt.date
    x: int
    bars: tuple[Bar, ...]
    counts: tuple[int, ...]
    total: int
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of one month."""

    first: dt.date
    x: int
    y: str
    reading: Reading
    is_partial: bool


KINDS = ("online", "assisted", "offline", "neutral")


def orders_by_month(book: Book, months: Sequence[Period]) -> tuple[Month, ...]:
    """Return counted orders of all accounts by month: self-service, assisted, offline, neutral (EDI)."""
    counted = []
    for period in months:
        orders = book.orders_in(period)
        by_kind = dict.fromkeys(KINDS, 0)
        for order in orders:
            by_kind[_kind(book, order.channel)] += 1
        counted.append(tuple(by_kind[kind] for kind in KINDS))
    highest = max((sum(one) for one in counted), default=0) or 1
    return tuple(
        Month(period.first, number, _bars(counts, highest), counts, sum(counts), book.today in period)
        for number, (period, counts) in enumerate(zip(months, counted, strict=True))
    )


def _kind(book: Book, channel: str) -> str:
    if channel in book.settings.online:
        return "online"
    if channel in book.settings.neutral:
        return "neutral"
    return "assisted" if channel == "web_assisted" else "offline"


def _bars(counts: Sequence[int], highest: int) -> tuple[Bar, ...]:
    bars, top = [], HEIGHT
    for kind, count in zip(KINDS, counts, strict=True):
        height = HEIGHT * count / highest
        top -= height
        if count:
            bars.append(Bar(kind, f"{top:.1f}", f"{height:.1f}"))
    return tuple(bars)


def trend(book: Book, figure: Figure, months: Sequence[Period]) -> tuple[Point, ...]:
    """Return a figure month by month; the drawing is zero-based, shares reach to 100 %."""
    readings = [figure.read(book, period) for period in months]
    highest = max((one.value for one in readings if one.value is not None), default=Decimal(1))
    full = Decimal(1) if figure.unit == "share" else highest or Decimal(1)
    return tuple(
        Point(period.first, number, f"{HEIGHT - HEIGHT * (one.value or 0) / full:.1f}", one, book.today in period)
        for number, (period, one) in enumerate(zip(months, readings, strict=True))
    )
