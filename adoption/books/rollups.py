"""Keeps the sums: of one day, of many, and held against the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min, Sum

from adoption.books import sql
from adoption.books.models import ActivityDay, ActivityMonth, HourDay, OrderDay, OrderMonth, RollupRun
from adoption.company import Company, calendars, company
from adoption.definitions.selectors import current
from adoption.events.channels import decide_new
from adoption.events.models import Event
from adoption.facts import KINDS
from adoption.metrics.facts import Calendar, Period, Settings
from adoption.metrics.period import month_of, months_after
from erp_sync.mirror.models import Order

# Beside what the metrics ask for: activity that reports count by day.
ACTIVITY = (*KINDS, "search", "cart_add", "product_view", "order_submitted", "invoice_viewed")
ONE_DAY = dt.timedelta(days=1)
KEPT_RUNS = 60
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
        month, last_month = period.first.replace(day=1), month_of(period.last).last
        return {
            "first": period.first,
            "last": period.last,
            "begin": _start(period.first, zone),
            "end": _start(period.last + ONE_DAY, zone),
            "as_of": self.as_of,
            "zone": self.company.timezone,
            "currency": self.company.currency,
            "calendar": self.company.calendar,
            "tracking_days": self.settings.tracking_days,
            "month": month,
            "month_end": last_month,
            "kinds": list(ACTIVITY),
        }


def _start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return a day's first instant; where the clock jumps over midnight, the instant of the jump."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)


def refresh(*, frame: Frame, days: Iterable[dt.date], known: Mapping[str, Calendar] | None = None) -> int:
    """Make the sums of these days and of their months anew; return how many days."""
    wanted = sorted(set(days))
    if not wanted:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        _bring_calendars(known if known is not None else calendars(frame.company, frame.as_of))
        for period in _runs(wanted):
            given = frame.parameters(period)
            for model in (OrderDay, HourDay, ActivityDay):
                model._default_manager.filter(day__range=(period.first, period.last)).delete()
            touch(cursor, given)
            cursor.execute(sql.ORDER_DAYS, given)
            cursor.execute(sql.ACTIVITY_DAYS, given)
        for month in sorted({day.replace(day=1) for day in wanted}):
            _refresh_month(frame, month)
    return len(wanted)


def touch(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Find the orders that the next statement looks at; inside a transaction."""
    # Compiling these statements takes longer than running them.
    cursor.execute("SET LOCAL jit = off")
    for statement in sql.TOUCH:
        cursor.execute(statement, given)


def _refresh_month(frame: Frame, month: dt.date) -> None:
    given = frame.parameters(month_of(month))
    OrderMonth.objects.filter(month=month).delete()
    with connection.cursor() as cursor:
        cursor.execute(sql.ORDER_MONTHS, given)
        if not _is_forgotten(frame, month):
            ActivityMonth.objects.filter(month=month).delete()
            cursor.execute(sql.ACTIVITY_MONTHS, given)


def _is_forgotten(frame: Frame, month: dt.date) -> bool:
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


def _bring_calendars(known: Mapping[str, Calendar]) -> None:
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
        _remember(frame, now, [])
        return 0
    known = calendars(frame.company, frame.as_of)
    month, count = span.first.replace(day=1), 0
    while month <= span.last:
        count += refresh(frame=frame, days=month_of(month), known=known)
        say(f"{month:%Y-%m}: {OrderMonth.objects.filter(month=month).count():,} rows of orders")
        month = months_after(month, 1)
    with connection.cursor() as cursor:
        for model in (OrderDay, OrderMonth, HourDay, ActivityDay, ActivityMonth):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    _remember(frame, now, [])
    return count


