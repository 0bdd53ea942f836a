"""Figures of single cells: a channel's share, visits and leads of a source, customers of a month some months later."""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from adoption.metrics.baskets import Basket, together
from adoption.metrics.facts import Period
from adoption.metrics.leads import LeadGroup
from adoption.metrics.period import month_of
from adoption.metrics.rounding import divided
from adoption.metrics.shares import share_of
from adoption.reports.figures import excluded
from adoption.reports.figures.figure import ACCOUNT, LEAD, MONEY, ORDER, SESSION, SHARE, Figure, Reading, of_share
from adoption.reports.numbers import Numbers
from adoption.reports.words import channel_word, source_word

CHANNELS = (
    "web_self", "punchout", "web_assisted", "edi", "phone", "email", "rep", "fax", "counter", "visit", "chat",
    "erp_other",
)  # fmt: skip
SOURCES = (
    "direct", "email", "organic_search", "paid_search", "social", "referral", "erp_link", "rep_link", "punchout",
    "unknown",
)  # fmt: skip
MONTHS = 12
_channel, _source = lazy(channel_word, str), lazy(source_word, str)
NOTHING, NOBODY = Basket(0, Decimal(0), Decimal(0), 0), LeadGroup((), Decimal(0))


def _share(channel: str) -> Figure:
    def read(numbers: Numbers, period: Period) -> Reading:
        baskets = numbers.baskets(period).channels
        own, every = baskets.get(channel, NOTHING), together(baskets.values())
        left_out = {excluded.NO_RATE: every.unconverted} if every.unconverted else {}
        return Reading(divided(own.value, every.value), own.value, every.value, own.rows, every.rows, left_out)

    return Figure(
        f"share_{channel}", "M11", format_lazy("{}: {}", _("Share of order value"), _channel(channel)),
        _("What was ordered this way, of all that was ordered in the period, by value."),
        _("order value of this way"), _("order value"),
        SHARE, ORDER, read, of_unit=MONEY, leaves_out=excluded.without_value,
    )  # fmt: skip


def _visits(source: str) -> Figure:
    def read(numbers: Numbers, period: Period) -> Reading:
        return of_share(numbers.conversion(period).by_source.get(source) or share_of((), ()))

    return Figure(
        f"visits_{source}", "M10", format_lazy("{}: {}", _("Visits with an order"), _source(source)),
        _("Of the buyers' visits of the period that came this way, how many led to a self-service order."),
        _("visits with an order"), _("visits"),
        SHARE, SESSION, read,
    )  # fmt: skip


def _leads(source: str) -> Figure:
    def read(numbers: Numbers, period: Period) -> Reading:
        own = numbers.leads(period).by_source.get(source, NOBODY)
        return Reading(own.per_lead, own.revenue, Decimal(len(own.leads)), own.leads, own.leads)

    return Figure(
        f"per_lead_{source}", "M25", format_lazy("{}: {}", _("Sales per lead"), _source(source)),
        _("What customers bought in the half year after they first wrote to us, for each such contact."),
        _("sales of converted leads"), _("leads"),
        MONEY, LEAD, read,
    )  # fmt: skip


def _later(months: int) -> Figure:
    def read(numbers: Numbers, period: Period) -> Reading:
        found = numbers.cohorts(month_of(period.first), months)
        back = found[0].back[months] if found else None
        return of_share(share_of((), ()) if back is None else share_of(back, found[0].accounts))

    return Figure(
        f"cohort_{months}", "M14", format_lazy("{} (+{})", _("Ordered online again"), months),
        _(
            "Of the customers whose first self-service order ever is of the first month of the period, how many have "
            "one so many months later."
        ),
        _("customers with a self-service order then"), _("customers who came online in that month"),
        SHARE, ACCOUNT, read,
    )  # fmt: skip


CELLS: tuple[Figure, ...] = (
    *map(_share, CHANNELS), *map(_visits, SOURCES), *map(_leads, SOURCES), *map(_later, range(MONTHS + 1)),
)  # fmt: skip
