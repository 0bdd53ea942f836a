"""Reads one customer for his rep: what waits, what he orders, what is missing, what he stopped ordering."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts import needs
from accounts.models import SoldTo, User
from accounts.needs import Need, Standing
from accounts.selectors import company_day, customer_of_rep
from erp_sync.mirror import missing
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.habits import Habit, habits, ordered_elsewhere
from erp_sync.mirror.models import Invoice, Item, Order
from erp_sync.records import channel_of
from shop.catalogue.listing import item_url
from shop.catalogue.selectors import is_on_sale
from shop.catalogue.texts import item_words
from shop.quotes.models import Quote
from shop.quotes.states import OPEN

LOOKED_BACK = dt.timedelta(days=730)
A_YEAR = dt.timedelta(days=365)
# Whoever is later than twice his usual time has stopped; within two months nobody has.
TIMES_LATE = 2
PATIENCE = dt.timedelta(days=60)
SHOWN = 10


@dataclass(frozen=True, slots=True)
class SheetItem:
    """An item on the sheet; `url` is "" when the shop does not sell it (any more)."""

    sku: str
    name: str
    url: str
    unit: str


@dataclass(frozen=True, slots=True)
class Usual:
    """What he orders; `every_days` is the usual time between two orders, None without a habit."""

    item: SheetItem
    times: int
    last_at: dt.datetime
    quantity: Decimal
    channel: str
    every_days: int | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """What `buyers` of `alike` similar customers order and he does not."""

    item: SheetItem
    buyers: int
    alike: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Goods that are still to come."""

    order: str
    item: SheetItem
    missing: Decimal
    promised_on: dt.date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One customer on one sheet."""

    company: SoldTo
    needs: tuple[Need, ...]
    standing: Standing | None
    orders: tuple[tuple[Order, str], ...]
    quotes: tuple[Quote, ...]
    overdue: tuple[Invoice, ...]
    gaps: tuple[Gap, ...]
    usual: tuple[Usual, ...]
    stopped: tuple[Usual, ...]
    suggested: tuple[Suggested, ...]


def visit_sheet(*, rep: User, number: str, now: dt.datetime) -> Sheet:
    """Return the sheet of one of the rep's customers, in a fixed number of queries.

    Raises:
        Http404: there is no such customer, or it is not his: both look the same.
    """
    on = company_day(now)
    company = customer_of_rep(rep=rep, number=number, on=on)
    told = needs.ask([company], rep=rep, now=now)
    known = habits(customer_erp_id=company.erp_id, since=now - LOOKED_BACK)
    current = [one for one in known if not _has_stopped(one, now) and one.last_at >= now - A_YEAR][:SHOWN]
    stopped = sorted((one for one in known if _has_stopped(one, now)), key=lambda one: (-one.times, one.sku))[:SHOWN]
    others = ordered_elsewhere(customer_erp_id=company.erp_id, since=now - A_YEAR)
    late = missing.MissingFilters()
    gaps = list(missing.missing_rows(customer_erp_id=company.erp_id, today=on, filters=late, most=SHOWN))
    skus = [*(one.sku for one in (*current, *stopped)), *(one.sku for one in others), *(one.sku for one in gaps)]
    items = mirror.items_by_sku(skus) if skus else {}
    on_sale = {sku for sku, item in items.items() if is_on_sale(item)}
    return Sheet(
        company=company,
        needs=tuple(told.needs.get(company.pk, ())),
        standing=told.standings.get(company.pk),
        orders=_latest_orders(company),
        quotes=tuple(Quote.objects.filter(sold_to=company, state__in=OPEN).order_by("answer_by_at", "pk")[:SHOWN]),
        overdue=_overdue(company, on),
        gaps=tuple(_gap(one, items, on) for one in gaps),
        usual=tuple(_usual(one, items) for one in current),
        stopped=tuple(_usual(one, items) for one in stopped),
        suggested=tuple(
            Suggested(_item(one.sku, one.description, items), one.buyers, one.alike)
            for one in others
            if one.sku in on_sale
        )[:SHOWN],
    )


def _has_stopped(habit: Habit, now: dt.datetime) -> bool:
    if habit.every is None:
        return False
    return now - habit.last_at > max(TIMES_LATE * habit.every, PATIENCE)


def _usual(habit: Habit, items: dict[str, Item]) -> Usual:
    return Usual(
        item=_item(habit.sku, habit.description, items, habit.unit),
        times=habit.times,
        last_at=habit.last_at,
        quantity=habit.quantity,
        channel=channel_of(habit.channel),
        every_days=max(round(habit.every / dt.timedelta(days=1)), 1) if habit.every else None,
    )


def _item(sku: str, description: str, items: dict[str, Item], unit: str = "") -> SheetItem:
    item = items.get(sku)
    if item is None:
        return SheetItem(sku, description or sku, "", unit)
    words = item_words(item)
    return SheetItem(sku, words.name, item_url(sku) if is_on_sale(item) else "", words.unit(unit))


def _latest_orders(company: SoldTo) -> tuple[tuple[Order, str], ...]:
    placed = Order.objects.filter(customer_erp_id=company.erp_id, is_return=False, gone_at=None)
    latest = placed.exclude(status__in=["draft", "quotation", "cancelled"]).order_by("-placed_at", "-pk")[:5]
    return tuple((order, order.channel) for order in latest)


def _overdue(company: SoldTo, on: dt.date) -> tuple[Invoice, ...]:
    late = Invoice.objects.filter(
        customer_erp_id=company.erp_id, kind="invoice", state="open", due_on__lt=on, amount_due__gt=0
    )
    return tuple(late.order_by("due_on", "pk")[:SHOWN])


def _gap(row: missing.MissingRow, items: dict[str, Item], on: dt.date) -> Gap:
    return Gap(
        order=row.number or row.web_reference,
        item=_item(row.sku, row.description, items, row.unit),
        missing=row.sums.missing,
        promised_on=row.promised_on,
        is_late=row.promised_on is not None and row.promised_on < on,
    )
