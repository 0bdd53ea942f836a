"""Whose book it is: zone, currency, calendars; of imported facts what they say, else the shop's settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min

from accounts.models import SoldTo
from adoption.books.models import CompanyBook
from adoption.metrics.facts import Calendar
from adoption.plans.models import Holiday, OpeningInterval
from erp_sync.mirror.models import Order

Spans = dict[int, list[tuple[dt.time, dt.time]]]


@dataclass(frozen=True, slots=True)
class Company:
    """Whose book it is. `as_of` None = live: facts keep coming in. `span`: the days that imported files are of."""

    timezone: str
    currency: str
    calendar: str
    as_of: dt.datetime | None = None
    span: Mapping[str, str] = field(default_factory=dict, hash=False)

    def instant(self, now: dt.datetime) -> dt.datetime:
        """Return up to when its facts are known: now, or when the imported ones end."""
        return now if self.as_of is None else self.as_of

    def day(self, instant: dt.datetime) -> dt.date:
        """Return its date of an instant."""
        return instant.astimezone(ZoneInfo(self.timezone)).date()


def company() -> Company:
    """Return whose book it is: of imported facts what they say (meta.json), else the shop's settings."""
    row = CompanyBook.objects.first()
    if row is not None:
        return Company(row.timezone, row.currency, row.calendar, row.as_of, row.span)
    return Company(settings.COMPANY_TZ, settings.COMPANY_CURRENCY, settings.COMPANY_CALENDAR)


def calendars(own: Company, as_of: dt.datetime) -> dict[str, Calendar]:
    """Return opening hours and holidays by calendar code.

    A live shop that was told nothing has the hours of its settings and the public holidays of the country; imported
    facts bring their own calendars, and a code without rows falls back to the company's (M18).
    """
    known = _entered()
    if own.as_of is not None:
        return known
    codes = {*SoldTo.objects.order_by().values_list("calendar", flat=True).distinct(), own.calendar}
    first = Order.objects.aggregate(first=Min("placed_at"))["first"] or as_of
    return known | {code: _default(code, known.get(code), first.year, as_of.year) for code in codes if code}


def _entered() -> dict[str, Calendar]:
    """Return what somebody entered or imported."""
    hours: dict[str, Spans] = {}
    rows = OpeningInterval.objects.order_by("opens").values_list("calendar", "weekday", "opens", "closes")
    for code, weekday, opens, closes in rows:
        hours.setdefault(code, {}).setdefault(weekday, []).append((opens, closes))
    closed: dict[str, set[dt.date]] = {}
    for code, day in Holiday.objects.values_list("calendar", "day"):
        closed.setdefault(code, set()).add(day)
    return {
        code: Calendar(
            {day: tuple(spans) for day, spans in hours.get(code, {}).items()}, frozenset(closed.get(code, ()))
        )
        for code in {*hours, *closed}
    }


def _default(code: str, known: Calendar | None, first: int, last: int) -> Calendar:
    """Fill in what nobody entered: the shop's hours, the country's public holidays (none for an unknown code)."""
    hours = {
        day: tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in spans)
        for day, spans in settings.OPENING_HOURS.items()
    }
    if known is not None and known.holidays:
        return Calendar(known.intervals or hours, known.holidays)
    import holidays  # 9 MiB, which no web worker needs before somebody opens a report

    is_country = code in holidays.list_supported_countries()
    days = frozenset(holidays.country_holidays(code, years=range(first - 1, last + 2))) if is_country else frozenset()
    return Calendar(known.intervals if known and known.intervals else hours, days)
