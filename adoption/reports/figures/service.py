"""Figures of service: deliveries, quotes, enquiries, surveys, leads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.delivery import arrivals
from adoption.metrics.facts import Period
from adoption.metrics.quotes import answered_at, business_minutes
from adoption.metrics.surveys import Answers
from adoption.reports.blocks import Text
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import (
    ANSWER,
    ENQUIRY,
    LEAD,
    LINE,
    MINUTES,
    MONEY,
    NUMBER,
    ORDER,
    QUOTE,
    SHARE,
    Adds,
    Figure,
    Reading,
    of_share,
)
from adoption.reports.numbers import Numbers


def _on_time(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.delivery(period).otd)


def _in_full(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.delivery(period).otif)


def _missing(numbers: Numbers, period: Period) -> Reading:
    found = numbers.missing(period, 0)
    return Reading(found.total.missing, found.total.missing, found.total.ordered, found.rows, found.rows)


def _answer_time(numbers: Numbers, period: Period) -> Reading:
    found = numbers.quotes(period)
    answered = tuple(key for key in found.requested if key not in set(found.unanswered))
    return Reading(
        found.business.median, Decimal(len(answered)), Decimal(len(found.requested)), answered, found.requested
    )


def _in_time(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.quotes(period).sla_rate)


def _slowest(numbers: Numbers, period: Period) -> Reading:
    return replace(_answer_time(numbers, period), value=numbers.quotes(period).business.p90)


def _ordered(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.quotes(period).to_order)


def _won(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.quotes(period).won)


def _enquiries(numbers: Numbers, period: Period) -> Reading:
    found = numbers.enquiries(period)
    return Reading(found.per_100_orders, Decimal(found.enquiries), Decimal(found.orders), found.rows, found.rows)


def _satisfied(numbers: Numbers, period: Period) -> Reading:
    found = numbers.surveys(period)["csat"]
    return _answered(found, frozenset({"4", "5"}), found.share("4", "5"))


def _mean(numbers: Numbers, period: Period) -> Reading:
    found = numbers.surveys(period)["csat"]
    points = sum((Decimal(score) for score in found.scores), Decimal(0))
    return Reading(found.mean, points, Decimal(found.n), found.rows, found.rows, found.excluded)


def _recommended(numbers: Numbers, period: Period) -> Reading:
    found = numbers.surveys(period)["nps"]
    return _answered(found, frozenset({"9", "10"}), found.nps)


def _said(answer: str) -> Callable[[Numbers, Period], Reading]:
    def read(numbers: Numbers, period: Period) -> Reading:
        found = numbers.surveys(period)["exit"]
        return _answered(found, frozenset({answer}), found.share(answer))

    return read


def _exit(key: str, answer: str, title: Text) -> Figure:
    return Figure(
        key, "M19", title,
        _("Of the answers of people who left without an order, how many said so."),
        _("such answers"), _("answers"),
        SHARE, ANSWER, _said(answer),
    )  # fmt: skip


def _answered(found: Answers, wanted: Collection[str], value: Decimal | None) -> Reading:
    """Return the answers that are one of those, of all."""
    part = sum(score in wanted for score in found.scores)
    rows = tuple(row for row, score in zip(found.rows, found.scores, strict=False) if score in wanted)
    return Reading(value, Decimal(part), Decimal(found.n), rows, found.rows, found.excluded)


def _lead_revenue(numbers: Numbers, period: Period) -> Reading:
    found = numbers.leads(period).overall
    return Reading(found.per_lead, found.revenue, Decimal(len(found.leads)), found.leads, found.leads)


def _lacking(numbers: Numbers) -> Callable[[str], Decimal | None]:
    """Return how many pieces of a line (order id/line) have not arrived."""
    book = numbers.book
    arrived = book.indexed(arrivals)
    lines = ((row.order_id, line) for order in book.orders for row, line in order.goods)
    return {
        f"{order_id}/{line.line_no}": line.due
        - sum(pieces for _day, pieces in arrived.get((order_id, line.line_no), ()))
        for order_id, line in lines
    }.get


def _waited(numbers: Numbers) -> Callable[[str], Decimal | None]:
    """Return the business minutes to a quote's first answer; None without one."""
    book = numbers.book
    answered = {one.quote_id: one for one in book.quotes if answered_at(book, one) is not None}
    return lambda key: business_minutes(book, answered[key]) if key in answered else None


