"""Keeps the sums: of one day, of many, of all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min

from adoption.books import anew, enquiries, keeping, laying, quotes, responses, sql, states
from adoption.books.keeping import Family
from adoption.books.laying import FRESH, Given
from adoption.books.models import DayBook, RollupRun
from adoption.books.sums import ALL, BETWEEN, AccountState, ActivityMonth
from adoption.books.touched import Stale, of_family, parts, touched_days, whole
from adoption.company import Company, calendars, company
from adoption.definitions.selectors import current
from adoption.events.channels import decide_new
from adoption.events.models import Event
from adoption.facts import KINDS, are_many
from adoption.metrics.facts import Calendar, Period, Settings
from adoption.metrics.period import month_of, months_after
from adoption.plans.models import ExchangeRate
from adoption.voice.models import Enquiry
from erp_sync.mirror.models import Order

# Beside what the metrics ask for: activity that stays as sums when the events go. Views of items are too many for that.
ACTIVITY = (*KINDS, "search", "cart_add", "order_submitted", "invoice_viewed")
# One run at a time; any number that nobody else locks.
LOCK = 7_310_052
ONE_DAY = dt.timedelta(days=1)
KEPT_RUNS = 60
# How old sums may be on a page, and how many days are made anew while somebody waits: where facts are few, and where
# they are many.
NEW, SOON = dt.timedelta(seconds=2), dt.timedelta(seconds=60)
SEVERAL_DAYS, FEW_DAYS = 31, 3
# What a step over a month, or over years, may hold instead of writing it to the disk.
MONTH_MEMORY, ALL_MEMORY = "64MB", "128MB"
# Facts that are summed at once when all sums are made anew.
AT_ONCE = 3_000_000
STATES = AccountState._meta.db_table
TABLES = list(dict.fromkeys(name for family in keeping.FAMILIES for name in (family.days, family.months) if name))
# Raw events of younger months are never deleted (retention.py).
LEAST_KEPT_MONTHS = 13


@dataclass(frozen=True, slots=True)
class Frame:
    """What every statement needs to know.

    Attributes:
        as_of: Facts at or after it are ignored.
    """

    company: Company
    settings: Settings
    as_of: dt.datetime

    @classmethod
    def at(cls, now: dt.datetime, settings: Settings | None = None) -> Frame:
        """Return the frame of this moment, or of the imported book's."""
        own = company()
        return cls(own, settings or current(), own.instant(now))

    @property
    def today(self) -> dt.date:
        """The company's date of `as_of`."""
        return self.company.day(self.as_of)

    def parameters(self, period: Period, accounts: Collection[str] | None = None) -> dict[str, Any]:
        """Return the statement's parameters for these days, of some accounts or of all."""
        zone = ZoneInfo(self.company.timezone)
        return {
            "first": period.first,
            "last": period.last,
            "begin": _start(period.first, zone),
            "end": _start(period.last + ONE_DAY, zone),
            "accounts": None if accounts is None else sorted(accounts),
            "as_of": self.as_of,
            "today": self.today,
            "zone": self.company.timezone,
            "currency": self.company.currency,
            "calendar": self.company.calendar,
            "is_live": self.company.as_of is None,
            "online": sorted(self.settings.online),
            "neutral": sorted(self.settings.neutral),
            "tracking_days": self.settings.tracking_days,
            "ropo_days": self.settings.ropo_days,
            "tolerance_days": self.settings.delivery_tolerance_days,
            "search_window_s": self.settings.search_window_s,
            "kinds": list(ACTIVITY),
        }


def _start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return a day's first instant; where the clock jumps over midnight, the instant of the jump."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)


