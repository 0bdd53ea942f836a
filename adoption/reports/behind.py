"""The rows behind a figure: of which days they are shown, and the facts that tell them.

The figure itself comes from the sums. Its rows are read from the facts, and only those of the period, with what a
metric looks at before and after: each way below knows how far that is. Of accounts the sums know everything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import Count, Model, Q, Sum
from django.db.models.functions import TruncDate

from adoption import facts, finding, readers
from adoption.books.keeping import ACTIVITY, ENQUIRIES, LINES, ORDERS, PAID, RESPONSES, SALES, Family
from adoption.books.selectors import among, by_day
from adoption.books.sums import ALL, LineDay, OfDay, OrderDay, SalesDay
from adoption.metrics.conversion import linked_contacts
from adoption.metrics.facts import Book, Enquiry, Event, OrderRow, Period
from adoption.metrics.later import Later, LaterByKind
from adoption.quotes.models import QuoteFact
from adoption.reports import question
from adoption.reports.figures import ACCOUNT, ANSWER, ENQUIRY, INVOICE, LEAD, LINE, ORDER, QUOTE, SESSION, Figure
from adoption.reports.numbers import Numbers
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.by_accounts import ByAccounts
from adoption.reports.numbers.by_facts import ByFacts
from adoption.reports.numbers.by_sums import BySums
from adoption.reports.numbers.few import ONE_DAY, begin, book_of, day_of
from adoption.reports.sections.scene import Scene
from adoption.voice.models import Lead

# About so many rows are read, those of the latest days; the latest day that has any is read whole.
MOST = 2_000
# How many times further back is looked for talks on which others hang.
FURTHER = 4
# Rows by their day.
Days = Mapping[dt.date, int]
# The facts that a book is filled with, by its attributes.
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Behind:
    """Where the rows behind a figure are read.

    Attributes:
        period: The days that they are of: those asked for, or (`is_cut`) the latest of them.
    """

    numbers: Numbers
    period: Period
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How the rows of a kind of figure are found.

    Attributes:
        count: About how many there are on each day.
        facts: What tells those of some days.
    """

    count: Callable[[Asked, Period], Days]
    facts: Callable[[Asked, Period], Facts]


def behind(scene: Scene, figure: Figure) -> Behind:
    """Return where the rows behind a figure are read."""
    period = scene.question.period
    if not isinstance(scene.numbers, BySums):
        return Behind(scene.numbers, period)
    asked = scene.numbers.asked
    if figure.rows == ACCOUNT:
        return Behind(ByAccounts(asked), period)
    way = WAYS[figure.code, figure.rows]
    shown = latest(way.count(asked, period), period)
    whole = replace(as_able_in(scene.whole, period), **way.facts(asked, shown))
    book = question.narrowed(whole, scene.question)
    return Behind(ByFacts(book, book, whole), shown, is_cut=shown != period)


def latest(count: Days, period: Period) -> Period:
    """Return the latest days of a period that hold no more rows than can be shown; at least one day that has any.

    >>> january = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    >>> latest({dt.date(2026, 1, 20): MOST, dt.date(2026, 1, 10): 1}, january).first
    datetime.date(2026, 1, 11)
    """
    rows = 0
    for day in sorted((day for day in count if day in period), reverse=True):
        if rows and rows + count[day] > MOST:
            return Period(day + ONE_DAY, period.last)
        rows += count[day]
    return period


def as_able_in(book: Book, period: Period) -> Book:
    """Return the book with accounts that could buy online in the period able to on each of its days.

    Whose orders a rate counts is told by the whole period, also when the rows of some of its days are shown.
    """
    always = ((dt.date.min, None),)
    able = book.eligible(period)
    return replace(
        book, accounts={key: replace(one, enabled=always) if key in able else one for key, one in book.accounts.items()}
    )


# How many there are


