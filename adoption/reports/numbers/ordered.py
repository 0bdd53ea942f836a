"""Figures of orders and visits from sums: M1, M3, M4, M5, M10, M11, M16, M18, ropo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from django.db.models import Q

from adoption.books import lookups, selectors
from adoption.books.keeping import ACTIVITY, ENQUIRIES, ORDERS, PAID, SEARCHES, SOURCES
from adoption.books.selectors import Numbers, Used, Who
from adoption.metrics.adoption import ASSISTED, DIGITAL, Adoption, accounts_left_out, everybody
from adoption.metrics.baskets import Basket, Baskets
from adoption.metrics.conversion import CHANNEL_OF_MEDIUM, Conversion, Revenue
from adoption.metrics.facts import Period
from adoption.metrics.logins import Logins
from adoption.metrics.service import InvoiceSearches, Tracking
from adoption.metrics.shares import Share
from adoption.reports.numbers import Hours
from adoption.reports.numbers.asked import Asked

SEARCHED = selectors.SEARCHED


def share(part: Decimal | int, whole: Decimal | int, excluded: Mapping[str, int] | None = None) -> Share:
    """Return a share that knows how much, not which rows."""
    return Share(Decimal(part), Decimal(whole), excluded=excluded or {})


def adoption(asked: Asked, period: Period, *, with_excluded: bool) -> Adoption:
    """Return M1."""
    book = asked.book
    able = everybody(book) if with_excluded else book.eligible(period)
    left_out, rows = accounts_left_out(book, able), asked.ordered(period, who=asked.who_of(able))
    placed = {
        channel: accounts & able
        for channel, accounts in asked.who_ordered(period).items()
        if asked.channel in {"", channel}
    }
    online, active = _of(placed, asked.is_online), _of(placed, lambda _channel: True)
    count, value, unrated = _sum(rows, "orders"), _sum(rows, "value"), int(_sum(rows, "unconverted"))
    own = {channel: row for channel, row in rows.items() if asked.is_online(channel)}
    assisted = rows[ASSISTED]["orders"] if ASSISTED in rows and ASSISTED not in own else 0
    digital = rows[DIGITAL]["orders"] if DIGITAL in rows and DIGITAL not in own else 0
    mine = _sum(own, "orders")
    return Adoption(
        customer=share(len(online), len(active), left_out),
        order=share(mine, count, left_out),
        revenue=share(_sum(own, "value"), value, left_out | ({"no exchange rate": unrated} if unrated else {})),
        penetration=share(len(online), len(able), left_out),
        online_only=share(len(active - _of(placed, lambda one: not asked.is_online(one))), len(active), left_out),
        activated=share(len(_activated(asked, period) & able), len(able), left_out),
        customer_with_assisted=share(len(online | placed.get(ASSISTED, set())), len(active), left_out),
        order_with_assisted=share(mine + assisted, count, left_out),
        order_digital=share(mine + digital, count, left_out),
        unconverted_orders=unrated,
    )


def _of(placed: Mapping[str, set[str]], is_wanted: Callable[[str], bool]) -> set[str]:
    found: set[str] = set()
    for channel, accounts in placed.items():
        if is_wanted(channel):
            found |= accounts
    return found


def _sum(rows: Mapping[str, Numbers], name: str) -> Decimal:
    return sum((row[name] for row in rows.values()), Decimal(0))


def _activated(asked: Asked, period: Period) -> set[str]:
    """Accounts with a buyer log-in ever up to the end of the period."""
    last = period.last
    return {
        account
        for account, one in asked.states(Used).items()
        if one.first_login_on is not None and one.first_login_on <= last
    }


def tracking(asked: Asked, period: Period) -> Tracking:
    """Return M3."""
    able = asked.book.eligible(period)
    rows = asked.ordered(period, who=asked.who_of(able))
    strategic = sorted(one for one in able if asked.book.accounts[one].is_strategic)
    own = asked.added(ORDERS, period, by=("account_id",), who=Who(frozenset(strategic)))
    none = {"tracked": 0, "orders": 0}
    return Tracking(
        share(_sum(rows, "tracked"), _sum(rows, "orders"), accounts_left_out(asked.book, able)),
        {one: share(own.get((one,), none)["tracked"], own.get((one,), none)["orders"]) for one in strategic},
    )


def logins(asked: Asked, period: Period) -> Mapping[str, Logins]:
    """Return M2."""
    able = asked.book.eligible(period)
    strategic = sorted(one for one in able if asked.book.accounts[one].is_strategic)
    found = asked.once(("log-ins", period), lambda: lookups.log_ins(period, accounts=strategic))
    return {one: Logins(*found.get(one, (0, 0, 0))) for one in strategic}


def paid_online(asked: Asked, period: Period) -> Share:
    """Return M4 by count; papers have no channel of their own."""
    found = asked.total(PAID, period)
    return share(found["online"], found["paid"])


def paid_online_value(asked: Asked, period: Period) -> Share:
    """Return M4 by value."""
    found = asked.total(PAID, period)
    unrated = {"no exchange rate": found["unrated"]} if found["unrated"] else {}
    return share(found["web_value"], found["value"], unrated)


def paid_online_by_account(asked: Asked, period: Period, accounts: Iterable[str]) -> Mapping[str, Decimal | None]:
    """Return M4 by count of some accounts."""
    found = selectors.added(PAID, period, by=("account_id",), who=Who(frozenset(accounts)))
    rates = {account: share(row["online"], row["paid"]).value for (account,), row in found.items()}
    return {account: rates.get(account) for account in accounts}


def searches(asked: Asked, period: Period) -> InvoiceSearches:
    """Return M5."""
    total = asked.total(SEARCHES, period, where=Q(kind=SEARCHED))["counted"]
    accounts = asked.once(("searched", period), lambda: selectors.who_searched(period))
    return InvoiceSearches(total, len(accounts if asked.ids is None else accounts & set(asked.ids)))


def searches_by_account(asked: Asked, period: Period, accounts: Iterable[str]) -> dict[str, int]:
    """Return M5 of some accounts."""
    whose = Who(frozenset(accounts))
    found = asked.added(ACTIVITY, period, by=("account_id",), who=whose, where=Q(kind=SEARCHED))
    return {account: row["counted"] for (account,), row in found.items() if row["counted"]}


def revenue(asked: Asked, period: Period) -> Revenue:
    """Return M11."""
    rows = asked.ordered(period)
    sources = asked.added(SOURCES, period, by=("source",))
    return Revenue(
        by_channel={channel: row["value"] for channel, row in rows.items()},
        online_by_source={source: row["value"] for (source,), row in sorted(sources.items()) if row["orders"]},
        unconverted_orders=int(_sum(rows, "unconverted")),
        rows={},
        orders={channel: row["orders"] for channel, row in rows.items()},
    )


def baskets(asked: Asked, period: Period) -> Baskets:
    """Return M16."""
    rows = asked.ordered(period)
    return Baskets(
        channels={channel: _basket([row]) for channel, row in rows.items()},
        online=_basket([row for channel, row in rows.items() if asked.is_online(channel)]),
    )


def _basket(rows: list[Numbers]) -> Basket:
    unrated = sum(row["unconverted"] for row in rows)
    value, units = (sum((row[name] for row in rows), Decimal(0)) for name in ("value", "units"))
    return Basket(sum(row["orders"] for row in rows) - unrated, value, units, unrated)


def off_hours(asked: Asked, period: Period) -> Hours:
    """Return M18."""
    rows = [row for channel, row in asked.ordered(period).items() if asked.is_online(channel)]
    timed, off = sum(row["timed"] for row in rows), sum(row["off_hours"] for row in rows)
    unknown = sum(row["orders"] for row in rows) - timed
    return Hours(share(off, timed, {"time unknown": unknown} if unknown else {}), {})


def heat(asked: Asked, period: Period) -> dict[tuple[int, int], int]:
    """Return self-service orders by weekday and hour of the customer's clock."""
    channels = [one for one in asked.book.settings.online if asked.channel in {"", one}]
    return selectors.heat(period, channels=channels, who=asked.who)