def refresh(*, frame: Frame, days: Iterable[dt.date], known: Mapping[str, Calendar] | None = None) -> set[str]:
    """Bring the sums of these days and of their months up to date; return whose differed.

    Rows that say what the facts say are not written. One at a time: whoever comes second waits and finds nothing to do.

    Args:
        frame: What counts.
        days: `Stale` says what changed on each day and whose it is: nothing else is looked at then.
        known: Calendars, when somebody read them already.
    """
    stale, changed = days if isinstance(days, dict) else whole(days), set[str]()
    if not stale:
        return changed
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if len(stale) > FEW_DAYS:
            cursor.execute(f"SET LOCAL work_mem = '{MONTH_MEMORY}'")
        known = calendars(frame.company, frame.as_of) if known is None else known
        listed, talks = laying.listed(known), of_family(stale, keeping.ENQUIRIES)
        for period, wanted in parts(frame, stale):
            own = {one: wanted[one] for one in families(frame, period, wanted)}
            found = _merge(cursor, frame, own, listed)
            ordered, asked = found.get(keeping.ORDERS, set()) - {ALL}, talks.get(period.first, set())
            if ordered:
                talks[period.first] = None if asked is None else asked | ordered
            changed = changed.union(*found.values())
        for voice, days_of in ((enquiries, talks), (quotes, of_family(stale, keeping.QUOTES))):
            if days_of and (spoke := voice.refresh(cursor, frame, days_of) - {ALL}):
                states.enrol(cursor, spoke)
                changed |= spoke
    return changed - {ALL}


def _merge(cursor: CursorWrapper, frame: Frame, wanted: dict[Family, Given], listed: Given) -> dict[Family, set[str]]:
    """Bring families up to date, and what is made of their days; return whose rows differed."""
    laying.lay(cursor, wanted, listed)
    found = {family: keeping.merge(cursor, family, FRESH[family], given) for family, given in wanted.items()}
    for family in filter(found.get, LISTED):
        _say_who(cursor, family, Period(wanted[family]["first"], wanted[family]["last"]))
    # Whoever was only asked something has no other sums.
    if found.pop(keeping.ANSWERS, None):
        responses.refresh(cursor, wanted[keeping.ANSWERS])
    if accounts := set[str]().union(*found.values()) - {ALL}:
        states.enrol(cursor, accounts)
    if given := wanted.get(keeping.ORDERS):
        _renew_debuts(cursor, frame, given, listed)
    if found.get(keeping.LOGINS):
        states.renew_first_logins(cursor, wanted[keeping.LOGINS])
    return found


def _renew_debuts(cursor: CursorWrapper, frame: Frame, given: Given, listed: Given) -> None:
    """Note who ordered for the first time on the days, and, when that is gone, on which other day now."""
    for day, accounts in sorted(states.renew_debuts(cursor, given).items()):
        other = frame.parameters(Period(day, day), accounts)
        laying.bring_orders(cursor, other, listed, counted=other)
        states.renew_debuts(cursor, other)


LISTED = [family for family in keeping.FAMILIES if family.who]
OF_EVENTS = (keeping.SOURCES, keeping.ACTIVITY, keeping.SESSIONS, keeping.SEARCHES, keeping.LOGINS, keeping.ANSWERS)


def families(frame: Frame, period: Period, asked: Collection[Family] = tuple(FRESH)) -> list[Family]:
    """Return what can be summed of the days: when their events were forgotten, only what isn't made of events."""
    own = [family for family in FRESH if family in asked]
    of_events = any(family in OF_EVENTS for family in own)
    forgotten = of_events and is_forgotten(frame, period.first.replace(day=1))
    return [family for family in own if not (forgotten and family in OF_EVENTS)]


def _say_who(cursor: CursorWrapper, family: Family, period: Period) -> None:
    key, number = family.who or ("", "")
    months = Period(period.first.replace(day=1), period.last)
    for table, span, part in ((family.days, "day", period), (family.months, "month", months)):
        statement = sql.WHO.format(
            table=table, span=span, key=key, number=number, only=family.only, every=ALL, between=BETWEEN
        )
        cursor.execute(statement, {"from": part.first, "to": part.last})


