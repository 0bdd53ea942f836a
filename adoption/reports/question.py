"""What a report's address asks: period, comparison, filters, and whether excluded customers count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Account, Book, Invoice, Period
from adoption.metrics.later import Later, kept
from adoption.reports import periods

BEFORE, LAST_YEAR = "before", "year"
COMPARISONS: tuple[tuple[str, str | Promise], ...] = (
    (BEFORE, _("the period before")),
    (LAST_YEAR, _("the same days a year ago")),
)
STRATEGIC, OTHERS = "strategic", "others"
SEGMENTS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("all customers")),
    (STRATEGIC, _("strategic accounts")),
    (OTHERS, _("all but strategic")),
)
MOST_SIGNS = 64


@dataclass(frozen=True, slots=True)
class Question:
    """A report as it was asked for.

    Attributes:
        beside: The period that it is compared with.
        everyone: Customers that can't buy online are counted too: shows what the exclusions do.
        channel, region, rep, segment, account: "" = all. Region is the account's, else its country.
    """

    chosen: periods.Chosen
    beside: Period
    compare: str = BEFORE
    channel: str = ""
    region: str = ""
    rep: str = ""
    segment: str = ""
    account: str = ""
    everyone: bool = False

    @property
    def period(self) -> Period:
        """The chosen period."""
        return self.chosen.period

    @property
    def is_narrow(self) -> bool:
        """Something is left out on purpose."""
        return bool(self.channel or self.region or self.rep or self.segment or self.account)

    def address(self, **changed: str) -> str:
        """Return the question as the query of an address, with some of it changed ("" takes a part out)."""
        asked = {
            "period": self.chosen.key,
            "first": self.period.first.isoformat() if self.chosen.key == "custom" else "",
            "last": self.period.last.isoformat() if self.chosen.key == "custom" else "",
            "compare": self.compare if self.compare != BEFORE else "",
            "channel": self.channel,
            "region": self.region,
            "rep": self.rep,
            "segment": self.segment,
            "account": self.account,
            "everyone": "1" if self.everyone else "",
        }
        return urlencode({name: value for name, value in {**asked, **changed}.items() if value})


def asked(data: Mapping[str, str], *, today: dt.date) -> Question:
    """Return what an address asks for; what can't be read is left out, an unreadable period says so."""
    chosen = periods.chosen(
        key=data.get("period", "quarter")[:20],
        first=data.get("first", "")[:10],
        last=data.get("last", "")[:10],
        today=today,
    )
    compare = LAST_YEAR if data.get("compare") == LAST_YEAR else BEFORE
    beside = a_year_before(chosen.period) if compare == LAST_YEAR else chosen.previous
    return Question(
        chosen=chosen,
        beside=as_far(beside, chosen.period, today) if chosen.is_partial else beside,
        compare=compare,
        channel=_word(data, "channel"),
        region=_word(data, "region"),
        rep=_word(data, "rep"),
        segment=_word(data, "segment"),
        account=_word(data, "account"),
        everyone=data.get("everyone") == "1",
    )


def _word(data: Mapping[str, str], name: str) -> str:
    return data.get(name, "").replace("\x00", "")[:MOST_SIGNS]


def as_far(beside: Period, period: Period, today: dt.date) -> Period:
    """Return as many days of the other period as are over of this one, at least one: half a quarter beside half.

    >>> october = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
    >>> as_far(Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30)), october, dt.date(2026, 10, 8)).last
    datetime.date(2026, 9, 7)
    """
    over = max((today - period.first).days, 1)
    return Period(beside.first, min(beside.last, beside.first + dt.timedelta(days=over - 1)))


def a_year_before(period: Period) -> Period:
    """Return the same days of the year before; 29 February becomes the 28th.

    >>> a_year_before(Period(dt.date(2024, 2, 1), dt.date(2024, 2, 29))).last
    datetime.date(2023, 2, 28)
    """
    return Period(_year_before(period.first), _year_before(period.last))


def _year_before(day: dt.date) -> dt.date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def region_of(account: Account) -> str:
    """Return where an account belongs."""
    return account.region or account.country


def narrowed(book: Book, question: Question) -> Book:
    """Return the book of those accounts, and of that channel, that the question asks for."""
    if question.everyone:
        book = always_enabled(book)
    if not question.is_narrow:
        return book
    asked_for = {key: one for key, one in book.accounts.items() if _is_asked_for(one, question)}
    return replace(
        book,
        accounts=asked_for,
        rows=kept(book.rows, lambda one: one.account_id in asked_for and question.channel in {"", one.channel}),
        events=kept(book.events, lambda one: one.account_id in asked_for),
        invoices=Later(
            lambda: [_of_channel(book, one, question.channel) for one in book.invoices if one.account_id in asked_for]
        ),
        quotes=kept(book.quotes, lambda one: one.account_id in asked_for),
        enquiries=kept(book.enquiries, lambda one: one.account_id in asked_for),
        leads=kept(book.leads, lambda one: not one.account_id or one.account_id in asked_for),
        wider=book,
    )


def _of_channel(book: Book, document: Invoice, channel: str) -> Invoice:
    """Return a document with the lines of one channel's orders only; "" = all."""
    if not channel:
        return document
    lines = (one for one in document.lines if book.channel_of(one.order_id or document.order_id) == channel)
    return replace(document, lines=tuple(lines))


def always_enabled(book: Book) -> Book:
    """Return the book with every account able to buy online all the time."""
    ever = ((dt.date.min, None),)
    return replace(book, accounts={key: replace(one, enabled=ever) for key, one in book.accounts.items()})


def _is_asked_for(account: Account, question: Question) -> bool:
    return (
        question.region in {"", region_of(account)}
        and question.rep in {"", account.rep_user_id}
        and question.segment in {"", account.segment, STRATEGIC if account.is_strategic else OTHERS}
        and question.account in {"", account.account_id}
    )