def _sums(family: Family, *names: str, where: Mapping[str, str] | None = None) -> Callable[[Asked, Period], Days]:
    """Return how rows are counted by sums of days."""

    def count(asked: Asked, period: Period) -> Days:
        wanted = dict(where or {})
        if asked.channel and "channel" in family.keys:
            wanted["channel"] = asked.channel
        days = by_day(family, period, by=tuple(wanted), who=asked.who)
        none = dict.fromkeys(names, 0)
        found = {day: rows.get(tuple(wanted.values()), none) for day, rows in days.items()}
        return {day: sum(row[name] for name in names) for day, row in found.items()}

    return count


def _promises(asked: Asked, period: Period) -> Days:
    """Return how many lines were promised for each day."""
    found = dict[dt.date, int]()
    rows = LineDay.objects.filter(asked.where, promised_on__range=(period.first, period.last)).order_by()
    for sign, ids in asked.who.parts():
        own = rows.filter(Q(account_id=ALL) if ids is None else among(ids))
        for day, lines in own.values_list("promised_on").annotate(count=Sum("lines")):
            found[day] = found.get(day, 0) + sign * lines
    return found


def _own(asked: Asked, model: type[OfDay], period: Period, day: str = "day") -> Any:
    """Return the sums of accounts, those asked for, of some days."""
    wanted: dict[str, object] = {f"{day}__range": (period.first, period.last)}
    if asked.channel and any(one.name == "channel" for one in model._meta.fields):
        wanted["channel"] = asked.channel
    rows = model._default_manager.filter(**wanted).exclude(account_id=ALL)
    return rows if asked.ids is None else rows.filter(among(asked.ids))


def _rows(model: type[Model], at: str) -> Callable[[Asked, Period], Days]:
    """Return how rows are counted themselves: what is few."""

    def count(asked: Asked, period: Period) -> Days:
        rows = model._default_manager.filter(_during(asked, period, at)).order_by()
        if asked.ids is not None:
            rows = rows.filter(among(asked.ids))
        return dict(rows.values_list(TruncDate(at, tzinfo=asked.book.zone)).annotate(rows=Count("pk")))

    return count


# What tells them


def _instants(asked: Asked, period: Period) -> tuple[dt.datetime, dt.datetime]:
    return begin(asked, period.first), begin(asked, period.last + ONE_DAY)


def _during(asked: Asked, period: Period, at: str) -> Q:
    first, end = _instants(asked, period)
    return Q(**{f"{at}__gte": first, f"{at}__lt": end})


def _placed(
    asked: Asked, period: Period, *, of: type[OfDay] = OrderDay, where: Q, with_lines: bool = False, by: str = "day"
) -> list[OrderRow]:
    """Return the orders of the days on which sums say that accounts have some, with all their parts."""
    days = _own(asked, of, period, by).filter(where).values_list("account_id", "day").distinct()
    ids = facts.order_ids([day_of(asked, account, day) for account, day in days])
    return facts.order_rows(asked.book.as_of, ids=ids, with_lines=with_lines)


def _orders(asked: Asked, period: Period, *, with_lines: bool = False) -> Facts:
    """Return counted orders, when they were opened, and when their items were looked at."""
    rows = _placed(asked, period, where=Q(orders__gt=0), with_lines=with_lines)
    own = {"order_tracked": partial(_openings, asked, rows), "product_view": partial(_views, asked, rows)}
    return {"rows": rows, "events": LaterByKind(tuple(own), lambda kind: _about(asked, kind, own[kind]()))}


def _about(asked: Asked, kind: str, happened: Collection[finding.Happened]) -> list[Event]:
    return readers.events(asked.book.as_of, (kind,), Q(pk__in=finding.events_of_objects(kind, happened)))


def _openings(asked: Asked, rows: Sequence[OrderRow]) -> list[finding.Happened]:
    """Return each order by all of its names, from when it was placed until opening it is no tracking any more."""
    after = dt.timedelta(hours=24 * asked.book.settings.tracking_days)
    return [
        (name, account, since, until + after)
        for parts in _parts(rows)
        for account, since, until in [_span(parts)]
        for name in {one for row in parts for one in (row.key, row.order_id)}
    ]