def is_forgotten(frame: Frame, month: dt.date) -> bool:
    """Whether a month's raw events were deleted after the agreed time: then its sums are all that is left."""
    if frame.company.as_of is not None or month > months_after(frame.today.replace(day=1), -LEAST_KEPT_MONTHS):
        return False
    given = frame.parameters(month_of(month))
    raw = Event.objects.filter(occurred_at__gte=given["begin"], occurred_at__lt=given["end"]).exclude(user_id="")
    return not raw.exists() and ActivityMonth.objects.filter(month=month).exists()


def rebuild(*, frame: Frame, now: dt.datetime, say: Callable[[str], None] = lambda _text: None) -> int:
    """Make all sums anew beside those in use, which pages read until the end; return how many days."""
    decide_new(now=frame.as_of)
    span, last, forgotten = first_and_last(frame), last_facts(), _forgotten_months(frame)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f"SET LOCAL work_mem = '{ALL_MEMORY}'")
        listed = laying.listed(calendars(frame.company, frame.as_of))
        with anew.beside(cursor, (*TABLES, STATES)) as copies:
            for table in (keeping.ACTIVITY.months, keeping.SOURCES.months, keeping.RESPONSES.months):
                copies.keep(table, "month", forgotten)
            cursor.execute(states.DEBUTS)
            for period in _stretches(span, forgotten, last.event) if span else ():
                _fill(cursor, frame, period, listed)
                say(f"{period.first} to {period.last}")
            _finish(cursor, frame, copies, span)
    anew.settle((*TABLES, STATES))
    remember(frame, now, [], last)
    return 0 if span is None else len(list(span))


def _fill(cursor: CursorWrapper, frame: Frame, period: Period, listed: Given) -> None:
    """Write the sums of some months into empty tables."""
    wanted = {family: frame.parameters(period) for family in families(frame, period)}
    laying.lay(cursor, wanted, listed, many=True)
    for family, given in wanted.items():
        keeping.fill(cursor, family, sql.for_many(FRESH[family]), given)
    cursor.execute(states.MORE_DEBUTS)


def _finish(cursor: CursorWrapper, frame: Frame, copies: anew.Beside, span: Period | None) -> None:
    """Build the indexes of the full tables; say who ordered, and what is known of each account."""
    copies.index(TABLES)
    if span is not None:
        for family in LISTED:
            _say_who(cursor, family, span)
        responses.make(cursor, frame.parameters(span))
    for voice in (enquiries, quotes):
        voice.make(cursor, frame)
    states.make(cursor)
    copies.index([STATES])
    states.renew(frame=frame)


def _forgotten_months(frame: Frame) -> list[dt.date]:
    months = ActivityMonth.objects.order_by().values_list("month", flat=True).distinct()
    return [one for one in months if is_forgotten(frame, one)]


