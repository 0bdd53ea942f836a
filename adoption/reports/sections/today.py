"""Today: where we stand against the plan, what came in yesterday, what needs somebody now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from adoption.metrics.daily import A_YEAR_OF_WEEKS
from adoption.metrics.daily import Row as Day
from adoption.metrics.facts import Period
from adoption.metrics.period import month_of
from adoption.metrics.plan import METRICS, TOTAL
from adoption.metrics.rows import PlanAmount
from adoption.reports import blocks as b
from adoption.reports import periods
from adoption.reports.charts import orders_by_month
from adoption.reports.lines import opens, over, tile_for
from adoption.reports.question import Question
from adoption.reports.restated import restated_notes
from adoption.reports.sections.answers import alerts, calls, earned
from adoption.reports.sections.hours import heat_of_orders
from adoption.reports.sections.sales import sales_table
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import figure_value, number_text, plan_word

ADOPTION = ("customer", "order", "revenue", "off_hours")
FIGURE_OF_PLAN = {"net_sales": "net_sales", "gross_margin": "margin", "revenue": "sales", "orders": "orders"}
DAYS = 14


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan of this year: what was reached by yesterday, and what each open day must still bring.

    `needed` None = no business day is left. `so_far`: what each business day brought, None before the first.
    """

    plan: PlanAmount
    actual: Decimal | None
    planned: Decimal
    needed: Decimal | None
    open_days: int
    so_far: Decimal | None = None

    @property
    def attainment(self) -> Decimal | None:
        """Actual / plan to date."""
        return self.actual / self.planned if self.planned and self.actual is not None else None


def standing(scene: Scene, plan: PlanAmount, period: Period) -> Standing | None:
    """Return where a plan stands in a period; None before its first day is over."""
    book = scene.book
    until = period.until(book.today)
    phased = scene.numbers.phased(plan)
    if until is None or not phased.days:
        return None
    reached = scene.numbers.actual(plan.metric, plan.scope, until)
    still_open = [day for day in phased.business_days if day in period and day >= book.today]
    missing = (phased.in_period(period) or Decimal(0)) - (reached or Decimal(0))
    needed = max(missing, Decimal(0)) / len(still_open) if still_open else None
    over = sum(day in until for day in phased.business_days)
    so_far = reached / over if over and reached is not None else None
    return Standing(plan, reached, phased.in_period(until) or Decimal(0), needed, len(still_open), so_far)


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    return [
        *restated_notes(scene),
        *_nothing_yet(scene),
        b.Tiles(tuple(tile_for(scene, key) for key in ADOPTION)),
        *alerts(scene),
        *_course(scene),
        *earned(scene),
        *calls(scene),
        *_plans(scene),
        sales_table(scene),
        _days(scene),
        orders_by_month(scene.question, scene.numbers, periods.last_months(12, scene.book.today)),
        heat_of_orders(scene),
    ]


def _plans(scene: Scene) -> list[b.Block]:
    if scene.question.is_narrow:
        return [plans_are_of_all(scene)]
    today = scene.book.today
    plans = _plans_of_year(scene)
    if not plans:
        link = reverse("admin:adoption_plan_add")
        text = _("No plan for %(year)s yet: without one nobody can say whether you are on course.") % {
            "year": today.year
        }
        return [b.Note(text, b.INFO, link, _("Enter the year's plan"))]
    year = Period(dt.date(today.year, 1, 1), dt.date(today.year, 12, 31))
    rows = []
    for plan in plans:
        for name, period in ((_("This month"), month_of(today)), (_("This year"), year)):
            rows.append(_standing_row(scene, plan, name, period))
    return [_plan_table(rows)]


def plans_are_of_all(scene: Scene) -> b.Note:
    """Say why no plan is shown beside a part of the customers or channels."""
    link = scene.question.address(channel="", region="", rep="", segment="", account="")
    text = _("A plan is of all customers and channels, so it is not held against a part of them.")
    return b.Note(text, b.INFO, f"?{link}", _("Show all"), is_of_all=True)


def _nothing_yet(scene: Scene) -> list[b.Block]:
    """Say where to begin while no order of any channel is known."""
    if scene.numbers.channels():
        return []
    text = _("No order is known yet, of any channel. Once the ERP is connected and read, this report fills by itself.")
    return [b.Note(text, b.INFO, reverse("admin:erp_sync_pulse_changelist"), _("Look at the connection"))]