def _views(asked: Asked, rows: Sequence[OrderRow]) -> list[finding.Happened]:
    """Return the items of each order from when looking at them was research until it was placed."""
    before = dt.timedelta(days=asked.book.settings.ropo_days)
    return [
        (sku, account, begin(asked, asked.book.day(since) - before), until)
        for parts in _parts(rows)
        for account, since, until in [_span(parts)]
        for sku in {line.sku for row in parts for line in row.lines if line.sku}
    ]


def _parts(rows: Sequence[OrderRow]) -> list[list[OrderRow]]:
    found: dict[str, list[OrderRow]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return list(found.values())


def _span(parts: Sequence[OrderRow]) -> tuple[str, dt.datetime, dt.datetime]:
    """Return whose an order is, and when its first and its last part were placed."""
    first = min(parts, key=lambda row: (row.placed_at, row.order_id))
    return first.account_id, first.placed_at, max(row.placed_at for row in parts)


def _demand(asked: Asked, period: Period) -> Facts:
    """Return what was wanted, cancelled orders too."""
    return {"rows": _placed(asked, period, of=SalesDay, where=Q(wanted__gt=0) | Q(unrated_orders__gt=0))}


def _goods(asked: Asked, period: Period) -> Facts:
    """Return the orders of the days with what was delivered of them, whenever."""
    return _delivered(_placed(asked, period, where=Q(orders__gt=0), with_lines=True))


def _promised(asked: Asked, period: Period) -> Facts:
    """Return the orders, whenever placed, of which something was promised for the days."""
    some = Q(lines__gt=0) | Q(due_orders__gt=0)
    return _delivered(_placed(asked, period, of=LineDay, where=some, with_lines=True, by="promised_on"))


def _delivered(rows: Sequence[OrderRow]) -> Facts:
    return {"rows": rows, "deliveries": readers.deliveries([row.order_id for row in rows])}


def _billed(asked: Asked, period: Period) -> Facts:
    """Return what was billed and credited."""
    days = _own(asked, SalesDay, period).filter(papers__gt=0).values_list("account_id", "day").distinct()
    return _documents(asked, finding.invoices_billed(list(days)))


def _paid(asked: Asked, period: Period) -> Facts:
    """Return the invoices that were fully paid with all that was ever paid for them."""
    first, end = _instants(asked, period)
    ids = finding.invoices_paid(period.first, period.last, begin=first, end=end, of=asked.ids)
    found = _documents(asked, ids)
    received = finding.payments_of([one.invoice_id for one in found["invoices"]])
    return found | {"payments": readers.payments(asked.book.zone, ids=received)}


def _documents(asked: Asked, ids: list[int]) -> Facts:
    """Return documents with the orders that they name: they have the channel, and tests among them count nowhere."""
    rows = facts.order_rows(asked.book.as_of, ids=finding.orders_of_invoices(ids))
    is_live = facts.company().as_of is None
    return {"rows": rows, "invoices": readers.invoices(asked.book.zone, rows, is_live=is_live, ids=ids)}


def _visits(asked: Asked, period: Period) -> Facts:
    """Return the visits that began with their orders; one that began before, and again in the period, is no new one."""
    as_of, begun = asked.book.as_of, ("session_start",)
    first, end = _instants(asked, period)
    found = facts.buyer_events(as_of, kinds=begun, since=first, until=end, of=asked.ids)
    sessions = {one.session_id for one in found} - {""}
    found += readers.events(as_of, begun, Q(session_id__in=sessions, occurred_at__lt=first))
    return {"events": found, "rows": facts.order_rows(as_of, ids=finding.orders_of_sessions(sessions))}


def _quotes(asked: Asked, period: Period) -> Facts:
    """Return the quotes that were asked for or decided with the orders that they became."""
    first, end = _instants(asked, period)
    found = facts.quotes(asked.book.as_of, since=first, until=end, of=asked.ids)
    return {
        "quotes": found,
        "rows": facts.order_rows(asked.book.as_of, ids=facts.orders_of_quotes(found)),
    }


def _talks(asked: Asked, period: Period) -> Facts:
    """Return sales talks, also earlier ones that may have taken the same orders, with the orders that followed."""
    window = back = dt.timedelta(days=asked.book.settings.contact_days + 1)
    while True:
        back *= FURTHER
        first = period.first - back
        talks = _asked_offline(asked, Period(first, period.last))
        found = {
            one: asked.book.day(one.occurred_at) for one in linked_contacts(book_of(asked, enquiries=talks), period)
        }
        if all(day >= first + window for day in found.values()):
            break
    spans = [(one.account_id, begin(asked, day), begin(asked, day + window)) for one, day in found.items()]
    return {"enquiries": list(found), "rows": facts.order_rows(asked.book.as_of, ids=facts.order_ids(spans))}


def _enquiries(asked: Asked, period: Period) -> Facts:
    return {"enquiries": _asked_offline(asked, period)}


def _asked_offline(asked: Asked, period: Period) -> list[Enquiry]:
    first, end = _instants(asked, period)
    return facts.enquiries(asked.book.as_of, since=first, until=end, of=asked.ids)


def _leads(asked: Asked, _period: Period) -> Facts:
    """Return everybody who ever got in touch: somebody who did before is no new lead."""
    return {"leads": Later(lambda: facts.leads(asked.book.as_of))}


def _answers(asked: Asked, period: Period) -> Facts:
    kinds = ("survey_prompted", "survey_answered")
    first, end = _instants(asked, period)
    return {"events": facts.buyer_events(asked.book.as_of, kinds=kinds, since=first, until=end, of=asked.ids)}


def _busiest(*counts: Callable[[Asked, Period], Days]) -> Callable[[Asked, Period], Days]:
    """Return the largest of several counts of a day."""

    def count(asked: Asked, period: Period) -> Days:
        found = [one(asked, period) for one in counts]
        return {day: max(one.get(day, 0) for one in found) for day in {day for one in found for day in one}}

    return count


_COUNTED = _sums(ORDERS, "orders")
ORDERED = Way(_COUNTED, _orders)
DUE = Way(_promises, _promised)
GOODS = Way(_busiest(_COUNTED, _sums(LINES, "lines")), _goods)
# By the metric and what its rows are.
WAYS: Mapping[tuple[str, str], Way] = {
    ("M1", ORDER): ORDERED,
    ("M3", ORDER): ORDERED,
    ("M4", INVOICE): Way(_sums(PAID, "paid"), _paid),
    ("M6", ENQUIRY): Way(_sums(ENQUIRIES, "service"), _enquiries),
    ("M10", ENQUIRY): Way(_sums(ENQUIRIES, "talks"), _talks),
    ("M10", SESSION): Way(_sums(ACTIVITY, "events", where={"kind": "session_start"}), _visits),
    ("M11", ORDER): ORDERED,
    ("M16", ORDER): ORDERED,
    ("M17", ORDER): ORDERED,
    ("M18", ORDER): ORDERED,
    ("M19", ANSWER): Way(_sums(RESPONSES, "times"), _answers),
    ("M20", INVOICE): Way(_sums(SALES, "papers"), _billed),
    ("M20", ORDER): Way(_sums(SALES, "wanted", "unrated_orders"), _demand),
    ("M23", LINE): DUE,
    ("M23", ORDER): DUE,
    ("M24", LINE): GOODS,
    ("M25", LEAD): Way(_rows(Lead, "created_at"), _leads),
    ("M26", QUOTE): Way(_busiest(_rows(QuoteFact, "requested_at"), _rows(QuoteFact, "decided_at")), _quotes),
    ("M28", ORDER): Way(_COUNTED, partial(_orders, with_lines=True)),
}