def _stretches(span: Period, forgotten: Collection[dt.date], events: int) -> Iterator[Period]:
    """Return the months of the span, as many at once as it is good for; forgotten ones apart."""
    months, first = [], span.first.replace(day=1)
    while first <= span.last:
        months.append(first)
        first = months_after(first, 1)
    most = max(1, len(months) * AT_ONCE // max(1, Order.objects.count() + events))
    for _is_gone, some in groupby(months, lambda one: one in forgotten):
        own = list(some)
        for part in (own[at : at + most] for at in range(0, len(own), most)):
            yield Period(part[0], month_of(part[-1]).last)


def first_and_last(frame: Frame) -> Period | None:
    """Return the days on which there are orders or events at all."""
    orders = Order.objects.filter(gone_at=None, placed_at__lt=frame.as_of).aggregate(
        a=Min("placed_at"), z=Max("placed_at")
    )
    events = Event.objects.filter(occurred_at__lt=frame.as_of).aggregate(a=Min("occurred_at"), z=Max("occurred_at"))
    found = [at for at in (orders["a"], orders["z"], events["a"], events["z"]) if at is not None]
    if not found:
        return None
    zone = ZoneInfo(frame.company.timezone)
    return Period(min(found).astimezone(zone).date(), max(found).astimezone(zone).date())


def bring_up_to_date(*, frame: Frame, now: dt.datetime) -> int:
    """Refresh what changed since the last run; make everything when there was none. Return how many days."""
    last, facts = last_run(), last_facts()
    if last is None or last.fingerprint != fingerprint(frame):
        return rebuild(frame=frame, now=now)
    decide_new(now=frame.as_of, since=last.ran_at)
    days = {day: what for day, what in touched_days(frame, last).items() if day <= frame.today}
    days |= whole(Period(min(last.covers_to, frame.today), frame.today))
    changed = refresh(frame=frame, days=days)
    if last.covers_to != frame.today:
        states.renew(frame=frame)
    elif changed := changed | _logged_in(days):
        states.renew(frame=frame, accounts=changed)
    remember(frame, now, last.differences, facts)
    return len(days)


def _logged_in(days: Stale) -> set[str]:
    """Return who logged in, in months too of which only sums are left."""
    return set[str]().union(*(days[day].get(keeping.LOGINS) or () for day in days))


def ready(*, frame: Frame, now: dt.datetime) -> RollupRun | None:
    """Return the run whose sums a page may show; None = there is none that fits, so only the facts can tell.

    What came since is summed first when it is little and nobody else sums just now; else it is left to the next run,
    and the page says as of when it is.
    """
    last = last_run()
    if last is None or last.fingerprint != fingerprint(frame):
        return None
    if last.covers_to != frame.today or frame.company.as_of is not None or _is_new(last, now):
        return last
    days = {day for day in touched_days(frame, last) if day <= frame.today}
    if not days or len(days) > (FEW_DAYS if are_many() else SEVERAL_DAYS):
        return last
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone()[0]:
            bring_up_to_date(frame=frame, now=now)
    return last_run()


def _is_new(run: RollupRun, now: dt.datetime) -> bool:
    age = now - run.ran_at
    return age < NEW or (age < SOON and are_many())


def last_run() -> RollupRun | None:
    """Return when the sums were brought up to date, and what the last comparison found."""
    return RollupRun.objects.order_by("-ran_at", "-pk").first()


def fingerprint(frame: Frame) -> str:
    """Return what stands for the settings and the company: sums of others can't be used."""
    own = frame.company
    known = (own.timezone, own.currency, own.calendar, own.as_of is None, sorted(map(str, _settings(frame))), TABLES)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _settings(frame: Frame) -> Iterator[tuple[str, object]]:
    for name, (value, _default) in frame.settings.differences().items():
        yield name, sorted(value) if isinstance(value, frozenset) else value


class Last(NamedTuple):
    """The latest event, exchange rate and enquiry that sums know of."""

    event: int
    rate: int
    enquiry: int


def last_facts() -> Last:
    """Return the latest there are; to be asked before sums are made."""
    last = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for model in (Event, ExchangeRate, Enquiry))
    return Last(*last)


def remember(frame: Frame, now: dt.datetime, differences: list[str], last: Last) -> RollupRun:
    """Write down that the sums are up to date, and what differed."""
    run = RollupRun.objects.create(
        covers_to=frame.today,
        last_event=last.event,
        last_rate=last.rate,
        last_enquiry=last.enquiry,
        fingerprint=fingerprint(frame),
        ran_at=now,
        differences=list(differences),
    )
    kept = set(RollupRun.objects.order_by("-ran_at").values_list("pk", flat=True)[:KEPT_RUNS])
    night = run_of_last_closing()
    RollupRun.objects.exclude(pk__in=kept | ({night.pk} if night else set())).delete()
    return run


def run_of_last_closing() -> RollupRun | None:
    """Return the run with which days were last closed: what came since may be late for any of them."""
    closed_at = DayBook.objects.aggregate(last=Max("frozen_at"))["last"]
    return None if closed_at is None else RollupRun.objects.filter(ran_at__lte=closed_at).order_by("-ran_at").first()
