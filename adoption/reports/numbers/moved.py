"""Figures of what accounts do, from sums: M7, M8, M12 to M15, M17."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from adoption import facts
from adoption.books import lookups, selectors
from adoption.books.selectors import Came, Habit, Used
from adoption.metrics.alerts import Alerts, Leak
from adoption.metrics.causes import LOOK_BACK, Friction, last_friction
from adoption.metrics.channels import Retention
from adoption.metrics.facts import Book, Order, Period
from adoption.metrics.lifecycle import Cohort, Lifecycle, Returning, state_of
from adoption.metrics.logins import decay_of
from adoption.metrics.period import days_before, month_of, months_after
from adoption.metrics.rounding import divided
from adoption.metrics.scores import KINDS, WEEK, Score
from adoption.metrics.shares import Share, share_of
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.few import begin, book_of, day_of, orders_of

ONE_DAY = dt.timedelta(days=1)
NOBODY = Used()


def customers(asked: Asked, period: Period) -> int:
    """Return how many customers have a counted order."""
    found: set[str] = set()
    for channel, accounts in asked.who_ordered(period).items():
        if asked.channel in {"", channel}:
            found |= accounts
    return len(found & asked.book.accounts.keys() if asked.is_narrow else found)


def scores(asked: Asked) -> Mapping[str, Score]:
    """Return M7."""
    blocks = -(-asked.book.settings.score_days // WEEK)
    known = asked.states(Used)
    return {account: _score(known.get(account, NOBODY), blocks) for account in sorted(asked.book.accounts)}


def _score(one: Used, blocks: int) -> Score:
    known = [
        rate for rate in (divided(one.tracked, one.orders), divided(one.paid_online, one.paid)) if rate is not None
    ]
    return Score(
        {
            "orders": divided(one.online, one.orders),
            "logins": Decimal(one.weeks) / blocks,
            "service": divided(sum(known, Decimal(0)), len(known)),
            "breadth": Decimal(one.kinds) / len(KINDS),
        }
    )


def silent(asked: Asked) -> list[str]:
    """Return the accounts with an alert of M8."""
    settings = asked.book.settings
    windows = Decimal(settings.decay_baseline_days) / settings.decay_recent_days
    known, found = asked.states(Used), []
    for account in sorted(asked.book.accounts):
        one = known.get(account, NOBODY)
        if decay_of(settings, recent=one.logins, baseline=one.logins_before / windows).is_alert:
            found.append(account)
    return found


def migration(asked: Asked, period: Period) -> Share:
    """Return M12."""
    able = asked.book.eligible(period)
    look_back = days_before(period.first, asked.book.settings.migration_look_back_days)
    offline: set[str] = set()
    for channel, accounts in asked.who_ordered(look_back).items():
        if asked.is_offline(channel):
            offline |= accounts
    came = asked.states(Came)
    firsts = {account: came[account].first_online_on for account in able & offline}
    base = {account: first for account, first in firsts.items() if first is None or first >= period.first}
    moved = [account for account, first in base.items() if first is not None and first in period]
    return share_of(moved, base, {"already online, or no offline order": len(able) - len(base)})


def _debuts(asked: Asked, period: Period) -> dict[str, tuple[dt.date, Came]]:
    """Return the accounts whose first self-service order ever lies in the period, by id."""
    firsts = ((account, one.first_online_on, one) for account, one in sorted(asked.people(Came).items()))
    return {account: (first, one) for account, first, one in firsts if first is not None and first in period}


def retention(asked: Asked, period: Period, days: int | None) -> Retention:
    """Return M13."""
    horizon = asked.book.settings.retention_days if days is None else days
    fates: dict[str, list[str]] = {"retained": [], "leaked": [], "inactive": [], "immature": []}
    for account, (first, one) in _debuts(asked, period).items():
        if one.came_offline:
            fates[_fate(asked, first, one, horizon)].append(account)
    return Retention(horizon, *(tuple(fates[name]) for name in ("retained", "leaked", "inactive", "immature")))


def _fate(asked: Asked, first: dt.date, one: Came, days: int) -> str:
    if first + dt.timedelta(days=days) >= asked.book.today:
        return "immature"
    online, offline = one.stays.get(str(days), (0, 0))
    kept = divided(online, online + offline)
    if kept is None:
        return "inactive"
    return "retained" if kept >= asked.book.settings.retained_share else "leaked"


def returning(asked: Asked, period: Period) -> Returning:
    """Return M15."""
    span = dt.timedelta(days=asked.book.settings.returning_days)
    cohort, returned, immature = [], [], []
    for account, (first, one) in _debuts(asked, period).items():
        if first + span >= asked.book.today:
            immature.append(account)
            continue
        cohort.append(account)
        if one.second_online_on is not None and one.second_online_on <= first + span:
            returned.append(account)
    return Returning(tuple(cohort), tuple(returned), tuple(immature))


def lifecycles(asked: Asked, months: Sequence[dt.date]) -> list[Lifecycle]:
    """Return M9 of each month, told by its first day."""
    before = [months_after(month, -1) for month in months]
    active = selectors.who_ordered_by_month({*months, *before}, channels=asked.book.settings.online)
    return [_lifecycle(asked, *pair, active) for pair in zip(months, before, strict=True)]


def _lifecycle(asked: Asked, this: dt.date, last: dt.date, active: Mapping[dt.date, set[str]]) -> Lifecycle:
    now, was, came = active.get(this, set()), active.get(last, set()), asked.people(Came)
    found: dict[str, list[str]] = {"new": [], "returning": [], "resurrected": [], "dormant": []}
    for account in sorted((now | was) & came.keys()):
        first = came[account].first_online_on
        is_first = first is not None and first.replace(day=1) == this
        found[state_of(is_active=account in now, was_active=account in was, is_first=is_first)].append(account)
    return Lifecycle(**{name: tuple(accounts) for name, accounts in found.items()})


def cohorts(asked: Asked, within: Period, months: int) -> list[Cohort]:
    """Return M14."""
    groups: dict[dt.date, list[str]] = {}
    for account, (first, _one) in _debuts(asked, within).items():
        groups.setdefault(first.replace(day=1), []).append(account)
    if not groups:
        return []
    wanted, month = [], min(groups)
    while month <= asked.book.today:
        wanted.append(month)
        month = months_after(month, 1)
    active = selectors.who_ordered_by_month(wanted, channels=asked.book.settings.online)
    last = {account: month for month in sorted(active) for account in active[month]}
    return [_cohort(asked, month, accounts, months, active, last) for month, accounts in sorted(groups.items())]


def _cohort(
    asked: Asked,
    month: dt.date,
    accounts: list[str],
    months: int,
    active: Mapping[dt.date, set[str]],
    last: Mapping[str, dt.date],
) -> Cohort:
    later = [months_after(month, k) for k in range(months + 1)]
    over = [one if month_of(one).last < asked.book.today else None for one in later]
    return Cohort(
        month=month,
        accounts=tuple(accounts),
        back=tuple(None if one is None else tuple(a for a in accounts if a in active.get(one, set())) for one in over),
        on_or_after=tuple(None if one is None else sum(last[a] >= one for a in accounts) for one in over),
    )


def alerts(asked: Asked) -> Alerts:
    """Return M17: who leaks and who fell silent."""
    settings, yesterday = asked.book.settings, asked.book.today - ONE_DAY
    able = asked.book.eligible(Period(yesterday, yesterday))
    leaks, churn, shares = {}, [], {}
    for account, one in sorted(asked.people(Habit).items()):
        now, was = divided(one.now_online, one.now_counted), divided(one.was_online, one.was_counted)
        if now is not None:
            shares[account] = now
        has_habit = was is not None and one.was_online >= settings.leak_min_online and was >= settings.leak_share
        if account not in able or was is None or not has_habit:
            continue
        if not one.now_orders:
            churn.append(account)
        elif now is not None and one.now_counted >= settings.leak_min_recent and now <= settings.leak_recent_share:
            leaks[account] = Leak(account, one.now_offline_value, was, now, (), one.now_unconverted)
    return Alerts(leaks, tuple(churn), (), shares)


def troubles(asked: Asked, leaks: Collection[Leak]) -> Mapping[str, Friction | None]:
    """Return the last friction before the first offline order of each leak, by account."""
    accounts = [one.account_id for one in leaks]
    if not accounts:
        return {}
    settings = asked.book.settings
    recent = days_before(asked.book.today, settings.leak_recent_days)
    days = lookups.first_days(accounts, recent, besides=settings.online | settings.neutral)
    since = begin(asked, recent.first)
    book = book_of(
        asked,
        rows=orders_of(asked, [day_of(asked, account, day) for account, day in days.items()]),
        events=facts.buyer_events(
            asked.book.as_of, kinds=("search", "friction"), of=accounts, since=since - LOOK_BACK - ONE_DAY
        ),
        quotes=facts.quotes(asked.book.as_of, of=accounts),
    )
    return {account: _trouble(book, account, recent) for account in accounts}


def _trouble(book: Book, account: str, recent: Period) -> Friction | None:
    orders = book.orders_by_account.get(account, ())
    first: Order | None = next((one for one in orders if book.is_offline(one) and one.placed_on in recent), None)
    return last_friction(book, account, first) if first else None
