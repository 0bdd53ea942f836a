"""Keeps the sums: of one day, of many, of all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min

from adoption.books import keeping, sql, sql_activity, sql_papers, sql_touched, states
from adoption.books.keeping import Family, merge
from adoption.books.models import RollupRun
from adoption.books.sums import ALL, BETWEEN, AccountState, ActivityMonth, OrderMonth, SourceMonth
from adoption.company import Company, calendars, company
from adoption.definitions.selectors import current
from adoption.events.channels import decide_new
from adoption.events.models import Event
from adoption.facts import KINDS
from adoption.metrics.facts import Calendar, Period, Settings
from adoption.metrics.period import month_of, months_after
from adoption.plans.models import ExchangeRate
from erp_sync.mirror.models import Order

# Beside what the metrics ask for: activity that stays as sums when the events go. Views of items are too many for that.
ACTIVITY = (*KINDS, "search", "cart_add", "order_submitted", "invoice_viewed")
# One run at a time; any number that nobody else locks.
LOCK = 7_310_052
ONE_DAY = dt.timedelta(days=1)
KEPT_RUNS = 60
# How old sums may be on a page, and how many days are made anew while somebody waits.
SOON = dt.timedelta(seconds=60)
FEW_DAYS = 3
# What a step over a month may hold instead of writing it to the disk.
MONTH_MEMORY = "64MB"
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
        return self.as_of.astimezone(ZoneInfo(self.company.timezone)).date()

    def parameters(self, period: Period) -> dict[str, Any]:
        """Return the statement's parameters for these days."""
        zone = ZoneInfo(self.company.timezone)
        return {
            "first": period.first,
            "last": period.last,
            "begin": _start(period.first, zone),
            "end": _start(period.last + ONE_DAY, zone),
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


def refresh(*, frame: Frame, days: Iterable[dt.date], known: Mapping[str, Calendar] | None = None) -> int:
    """Bring the sums of these days and of their months up to date; return how many days.

    Rows that say what the facts say are not written. One at a time: whoever comes second waits and finds nothing to do.
    """
    wanted = sorted(set(days))
    if not wanted:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if len(wanted) > FEW_DAYS:
            cursor.execute(f"SET LOCAL work_mem = '{MONTH_MEMORY}'")
        bring_calendars(known if known is not None else calendars(frame.company, frame.as_of))
        for period in _runs(wanted):
            given = frame.parameters(period)
            bring_facts(cursor, given)
            for family, fresh in families(frame, period):
                if merge(cursor, family, fresh, given) and family is keeping.ORDERS:
                    _say_who(cursor, period)
            _renew_first_days(cursor, frame, given)
    return len(wanted)


def _renew_first_days(cursor: CursorWrapper, frame: Frame, given: Mapping[str, Any]) -> None:
    """Note who ordered for the first time on the days, and, when that is gone, on which other day now."""
    for day in sorted(states.renew_first_days(cursor, given)):
        other = frame.parameters(Period(day, day))
        touch(cursor, other)
        for statement in (*sql.LOGICAL_ORDERS, *sql.COUNTED_ORDERS):
            cursor.execute(statement, dict(other))
        states.renew_debuts(cursor, other)


def bring_facts(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Lay ready what several sums are made of: logical orders, buyers' events, sessions, searches that count."""
    touch(cursor, given)
    steps = (sql.LOGICAL_ORDERS, sql.COUNTED_ORDERS, sql_activity.BUYER_EVENTS, sql_activity.SESSIONS)
    for statements in steps:
        for statement in statements:
            cursor.execute(statement, dict(given))
    _bring_searches(cursor, given)


def touch(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Find the orders that the next statement looks at; inside a transaction."""
    # Compiling these statements takes longer than running them.
    cursor.execute("SET LOCAL jit = off")
    for statement in sql.TOUCH:
        cursor.execute(statement, dict(given))


def _bring_searches(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Write down which searches for invoices count (M5): none within the window of the last one that does."""
    cursor.execute(sql_activity.SEARCHES, dict(given))
    window, last, kept = dt.timedelta(seconds=given["search_window_s"]), dict[tuple[str, str], dt.datetime](), []
    for at, day, account, session, query in cursor.fetchall():
        before = last.get((session, query))
        if before is None or at - before >= window:
            last[session, query] = at
            kept.append((day, account))
    cursor.execute("DROP TABLE IF EXISTS kept_searches")
    cursor.execute("CREATE TEMP TABLE kept_searches (day date, account_id text) ON COMMIT DROP")
    with cursor.copy("COPY kept_searches FROM STDIN") as copy:
        for row in kept:
            copy.write_row(row)


FRESH = (
    (keeping.ORDERS, sql.ORDERS),
    (keeping.HOURS, sql.HOURS),
    (keeping.SALES, sql_papers.SALES),
    (keeping.PAID, sql_papers.PAID),
    (keeping.LINES, sql_papers.LINES),
    (keeping.SOURCES, sql_activity.SOURCES),
    (keeping.ACTIVITY, sql_activity.ACTIVITY),
    (keeping.LOGINS, sql_activity.LOGINS),
)
OF_EVENTS = (keeping.SOURCES, keeping.ACTIVITY, keeping.LOGINS)


def families(frame: Frame, period: Period) -> Iterator[tuple[Family, str]]:
    """Return what can be summed of the days: when their events were forgotten, only what isn't made of events."""
    forgotten = is_forgotten(frame, period.first.replace(day=1))
    for family, fresh in FRESH:
        if not (forgotten and family in OF_EVENTS):
            yield family, fresh


def _say_who(cursor: CursorWrapper, period: Period) -> None:
    month = month_of(period.first)
    for table, span, part in (("adoption_orderday", "day", period), ("adoption_ordermonth", "month", month)):
        statement = sql.WHO.format(table=table, span=span, every=ALL, between=BETWEEN)
        cursor.execute(statement, {"from": part.first, "to": part.last})


def is_forgotten(frame: Frame, month: dt.date) -> bool:
    """Whether a month's raw events were deleted after the agreed time: then its sums are all that is left."""
    if frame.company.as_of is not None or month > months_after(frame.today.replace(day=1), -LEAST_KEPT_MONTHS):
        return False
    given = frame.parameters(month_of(month))
    raw = Event.objects.filter(occurred_at__gte=given["begin"], occurred_at__lt=given["end"]).exclude(user_id="")
    return not raw.exists() and ActivityMonth.objects.filter(month=month).exists()


def _runs(days: list[dt.date]) -> Iterator[Period]:
    """Return days that follow each other as one period, within a month."""
    first = last = days[0]
    for day in days[1:]:
        if day - last == ONE_DAY and day.day != 1:
            last = day
            continue
        yield Period(first, last)
        first = last = day
    yield Period(first, last)


def bring_calendars(known: Mapping[str, Calendar]) -> None:
    """Lay opening hours and holidays ready for the statements; inside a transaction."""
    hours = [
        (code, weekday, opens, closes)
        for code, one in known.items()
        for weekday, spans in one.intervals.items()
        for opens, closes in spans
    ]
    days = [(code, day) for code, one in known.items() for day in one.holidays]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS calendar_hours, calendar_days")
        cursor.execute(
            "CREATE TEMP TABLE calendar_hours (calendar text, weekday int, opens time, closes time) ON COMMIT DROP"
        )
        cursor.execute("CREATE TEMP TABLE calendar_days (calendar text, day date) ON COMMIT DROP")
        with cursor.copy("COPY calendar_hours FROM STDIN") as copy:
            for row in hours:
                copy.write_row(row)
        with cursor.copy("COPY calendar_days FROM STDIN") as copy:
            for place in days:
                copy.write_row(place)
        cursor.execute("CREATE INDEX ON calendar_days (calendar, day)")


def rebuild(*, frame: Frame, now: dt.datetime, say: Callable[[str], None] = lambda _text: None) -> int:
    """Make all sums anew, month by month; return how many days."""
    decide_new(now=frame.as_of)
    span = first_and_last(frame)
    _clear(frame)
    if span is None:
        remember(frame, now, [])
        return 0
    known = calendars(frame.company, frame.as_of)
    month, count = span.first.replace(day=1), 0
    while month <= span.last:
        count += refresh(frame=frame, days=month_of(month), known=known)
        say(f"{month:%Y-%m}: {OrderMonth.objects.filter(month=month).count():,} rows of orders")
        month = months_after(month, 1)
    analyze()
    states.renew(frame=frame)
    remember(frame, now, [])
    return count


def analyze() -> None:
    """Tell the planner how much there is, and let it read the indexes alone."""
    with connection.cursor() as cursor:
        for family in keeping.FAMILIES:
            for table in filter(None, (family.days, family.months)):
                cursor.execute(f'ANALYZE "{table}"')


def _clear(frame: Frame) -> None:
    """Empty all sums but those of forgotten months."""
    months = ActivityMonth.objects.order_by().values_list("month", flat=True).distinct()
    forgotten = [one for one in months if is_forgotten(frame, one)]
    for model in (ActivityMonth, SourceMonth):
        model._default_manager.exclude(month__in=forgotten).delete()
    kept = {model._meta.db_table for model in (ActivityMonth, SourceMonth)}
    names = {name for family in keeping.FAMILIES for name in (family.days, family.months) if name} - kept
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(sorted(names))}, {AccountState._meta.db_table}")


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


def touched_days(frame: Frame, since: RollupRun) -> set[dt.date]:
    """Return the days whose facts came or changed after a run, and those that only time made different."""
    given: dict[str, Any] = {
        "zone": frame.company.timezone, "ran_at": since.ran_at, "last_event": since.last_event,
        "last_rate": since.last_rate, "covers_to": since.covers_to, "today": frame.today,
        "midnight": _start(frame.today, ZoneInfo(frame.company.timezone)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql_touched.TOUCHED_DAYS, given)
        return {day for (day,) in cursor.fetchall() if day is not None}


def bring_up_to_date(*, frame: Frame, now: dt.datetime) -> int:
    """Refresh what changed since the last run; make everything when there was none. Return how many days."""
    last = last_run()
    if last is None or last.fingerprint != fingerprint(frame):
        return rebuild(frame=frame, now=now)
    decide_new(now=frame.as_of, since=last.ran_at)
    days = {day for day in touched_days(frame, last) if day <= frame.today} | {frame.today}
    days.update(Period(min(last.covers_to, frame.today), frame.today))
    count = refresh(frame=frame, days=days)
    if last.covers_to != frame.today or min(days) < frame.today:
        states.renew(frame=frame)
    remember(frame, now, last.differences)
    return count


def ready(*, frame: Frame, now: dt.datetime) -> RollupRun | None:
    """Return the run whose sums a page may show; None = there is none that fits, so only the facts can tell.

    What came since is summed first when it is little; more than that is left to the next run, and the page says as of
    when it is.
    """
    last = last_run()
    if last is None or last.fingerprint != fingerprint(frame):
        return None
    if last.covers_to != frame.today or now - last.ran_at < SOON or frame.company.as_of is not None:
        return last
    days = {day for day in touched_days(frame, last) if day <= frame.today}
    if not days or len(days) > FEW_DAYS:
        return last
    bring_up_to_date(frame=frame, now=now)
    return last_run()


def last_run() -> RollupRun | None:
    """Return when the sums were brought up to date, and what the last comparison found."""
    return RollupRun.objects.order_by("-ran_at", "-pk").first()


def fingerprint(frame: Frame) -> str:
    """Return what stands for the settings and the company: sums of others can't be used."""
    own = frame.company
    known = (own.timezone, own.currency, own.calendar, own.as_of is None, sorted(map(str, _settings(frame))))
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _settings(frame: Frame) -> Iterator[tuple[str, object]]:
    for name, (value, _default) in frame.settings.differences().items():
        yield name, sorted(value) if isinstance(value, frozenset) else value


def remember(frame: Frame, now: dt.datetime, differences: list[str]) -> RollupRun:
    """Write down that the sums are up to date, and what differed."""
    run = RollupRun.objects.create(
        covers_to=frame.today,
        last_event=Event.objects.aggregate(last=Max("pk"))["last"] or 0,
        last_rate=ExchangeRate.objects.aggregate(last=Max("pk"))["last"] or 0,
        fingerprint=fingerprint(frame),
        ran_at=now,
        differences=list(differences),
    )
    old = RollupRun.objects.order_by("-ran_at").values_list("pk", flat=True)[KEPT_RUNS:]
    RollupRun.objects.filter(pk__in=list(old)).delete()
    return run
