"""Figures of service: M6, M19, M23 to M26. Goods from sums, answers are counted; quotes and leads are few and read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.db.models import Q

from adoption import facts
from adoption.books import answers, lookups, selectors
from adoption.books.answers import Told
from adoption.books.keeping import ENQUIRIES, LINES, QUOTES, RESPONSES
from adoption.books.selectors import Numbers
from adoption.metrics.delivery import DeliveryReport, Missing, Pieces
from adoption.metrics.facts import Period
from adoption.metrics.leads import Leads, Sold, bought_since, counts_until, worth
from adoption.metrics.leads import leads as leads_of
from adoption.metrics.quotes import Quotes
from adoption.metrics.quotes import quotes as quotes_of
from adoption.metrics.rows import Lead
from adoption.metrics.service import OfflineEnquiries
from adoption.metrics.surveys import VALID, Answers, score_of
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.few import (
    ONE_DAY,
    begin,
    book_of,
    day_of,
    kept,
    narrowed,
    orders_of,
)
from adoption.reports.numbers.ordered import share


def enquiries(asked: Asked, period: Period) -> OfflineEnquiries:
    """Return M6."""
    count = sum(row["service"] for row in asked.added(ENQUIRIES, period, by=("medium",)).values())
    return OfflineEnquiries(count, _orders(asked, period))


def _orders(asked: Asked, period: Period) -> int:
    return sum(row["orders"] for row in asked.ordered(period).values())


def surveys(asked: Asked, period: Period) -> dict[str, Answers]:
    """Return M19; of answers only how many they are."""
    return asked.once(("surveys", period), lambda: _surveys(asked, period))


def _surveys(asked: Asked, period: Period) -> dict[str, Answers]:
    sums = asked.added(RESPONSES, period, by=("survey", "score"))
    told = answers.again(period, who=asked.who) + [
        Told(survey, score if row["people"] else None, row["people"], row["times"], row["asked"])
        for (survey, score), row in sorted(sums.items())
    ]
    return {survey: _answers(survey, [one for one in told if one.survey == survey]) for survey in VALID}


def _answers(survey: str, told: Sequence[Told]) -> Answers:
    given = [(score_of(one.score), one) for one in told if one.score is not None]
    kept = [(score, one.people) for score, one in given if score in VALID[survey]]
    people = sum(one.people for _score, one in given)
    reasons = {
        "changed later": sum(one.times for _score, one in given) - people,
        "no such answer": people - sum(count for _score, count in kept),
    }
    return Answers(
        scores=tuple(score for score, count in kept for _one in range(count)),
        prompted=sum(one.asked for one in told),
        excluded={reason: count for reason, count in reasons.items() if count},
    )


def delivery(asked: Asked, period: Period) -> DeliveryReport:
    """Return M23."""
    found = selectors.promised(period.until(asked.book.today), who=asked.who, where=asked.where)
    return DeliveryReport(share(found["on_time"], found["lines"]), share(found["in_full"], found["due_orders"]))


def missing(asked: Asked, period: Period, most: int) -> Missing:
    """Return M24; of accounts, those that wait for most."""
    today = asked.book.today
    total = asked.total(LINES, period)
    late = selectors.overdue(period, today, who=asked.who, where=asked.where)
    waiting = selectors.waiting(period, today, most=most, who=asked.who, where=asked.where) if most else {}
    return Missing({account: _pieces(row) for account, row in waiting.items()}, _pieces({**total, "overdue": late}), ())


def _pieces(row: Numbers) -> Pieces:
    return Pieces(row["ordered"], row["delivered"], row["missing"], row["surplus"], row["overdue"])


def leads(asked: Asked, period: Period) -> Leads:
    """Return M25."""
    found = [one for one in facts.leads(asked.book.as_of) if not one.account_id or kept(asked, one.account_id)]
    return leads_of(book_of(asked, leads=found), period, sold=partial(_sold, asked))


def _sold(asked: Asked, leads: Sequence[Lead]) -> Sold:
    """Return what the accounts of leads bought since: order by order on the first and last day, by sums between."""
    day = asked.book.day
    spans = {one.lead_id: (day(one.created_at), day(counts_until(asked.book, one))) for one in leads}
    edges = {(one.account_id, edge) for one in leads for edge in spans[one.lead_id]}
    rows = orders_of(asked, [day_of(asked, *edge) for edge in edges])
    book = book_of(asked, rows=narrowed(asked, rows))
    between = {one.lead_id: (one.account_id, *_between(*spans[one.lead_id])) for one in leads}
    sums = lookups.sold(between.values(), channel=asked.channel)
    found = {}
    for one in leads:
        on_edges = [order for order in bought_since(book, one) if order.placed_on in spans[one.lead_id]]
        value, unrated = worth(on_edges)
        more, lost = sums.get(between[one.lead_id], (Decimal(0), 0))
        found[one.lead_id] = (value + more, unrated + lost)
    return found


def _between(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day between two days; the last is before the first when there is none."""
    return first + ONE_DAY, last - ONE_DAY


def quotes(asked: Asked, period: Period) -> Quotes:
    """Return M26."""
    return asked.once(("quotes", period), lambda: _quotes(asked, period))


def _quotes(asked: Asked, period: Period) -> Quotes:
    first, last = begin(asked, period.first), begin(asked, period.last + ONE_DAY)
    known = [one for one in facts.quotes(asked.book.as_of, since=first, until=last) if kept(asked, one.account_id)]
    found = quotes_of(book_of(asked, quotes=known), period)
    return replace(found, to_order=replace(found.to_order, part=Decimal(_ordered(asked, period))))


def _ordered(asked: Asked, period: Period) -> int:
    """Return how many of the period's quotes an order followed in time, of those whose time is over."""
    over = period.until(asked.book.today - dt.timedelta(days=asked.book.settings.quote_to_order_days))
    found: int = selectors.total(QUOTES, over, who=asked.who, where=Q(channel=asked.channel))["ordered"]
    return found
