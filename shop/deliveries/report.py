"""The missing-goods report: what a company ordered, over all channels, and what of it has not come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.actors import Actor
from accounts.models import SoldTo
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.missing import LEVELS, SHOWS, Missing, MissingFilters, MissingRow, missing_goods, missing_rows
from erp_sync.records import channel_of
from sheets.cells import Cell, Column
from shop.money.formats import company_zone
from shop.orders.models import Order
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items

PER_PAGE = 50
MOST_PRINTED = 1_000
MOST_EXPORTED = 50_000
CHUNK = 500


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What somebody wants to see of the report.

    Attributes:
        show: missing, overdue or all; `level` is what a row is: line, item or order.
        placed_from, placed_to: First and last day of ordering, by the company's calendar.
    """

    item: str = ""
    order: str = ""
    reference: str = ""
    ship_to: str = ""
    show: str = "missing"
    level: str = "line"
    placed_from: dt.date | None = None
    placed_to: dt.date | None = None

    @property
    def is_filtered(self) -> bool:
        """Something other than the beginning was chosen."""
        return self.chosen() != {}

    def chosen(self) -> dict[str, str]:
        """Return what differs from the beginning, as parameters of an address or as JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        beginning = ReportQuery()
        return {name: str(value) for name, value in values.items() if value != getattr(beginning, name)}

    def address(self) -> str:
        """Return the parameters as text: "" or "item=…&show=…"."""
        return urlencode(self.chosen())


def read_query(values: dict[str, str]) -> ReportQuery:
    """Return what `chosen` gave away; what can't be read counts as not chosen."""
    texts = {name: str(values.get(name, ""))[:80] for name in ("item", "order", "reference", "ship_to")}
    show, level = str(values.get("show", "")), str(values.get("level", ""))
    return ReportQuery(
        **texts,
        show=show if show in SHOWS else "missing",
        level=level if level in LEVELS else "line",
        placed_from=_day(values.get("placed_from", "")),
        placed_to=_day(values.get("placed_to", "")),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row in the reader's language; what does not belong to its level is "" or None. Quantities in `unit`."""

    row: MissingRow
    name: str
    unit: str
    channel: str

    @property
    def sums(self) -> Missing:
        """Its quantities."""
        return self.row.sums

    @property
    def order_number(self) -> str:
        """What the order's page is found by."""
        return self.row.number or self.row.web_reference

    @property
    def is_overdue(self) -> bool:
        """Something of it should have come before today."""
        return self.row.sums.overdue > 0

    @property
    def is_moved(self) -> bool:
        """It is promised for later now than at first."""
        promised, expected = self.row.promised_on, self.row.expected_on
        return bool(promised and expected and expected > promised)


@dataclass(frozen=True, slots=True)
class Report:
    """A page of the report; `sums` are those of all lines that the filters let through, shown or not."""

    query: ReportQuery
    rows: tuple[ReportRow, ...]
    sums: Missing
    total: int
    page: int
    per_page: int
    as_of: dt.datetime | None

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Position of the first row of this page."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the last row of this page."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def report_for(
    *, actor: Actor, query: ReportQuery, now: dt.datetime, page: int = 1, per_page: int = PER_PAGE
) -> Report:  # fmt: skip
    """Return a page of the report of the actor's company (4 queries, whatever the number of orders)."""
    return report_of(sold_to=actor.sold_to, query=query, now=now, page=page, per_page=per_page)


def report_of(
    *, sold_to: SoldTo, query: ReportQuery, now: dt.datetime, page: int = 1, per_page: int = PER_PAGE
) -> Report:  # fmt: skip
    """Return a page of a company's report: for the holder of a link to it, and for the weekly mail."""
    found = missing_goods(
        customer_erp_id=sold_to.erp_id,
        today=now.astimezone(company_zone()).date(),
        filters=_filters(query),
        level=query.level,
        show=query.show,
        page=page,
        per_page=per_page,
    )
    return Report(
        query=query,
        rows=tuple(_named(sold_to, found.rows)),
        sums=found.sums,
        total=found.total,
        page=page,
        per_page=per_page,
        as_of=mirror.freshness("orders"),
    )


def _filters(query: ReportQuery) -> MissingFilters:
    return MissingFilters(
        item=query.item.strip(),
        order=query.order.strip(),
        reference=query.reference.strip(),
        ship_to=query.ship_to,
        placed_from=_midnight(query.placed_from) if query.placed_from else None,
        placed_to=_midnight(query.placed_to + dt.timedelta(days=1)) if query.placed_to else None,
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=company_zone())


def _named(sold_to: SoldTo, rows: Sequence[MissingRow]) -> Iterator[ReportRow]:
    words = words_of_items(row.sku for row in rows)
    ours = [row.web_reference for row in rows if row.web_reference]
    own = Order.objects.filter(sold_to=sold_to, reference__in=ours).values_list("reference", "channel")
    channels = dict(own) if ours else {}
    for row in rows:
        item = words.get(row.sku, UNKNOWN_ITEM)
        channel = channels.get(row.web_reference) or channel_of(row.channel_hint, row.web_reference)
        yield ReportRow(row, item.name or row.description or row.sku, item.unit(row.unit), channel)


# --- as a file ----------------------------------------------------------------------------------------------------


def export_columns(query: ReportQuery) -> list[Column]:
    """Return the columns of the file: those of an order, of an item, then the figures."""
    order = [
        Column(_("Order")), Column(_("Date"), 11), Column(_("Channel"), 11), Column(_("Your PO number"), 18),
        Column(_("Deliver to"), 30),
    ]  # fmt: skip
    item = [Column("SKU", 18), Column(_("Item"), 36), Column(_("Unit"), 10)]
    figures = [
        Column(_("Ordered"), 10), Column(_("Delivered"), 10), Column(_("Missing"), 10),
        Column(pgettext("goods", "Overdue"), 10), Column(_("Promised"), 11), Column(_("Promised now"), 11),
        Column(_("On time"), 9, "0.0%"),
    ]  # fmt: skip
    first = {"order": order, "item": item}.get(query.level, [*order, *item])
    return [*first, *figures]


def export_rows(*, sold_to: SoldTo, query: ReportQuery, now: dt.datetime) -> Iterator[list[Cell]]:
    """Yield the rows of the file, at most MOST_EXPORTED, read while they are sent; there are no prices in it."""
    rows = missing_rows(
        customer_erp_id=sold_to.erp_id,
        today=now.astimezone(company_zone()).date(),
        filters=_filters(query),
        level=query.level,
        show=query.show,
        most=MOST_EXPORTED,
    )
    while chunk := list(islice(rows, CHUNK)):
        for row in _named(sold_to, chunk):
            yield _cells(row, query.level)


def _cells(row: ReportRow, level: str) -> list[Cell]:
    one, sums = row.row, row.sums
    placed = one.placed_at.astimezone(company_zone()).date() if one.placed_at else None
    order: list[Cell] = [row.order_number, placed, row.channel, one.customer_reference, one.ship_to]
    item: list[Cell] = [one.sku, row.name, row.unit]
    figures: list[Cell] = [
        *(_plain(number) for number in (sums.ordered, sums.delivered, sums.missing, sums.overdue)),
        one.promised_on, one.expected_on, sums.on_time,
    ]  # fmt: skip
    first = {"order": order, "item": item}.get(level, [*order, *item])
    return [*first, *figures]


def _plain(number: Decimal) -> Decimal:
    """Return the number without the zeros that the database keeps behind the point."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
