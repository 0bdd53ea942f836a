"""Figures of service: deliveries, quotes, enquiries, surveys, leads."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Period
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


def _won(numbers: Numbers, period: Period) -> Reading:
    return of_share(numbers.quotes(period).won)


def _enquiries(numbers: Numbers, period: Period) -> Reading:
    found = numbers.enquiries(period)
    return Reading(
        found.per_100_orders, Decimal(len(found.enquiries)), Decimal(found.orders), found.enquiries, found.enquiries
    )


def _satisfied(numbers: Numbers, period: Period) -> Reading:
    found = numbers.surveys(period)["csat"]
    satisfied = sum(score in {"4", "5"} for score in found.scores)
    return Reading(found.share("4", "5"), Decimal(satisfied), Decimal(found.n), found.rows, found.rows, found.excluded)


def _lead_revenue(numbers: Numbers, period: Period) -> Reading:
    found = numbers.leads(period).overall
    return Reading(found.per_lead, found.revenue, Decimal(len(found.leads)), found.leads, found.leads)


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
    ),
    Figure(
        "answer_time", "M26", _("Quote answered in"),
        _("Half of the quotes got their first answer of a person within this many minutes of opening hours."),
        _("quotes answered"), _("quotes asked for"),
        MINUTES, QUOTE, _answer_time,
    ),
    Figure(
        "quote_in_time", "M26", _("Quotes answered in time"),
        _("Of the quotes whose time is over or that have an answer, how many were answered in the time promised."),
        _("answered in time"), _("answered, or overdue"),
        SHARE, QUOTE, _in_time,
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
)  # fmt: skip