def ropo(asked: Asked, period: Period) -> Share:
    """Return the share of offline orders that were researched in the shop."""
    rows = {channel: row for channel, row in asked.ordered(period).items() if asked.is_offline(channel)}
    return share(_sum(rows, "researched"), _sum(rows, "orders"))


def conversion(asked: Asked, period: Period) -> Conversion:
    """Return M10."""
    begun = Q(kind="session_start")
    rows = asked.added(ACTIVITY, period, by=("source",), where=begun)
    bought = {source: row["counted"] for source, row in rows.items()}
    if asked.channel:
        of_channel = asked.added(SOURCES, period, by=("source",))
        bought = {source: of_channel.get(source, {"sessions": 0})["sessions"] for source in rows}
    by_source = {
        source: share(bought[source,], row["events"]) for (source,), row in sorted(rows.items()) if row["events"]
    }
    return Conversion(
        overall=share(sum(one.part for one in by_source.values()), sum(one.whole for one in by_source.values())),
        by_source=by_source,
        visitors=0,
        offline={},
    )


def contacts(asked: Asked, period: Period) -> dict[str, Share]:
    """Return M10 of sales contacts by channel; only orders of the channel asked for follow them."""
    rows = asked.added(ENQUIRIES, period, by=("medium",))
    talks = {CHANNEL_OF_MEDIUM[medium]: row for (medium,), row in rows.items() if row["talks"]}
    return {
        channel: share(row["followed"] if asked.channel in {"", channel} else 0, row["talks"])
        for channel, row in sorted(talks.items())
    }
