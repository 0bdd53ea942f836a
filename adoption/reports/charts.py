"""Charts that several pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Book, Period
from adoption.reports import blocks as b
from adoption.reports.figures import MONEY, SHARE, Figure, Reading
from adoption.reports.lines import opens, over, part_unit
from adoption.reports.numbers import Numbers
from adoption.reports.question import Question

LAYERS = (
    ("online", _("self-service")),
    ("assisted", _("by a rep in the shop")),
    ("offline", _("offline")),
    ("neutral", _("EDI")),
)


def layer_of(book: Book, channel: str) -> str:
    """Return the layer of a channel: online, assisted, offline or neutral."""
    if channel in book.settings.online:
        return "online"
    if channel in book.settings.neutral:
        return "neutral"
    return "assisted" if channel == "web_assisted" else "offline"


def orders_by_month(question: Question, numbers: Numbers, months: Sequence[Period]) -> b.Chart:
    """Return counted orders of all accounts by month and way."""
    counted = []
    for orders in numbers.orders_by_month(months):
        by_layer = dict.fromkeys((key for key, _words in LAYERS), 0)
        for channel, count in orders.items():
            by_layer[layer_of(numbers.book, channel)] += count
        counted.append(by_layer)
    chart = b.Chart(
        key="orders-by-month",
        title=_("Orders by month and way"),
        code="M1",
        shape="stack",
        labels=tuple(period.first for period in months),
        series=tuple(b.Series(words, key, tuple(Decimal(one[key]) for one in counted)) for key, words in LAYERS),
        unit=b.COUNT,
        label_title=_("Month"),
        open_from=open_from(numbers.book, months),
    )
    rows = zip(chart.table.rows, months, strict=True)
    linked = tuple(replace(row, link=opens(question, "orders", **over(month))) for row, month in rows)
    return replace(chart, numbers=replace(chart.table, rows=linked))


def trend(question: Question, numbers: Numbers, figure: Figure, months: Sequence[Period]) -> b.Chart:
    """Return a figure month by month, with numerator and denominator in its table; shares reach to 100 %."""
    readings = [figure.read(numbers, period) for period in months]
    unit = figure.unit if figure.unit in {SHARE, MONEY} else b.NUMBER
    return b.Chart(
        key="trend",
        title=_("The last 12 months"),
        code=figure.code,
        shape="stack",
        labels=tuple(period.first for period in months),
        series=(b.Series(figure.title, "online", tuple(one.value for one in readings)),),
        unit=unit,
        top=Decimal(1) if figure.unit == SHARE else None,
        label_title=_("Month"),
        open_from=open_from(numbers.book, months),
        numbers=_numbers(question, figure, months, readings, unit),
    )


def _numbers(
    question: Question, figure: Figure, months: Sequence[Period], readings: Sequence[Reading], unit: str
) -> b.Table:
    return b.Table(
        key="trend",
        title=_("The numbers"),
        code=figure.code,
        columns=(
            b.Column(_("Month"), b.MONTH),
            b.Column(figure.title, unit),
            b.Column(_("Counted"), part_unit(figure)),
            b.Column(_("of"), figure.of_unit),
        ),
        rows=tuple(
            b.Row((period.first, one.value, one.part, one.whole), link=opens(question, figure.key, **over(period)))
            for period, one in zip(months, readings, strict=True)
        ),
        folded=True,
    )


def open_from(book: Book, periods: Sequence[Period]) -> int | None:
    """Return the index of the first period that is not over."""
    return next((at for at, one in enumerate(periods) if one.last >= book.today), None)
