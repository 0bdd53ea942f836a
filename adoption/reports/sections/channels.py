"""Channels: who came online, who stayed, who went back to the phone and after what."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext_lazy as _

from adoption.facts import KINDS, VIEWS
from adoption.metrics.alerts import Leak
from adoption.metrics.causes import Friction
from adoption.metrics.facts import Period
from adoption.metrics.lifecycle import Cohort
from adoption.metrics.period import days_before, month_of, months_after
from adoption.reports import blocks as b
from adoption.reports.figures import BY_KEY
from adoption.reports.lines import all_open, opens, over, tile_for
from adoption.reports.sections.baskets import basket_table
from adoption.reports.sections.sales import sales_table
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import cause_word, source_word

TOP = ("migration", "retention", "returning", "conversion", "ropo")
PATIENT = frozenset({"retention", "returning"})
HORIZONS = (90, 180, 365)
MOST_COHORTS = 18
MONTHS = 12
STATES = ("new", "returning", "resurrected", "dormant")


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    return [
        b.Tiles(tuple(_top(scene, key) for key in TOP)),
        _leaks(scene),
        _retention(scene),
        *_cohorts(scene),
        _lifecycles(scene),
        basket_table(scene),
        _by_source(scene),
        _contacts(scene),
        sales_table(scene),
    ]


def _top(scene: Scene, key: str) -> b.Tile:
    """Return a figure of the top; one that needs half a year or a whole one says so while it is too early."""
    tile = tile_for(scene, key)
    return replace(tile, note=_("too early to tell: see below")) if key in PATIENT and tile.value is None else tile


def _leaks(scene: Scene) -> b.Table:
    leaks = scene.numbers.alerts().channel_leak.values()
    ordered = sorted(leaks, key=lambda one: (-one.severity, one.account_id))
    troubles = scene.numbers.troubles(ordered)
    return b.Table(
        key="leaks",
        title=_("Went back to the phone"),
        code="M17",
        columns=(
            b.Column(_("Customer")),
            b.Column(_("Offline value now"), b.MONEY),
            b.Column(_("Online then"), b.SHARE),
            b.Column(_("Online now"), b.SHARE),
            b.Column(_("Last trouble before the first offline order")),
            b.Column(_("On"), b.DATE),
        ),
        rows=tuple(_leak(scene, one, troubles.get(one.account_id)) for one in ordered),
        note=_(
            "Customers who ordered mostly in the shop and, in the last 90 days, hardly do. The trouble is what we "
            "noted in the 30 days before: a search without a result, an item out of stock, another price, a payment "
            "that failed, a quote without an answer. It is a hint, not a proof: ask."
        ),
        empty=_("Nobody went back to the phone. Look again next week."),
    )


def _leak(scene: Scene, one: Leak, trouble: Friction | None) -> b.Row:
    words = cause_word(trouble.cause, trouble.about) if trouble else _("nothing noted")
    on = scene.book.day(trouble.at) if trouble else None
    values = (scene.book.name_of(one.account_id), one.severity, one.baseline_share, one.recent_share, words, on)
    return b.Row(values, mood=b.BAD, opens=_leak_opens(scene, one.account_id))


def _leak_opens(scene: Scene, account: str) -> dict[int, str]:
    """Return where a leak's numbers lead; it looks at all channels."""
    today, settings = scene.book.today, scene.book.settings
    now = over(days_before(today, settings.leak_recent_days))
    then = over(days_before(today, settings.leak_baseline_days, gap=settings.leak_recent_days))
    own = partial(opens, scene.question, account=account, channel="")
    return {1: own("offline", **now), 2: own("online_share", **then), 3: own("online_share", **now)}


def _retention(scene: Scene) -> b.Table:
    rows = []
    for days in HORIZONS:
        rows.append(_stayed(scene, scene.question.period, days, _("in this period")))
        rows.append(_stayed(scene, _judged(scene.book.today, days), days, _("in the latest year that can be judged")))
    return b.Table(
        key="retention",
        title=_("Who stayed after moving online"),
        code="M13",
        columns=(
            b.Column(_("After")),
            b.Column(_("First online order")),
            b.Column(_("Stayed"), b.SHARE),
            b.Column(_("Stayed"), b.COUNT),
            b.Column(_("Went back"), b.COUNT),
            b.Column(_("No order since"), b.COUNT),
            b.Column(_("Too early to tell"), b.COUNT),
        ),
        rows=tuple(rows),
        note=_(
            "Of the customers who came from offline. A period is judged when its days of watching are over; until then "
            "the latest year that can be judged stands beside it."
        ),
    )


def _judged(today: dt.date, days: int) -> Period:
    """Return the year of first online orders whose days of watching are over."""
    last = today - dt.timedelta(days=days + 1)
    return Period(last - dt.timedelta(days=364), last)


def _stayed(scene: Scene, period: Period, days: int, which: b.Text) -> b.Row:
    found = scene.numbers.retention(period, days)
    counts = (found.retained, found.leaked, found.inactive, found.immature)
    name = _("%(days)s days") % {"days": days}
    link = opens(scene.question, f"retention_{days}", **over(period), channel="")
    return b.Row((name, which, found.rate.value, *(len(one) for one in counts)), opens=all_open(link, 2, 3, 4, 5, 6))