SERVICE: tuple[Figure, ...] = (
    Figure(
        "on_time", "M23", _("Lines delivered on time"),
        _(
            "Of all lines that were promised for a day of the period, how many had arrived in full by then. The "
            "promise is the first one, unless the customer asked for another day. What never arrived is late."
        ),
        _("lines on time"), _("lines promised"),
        SHARE, LINE, _on_time,
    ),
    Figure(
        "in_full", "M23", _("Orders on time and in full"),
        _("Of the orders whose last line was promised in the period, how many had every line on time."),
        _("orders on time and in full"), _("orders due"),
        SHARE, ORDER, _in_full,
    ),
    Figure(
        "missing", "M24", _("Pieces still missing"),
        _("Of what was ordered in the period, how many pieces have not arrived. Too much on one line fills no other."),
        _("pieces missing"), _("pieces ordered"),
        NUMBER, LINE, _missing,
        adds=Adds(NUMBER, _lacking),
    ),
    Figure(
        "answer_time", "M26", _("Quote answered in"),
        _("Half of the quotes got their first answer of a person within this many minutes of opening hours."),
        _("quotes answered"), _("quotes asked for"),
        MINUTES, QUOTE, _answer_time,
        adds=Adds(MINUTES, _waited),
    ),
    Figure(
        "quote_in_time", "M26", _("Quotes answered in time"),
        _("Of the quotes whose time is over or that have an answer, how many were answered in the time promised."),
        _("answered in time"), _("answered, or overdue"),
        SHARE, QUOTE, _in_time,
        adds=Adds(MINUTES, _waited), leaves_out=excluded.still_waiting,
    ),
    Figure(
        "quotes_won", "M26", _("Quotes won"),
        _("Of the quotes decided in the period, how many became an order. Withdrawn ones don't count."),
        _("won"), _("won, lost or expired"),
        SHARE, QUOTE, _won,
    ),
    Figure(
        "enquiries", "M6", _("Questions by phone, per 100 orders"),
        _("How often customers called, wrote or came for what the shop answers: order status, invoices, returns."),
        _("questions"), _("orders of all channels"),
        NUMBER, ENQUIRY, _enquiries,
    ),
    Figure(
        "satisfied", "M19", _("Satisfied after an order"),
        _("Of the answers after an order, how many gave 4 or 5 of 5."),
        _("answers of 4 or 5"), _("answers"),
        SHARE, ANSWER, _satisfied,
    ),
    Figure(
        "per_lead", "M25", _("Sales per lead"),
        _("What customers bought in the half year after they first wrote to us, for each such contact."),
        _("sales of converted leads"), _("leads"),
        MONEY, LEAD, _lead_revenue,
    ),
    Figure(
        "quote_p90", "M26", _("Nine of ten quotes answered in"),
        _("Nine of ten quotes got their first answer of a person within this many minutes of opening hours."),
        _("quotes answered"), _("quotes asked for"),
        MINUTES, QUOTE, _slowest, adds=Adds(MINUTES, _waited),
    ),
    Figure(
        "quote_to_order", "M26", _("Became an order within 90 days"),
        _("Of the quotes asked for in the period whose 90 days are over, how many became an order in that time."),
        _("quotes with an order"), _("quotes whose time is over"),
        SHARE, QUOTE, _ordered,
    ),
    Figure(
        "csat_mean", "M19", _("After an order: average of 5"),
        _("The mean of all answers after an order."),
        _("points"), _("answers"),
        NUMBER, ANSWER, _mean,
    ),
    Figure(
        "nps", "M19", _("Would recommend us (from 100 down to -100)"),
        _("The share of 9 and 10 less the share of 0 to 6, times 100. Rows: each answer."),
        _("answers of 9 or 10"), _("answers"),
        NUMBER, ANSWER, _recommended,
    ),
    _exit("found", "yes", _("Left without an order: found everything")),
    _exit("found_partly", "partly", _("Left without an order: found part of it")),
    _exit("found_nothing", "no", _("Left without an order: found nothing")),
)  # fmt: skip