def _clear(frame: Frame) -> None:
    months = ActivityMonth.objects.order_by().values_list("month", flat=True).distinct()
    ActivityMonth.objects.filter(month__in=[one for one in months if not _is_forgotten(frame, one)]).delete()
    with connection.cursor() as cursor:
        names = ", ".join(f'"{model._meta.db_table}"' for model in (OrderDay, OrderMonth, HourDay, ActivityDay))
        cursor.execute(f"TRUNCATE {names}")


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
    """Return the days whose facts came or changed after a run: orders, events, orders that somebody looked up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (placed_at AT TIME ZONE %(zone)s)::date FROM erp_sync_order
             WHERE synced_at >= %(ran_at)s OR gone_at >= %(ran_at)s
            UNION SELECT (occurred_at AT TIME ZONE %(zone)s)::date FROM adoption_event WHERE id > %(last_event)s
            UNION SELECT (o.placed_at AT TIME ZONE %(zone)s)::date
              FROM adoption_event e JOIN erp_sync_order o ON e.object_id IN (o.erp_id, o.web_reference)
             WHERE e.id > %(last_event)s AND e.kind = 'order_tracked'""",
            {"zone": frame.company.timezone, "ran_at": since.ran_at, "last_event": since.last_event},
        )
        return {day for (day,) in cursor.fetchall()}


def bring_up_to_date(*, frame: Frame, now: dt.datetime) -> int:
    """Refresh what changed since the last run; make everything when there was none. Return how many days."""
    last = RollupRun.objects.order_by("-ran_at", "-pk").first()
    if last is None:
        return rebuild(frame=frame, now=now)
    decide_new(now=frame.as_of)
    days = {day for day in touched_days(frame, last) if day <= frame.today} | {frame.today}
    begun = last.covers_to
    while begun <= frame.today:
        days.add(begun)
        begun += ONE_DAY
    count = refresh(frame=frame, days=days)
    _remember(frame, now, last.differences)
    return count


def _remember(frame: Frame, now: dt.datetime, differences: list[str]) -> RollupRun:
    last_event = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    run = RollupRun.objects.create(
        covers_to=frame.today, last_event=last_event, ran_at=now, differences=list(differences)
    )
    old = RollupRun.objects.order_by("-ran_at").values_list("pk", flat=True)[KEPT_RUNS:]
    RollupRun.objects.filter(pk__in=list(old)).delete()
    return run


def compare(*, frame: Frame) -> list[str]:
    """Hold the sums against the facts, month by month; return what differs, in words, oldest first.

    The facts are summed anew by the same definitions over all rows, so a sum that was forgotten, doubled or written
    from an older state is found.
    """
    span = first_and_last(frame)
    if span is None:
        return [] if not OrderDay.objects.exists() else ["There are sums, but no facts."]
    kept = {
        row["month"]: (row["orders"], row["value"])
        for row in OrderMonth.objects.values("month").annotate(orders=Sum("orders"), value=Sum("value"))
    }
    differences = []
    month = min([span.first.replace(day=1), *kept])
    while month <= max([span.last, *kept]):
        found = _facts_of(frame, month_of(month))
        have = kept.get(month, (0, Decimal(0)))
        if have != found:
            differences.append(
                f"{month:%Y-%m}: the sums say {have[0]} orders worth {have[1]:.2f},"
                f" the facts {found[0]} worth {found[1]:.2f}"
            )
        month = months_after(month, 1)
    return differences


def _facts_of(frame: Frame, period: Period) -> tuple[int, Decimal]:
    given = frame.parameters(period)
    with transaction.atomic(), connection.cursor() as cursor:
        touch(cursor, given)
        statement = (
            f"WITH {sql.LOGICAL} SELECT count(*), coalesce(sum(round(value, 8)), 0) FROM logical WHERE is_counted"
        )
        cursor.execute(statement, given)
        count, value = cursor.fetchone()
    return count, value


def reconcile(*, frame: Frame, now: dt.datetime) -> list[str]:
    """Compare, and make what differs anew; return what differed, for the alarm."""
    differences = compare(frame=frame)
    for text in differences:
        month = dt.date.fromisoformat(f"{text[:7]}-01") if text[:4].isdigit() else None
        if month is not None:
            refresh(frame=frame, days=month_of(month))
    _remember(frame, now, differences)
    return differences