def _course(scene: Scene) -> list[b.Block]:
    """Return in a sentence whether the year's first plan is kept, and what each open day must bring."""
    today = scene.book.today
    year = Period(dt.date(today.year, 1, 1), dt.date(today.year, 12, 31))
    plan = next(iter(_plans_of_year(scene)), None)
    found = None if plan is None or scene.question.is_narrow else standing(scene, plan, year)
    if found is None or found.attainment is None or found.needed is None:
        return []
    is_money = found.plan.metric != "orders"
    values = {
        "what": plan_word(found.plan.metric),
        "share": figure_value(found.attainment, b.SHARE),
        "needed": number_text(found.needed, b.MONEY if is_money else b.NUMBER, scene.book.currency),
    }
    text = _("%(what)s: %(share)s of what was planned so far this year. Each open day must still bring %(needed)s.")
    mood = b.ATTENTION if found.attainment < 1 else b.GOOD
    link = f"{reverse('admin:adoption_section', kwargs={'section': 'plan'})}?{scene.question.address()}"
    return [b.Note(text % values, mood, link, _("The plan by month"), is_money=is_money, is_of_all=True)]


def _plans_of_year(scene: Scene) -> list[PlanAmount]:
    """Return this year's plans of the whole company, money first."""
    year = scene.book.today.year
    plans = [one for one in scene.book.plans if one.year == year and one.scope == TOTAL and one.metric in METRICS]
    return sorted(plans, key=lambda one: list(METRICS).index(one.metric))


def _standing_row(scene: Scene, plan: PlanAmount, name: b.Text, period: Period) -> b.Row:
    found = standing(scene, plan, period)
    unit = b.COUNT if plan.metric == "orders" else b.MONEY
    title = f"{plan_word(plan.metric)} · {name}"
    if found is None:
        return b.Row((title, None, None, None, None, None, None), sub=_("nothing is over yet"))
    is_behind = found.attainment is not None and found.attainment < 1
    return b.Row(
        (
            title,
            b.Figure(found.actual, unit),
            b.Figure(found.planned, unit),
            found.attainment,
            b.Figure(found.so_far, unit),
            b.Figure(found.needed, unit),
            found.open_days,
        ),
        mood=b.ATTENTION if is_behind else b.GOOD,
        mood_word=_("behind") if is_behind else _("on course"),
        opens=reached_opens(scene, plan.metric, period, 1),
    )


def reached_opens(scene: Scene, metric: str, period: Period, place: int) -> dict[int, str]:
    """Return where what was reached of a plan leads: its figure up to yesterday."""
    until = period.until(scene.book.today)
    return {} if until is None else {place: opens(scene.question, FIGURE_OF_PLAN[metric], **over(until))}


def _plan_table(rows: list[b.Row]) -> b.Table:
    return b.Table(
        key="plan",
        title=_("Against the plan"),
        code="M22",
        columns=(
            b.Column(_("What")),
            b.Column(_("Reached"), b.MIXED),
            b.Column(_("Planned so far"), b.MIXED),
            b.Column(_("Of the plan"), b.SHARE),
            b.Column(_("Each day so far"), b.MIXED),
            b.Column(_("Each day needed"), b.MIXED),
            b.Column(_("Days left"), b.COUNT),
        ),
        rows=tuple(rows),
        note=_("The year's plan is spread over business days. What was reached and planned ends with yesterday."),
    )


def _days(scene: Scene) -> b.Table:
    today = scene.book.today
    found = scene.numbers.daily(Period(today - dt.timedelta(days=DAYS), today))
    total, has_plan = found.to_date, not scene.question.is_narrow
    return b.Table(
        key="days",
        title=_("Day by day"),
        code="M28",
        columns=(
            b.Column(_("Day"), b.DATE),
            b.Column(_("Visits"), b.COUNT),
            b.Column(_("Orders"), b.COUNT),
            b.Column(_("a year before"), b.COUNT),
            b.Column(_("Conversion"), b.SHARE),
            b.Column(_("Demand"), b.MONEY),
            b.Column(_("a year before"), b.MONEY),
            b.Column(_("Net sales"), b.MONEY),
            b.Column(_("Plan"), b.MONEY),
        ),
        rows=tuple(_day(scene.question, one, has_plan=has_plan) for one in reversed(found.days)),
        total=None if total is None else _day(scene.question, total, _("All complete days"), has_plan=has_plan),
        note=_("A year before: the same weekday, 52 weeks back."),
    )


def _day(question: Question, one: Day, name: b.Text | None = None, *, has_plan: bool) -> b.Row:
    now, before = one.actual, one.year_before
    return b.Row(
        (
            one.period.first if name is None else name,
            now.sessions,
            now.transactions,
            before.transactions,
            now.conversion,
            now.demand,
            before.demand,
            now.net,
            one.plan.get("net_sales") if has_plan else None,
        ),
        mood_word=_("not over yet") if one.is_partial else "",
        opens=_day_opens(question, one.period),
    )


def _day_opens(question: Question, days: Period) -> dict[int, str]:
    before = Period(days.first - A_YEAR_OF_WEEKS, days.last - A_YEAR_OF_WEEKS)
    keys = ("conversion", "orders", "orders", "conversion", "demand", "demand", "net_sales")
    then = {3, 6}
    return {at: opens(question, key, **over(before if at in then else days)) for at, key in enumerate(keys, start=1)}


SECTION = Section("today", _("Today"), _("Where we stand, and what needs somebody now."), build)