def _cohorts(scene: Scene) -> list[b.Block]:
    first = months_after(scene.book.today.replace(day=1), -MOST_COHORTS)
    found = scene.numbers.cohorts(Period(first, scene.book.today), MONTHS)
    labels = tuple(str(k) for k in range(MONTHS + 1))
    curves = (
        b.Series(_("ordered in that month"), "online", _mean(found, on_or_after=False)),
        b.Series(_("in that month or later"), "past", _mean(found, on_or_after=True)),
    )
    chart = b.Chart(
        key="cohort-curves",
        title=_("How many order again, by months since the first online order"),
        code="M14",
        shape="lines",
        labels=labels,
        series=curves,
        unit=b.SHARE,
        top=Decimal(1),
        label_title=_("Months since"),
        label_unit=b.TEXT,
        note=_("All cohorts together, each month only of those that have reached it."),
    )
    return [chart, _cohort_table(scene, found)]


def _lifecycles(scene: Scene) -> b.Table:
    """Return M9 of the last year, the latest month first; the one that is not over can't tell who is dormant."""
    this = scene.book.today.replace(day=1)
    months = [months_after(this, -k) for k in range(1, MONTHS + 1)]
    found = zip(months, scene.numbers.lifecycles(months), strict=True)
    return b.Table(
        key="life-cycle",
        title=_("Who came, stayed and paused online, month by month"),
        code="M9",
        columns=(
            b.Column(_("Month"), b.MONTH),
            b.Column(_("New"), b.COUNT),
            b.Column(_("Again after the month before"), b.COUNT),
            b.Column(_("Back after a pause"), b.COUNT),
            b.Column(_("Paused this month"), b.COUNT),
        ),
        rows=tuple(
            b.Row(
                (month, *(len(getattr(one, state)) for state in STATES)),
                opens={at: _of_month(scene, f"life_{state}", month) for at, state in enumerate(STATES, start=1)},
            )
            for month, one in found
        ),
        note=_("By self-service orders; complete months only."),
    )


def _of_month(scene: Scene, key: str, month: dt.date) -> str:
    return opens(scene.question, key, **over(month_of(month)), channel="")


def _later(scene: Scene, found: Cohort) -> dict[int, str]:
    known = [k for k, back in enumerate(found.back) if back is not None]
    return {2 + k: _of_month(scene, f"cohort_{k}", found.month) for k in known}


def _mean(found: list[Cohort], *, on_or_after: bool) -> tuple[Decimal | None, ...]:
    """Return the share over all cohorts by months since; None where no cohort has got that far."""
    shares = []
    for k in range(MONTHS + 1):
        counts = [(one.on_or_after[k] if on_or_after else one.return_on[k], len(one.accounts)) for one in found]
        known = [(count, size) for count, size in counts if count is not None]
        size = sum(size for _count, size in known)
        shares.append(Decimal(sum(count for count, _size in known)) / size if size else None)
    return tuple(shares)


def _cohort_table(scene: Scene, found: list[Cohort]) -> b.Table:
    return b.Table(
        key="cohorts",
        title=_("By the month of the first online order"),
        code="M14",
        columns=(
            b.Column(_("First online order"), b.MONTH),
            b.Column(_("Customers"), b.COUNT),
            *(b.Column(f"+{k}", b.SHARE) for k in range(MONTHS + 1)),
        ),
        rows=tuple(
            b.Row(
                (one.month, len(one.accounts), *one.shares(one.return_on)),
                opens={1: _of_month(scene, "life_new", one.month), **_later(scene, one)},
            )
            for one in found
        ),
        folded=True,
    )


def _by_source(scene: Scene) -> b.Table:
    visits = scene.numbers.conversion(scene.question.period)
    sold = scene.numbers.revenue(scene.question.period)
    rows = []
    for source in sorted({*visits.by_source, *sold.online_by_source}):
        share = visits.by_source.get(source)
        value = sold.online_by_source.get(source, Decimal(0))
        counts = (share.whole, share.part, share.value) if share else (None, None, None)
        links = all_open(opens(scene.question, f"visits_{source}"), 1, 2, 3) if f"visits_{source}" in BY_KEY else {}
        rows.append(b.Row((source_word(source), *counts, value), opens=links))
    overall = visits.overall
    online = sum(sold.online_by_source.values(), Decimal(0))
    return b.Table(
        key="sources",
        title=_("Visits and sales by where they came from"),
        code="M10, M11",
        columns=(
            b.Column(_("Came from")),
            b.Column(_("Visits"), b.COUNT),
            b.Column(_("With an order"), b.COUNT),
            b.Column(_("Conversion"), b.SHARE),
            b.Column(_("Self-service sales"), b.MONEY),
        ),
        rows=tuple(rows),
        total=b.Row(
            (_("All"), overall.whole, overall.part, overall.value, online),
            opens=all_open(opens(scene.question, "conversion"), 1, 2, 3),
        ),
    )


def _contacts(scene: Scene) -> b.Table:
    offline = scene.numbers.contacts(scene.question.period)
    return b.Table(
        key="contacts",
        title=_("Sales talks that led to an order"),
        code="M10",
        columns=(
            b.Column(_("Channel"), b.CHANNEL),
            b.Column(_("Talks"), b.COUNT),
            b.Column(_("With an order"), b.COUNT),
            b.Column(_("Conversion"), b.SHARE),
        ),
        rows=tuple(
            b.Row((key, one.whole, one.part, one.value), opens=all_open(opens(scene.question, f"talks_{key}"), 1, 2, 3))
            for key, one in offline.items()
        ),
        empty=_("No sales talk was written down in this period. Log one with a key press on the customer's page."),
    )


SECTION = Section(
    "channels",
    _("Channels"),
    _("Who moved online, who stayed, and who went back to the phone after which trouble."),
    build,
    kinds=(*KINDS, *VIEWS, "search", "friction"),
)
