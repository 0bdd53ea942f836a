"""Plan and goals: the year by quarter and month, what was set, how far it is, and what to set next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Goal, Period
from adoption.metrics.goals import GoalState, last_complete_month, state_of
from adoption.metrics.period import month_of, months_after
from adoption.metrics.plan import METRICS as MEASURED
from adoption.metrics.plan import TOTAL
from adoption.metrics.rounding import ratio
from adoption.metrics.rows import PlanAmount
from adoption.plans.goal_metrics import FIGURE_OF_GOAL, MONEY_METRICS, NUMBERS, name_of
from adoption.plans.models import Goal as GoalRow
from adoption.plans.readiness import ANSWERS, QUESTIONS, Question, Result, result_of
from adoption.reports import blocks as b
from adoption.reports.lines import opens, over
from adoption.reports.numbers.goals import GOALS
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.sections.today import plans_are_of_all, reached_opens
from adoption.reports.words import number_text, plan_word, status_word

HALF_A_YEAR = 6
MOODS = {"achieved": b.GOOD, "on_track": b.GOOD, "at_risk": b.ATTENTION, "off_track": b.BAD, "overdue": b.BAD}
QUIZ = "quiz_"


def build(scene: Scene) -> list[b.Block]:
    """Return the blocks of the page."""
    return [_goals(scene), *_plans(scene), *_quiz(scene)]


def _goals(scene: Scene) -> b.Table:
    titles = {one.goal_id: one for one in GoalRow.objects.select_related("owner")}
    rows = [
        replace(
            _goal(one, _state(scene, one), titles.get(one.goal_id)),
            opens=_now_opens(scene, one.metric, _over(scene, one), 2),
        )
        for one in scene.book.goals
    ]
    return b.Table(
        key="goals",
        title=_("Goals"),
        code="M27",
        columns=(
            b.Column(_("Goal")),
            b.Column(_("From"), b.MIXED),
            b.Column(_("Now"), b.MIXED),
            b.Column(_("To"), b.MIXED),
            b.Column(_("Progress"), b.SHARE),
            b.Column(_("Expected by now"), b.SHARE),
            b.Column(_("Forecast"), b.MIXED),
            b.Column(_("Due"), b.DATE),
            b.Column(_("Owner")),
        ),
        rows=tuple(rows),
        note=_note(scene),
        empty=_("No goal yet. Answer the ten questions below: each weak answer drafts one."),
    )


def _note(scene: Scene) -> b.Text:
    if scene.question.is_narrow:
        return _("Now is of the customers and channels chosen above; the goals were set for all of them.")
    return _("Now is the last complete month, unless the goal names another period.")


def _state(scene: Scene, goal: Goal) -> GoalState:
    """Return M27: the goal's metric over its own period, or the last complete month."""
    read = GOALS.get(goal.metric)
    current = ratio(read(scene.numbers, _over(scene, goal))) if read else None
    return state_of(goal, current=current, today=scene.book.today)


def _over(scene: Scene, goal: Goal) -> Period:
    return goal.period or last_complete_month(scene.book.today)


def _now_opens(scene: Scene, metric: str, period: Period, place: int) -> dict[int, str]:
    """Return where a metric's value now leads."""
    key = FIGURE_OF_GOAL.get(metric)
    return {place: opens(scene.question, key, **over(period))} if key else {}


def _goal(goal: Goal, state: GoalState, row: GoalRow | None) -> b.Row:
    unit = unit_of(goal.metric)
    values = (
        str(row) if row and row.title else str(name_of(goal.metric)),
        b.Figure(goal.baseline, unit),
        b.Figure(state.current, unit),
        b.Figure(goal.target, unit),
        state.progress,
        state.expected,
        b.Figure(state.forecast, unit),
        goal.due,
        str(row.owner) if row and row.owner else "",
    )
    link = reverse("admin:adoption_goal_change", args=[row.pk]) if row else ""
    return b.Row(values, link=link, mood=MOODS.get(state.status, ""), mood_word=status_word(state.status))


def unit_of(metric: str) -> str:
    """Return the unit of a goal's metric."""
    if metric in MONEY_METRICS:
        return b.MONEY
    return b.NUMBER if metric in NUMBERS else b.SHARE


def _plans(scene: Scene) -> list[b.Block]:
    if scene.question.is_narrow:
        return [plans_are_of_all(scene)]
    year = scene.question.period.last.year
    plans = [one for one in scene.book.plans if one.year == year and one.metric in MEASURED]
    if not plans:
        text = _("No plan for %(year)s yet. Enter an amount for the year: it is spread over business days by itself.")
        link = reverse("admin:adoption_plan_add")
        return [b.Note(text % {"year": year}, b.INFO, link, _("Enter the year's plan"))]
    return [block for plan in plans if plan.scope == TOTAL for block in _plan(scene, plan)]


def _plan(scene: Scene, plan: PlanAmount) -> list[b.Block]:
    phased = scene.numbers.phased(plan)
    months = [month_of(dt.date(plan.year, month, 1)) for month in range(1, 13)]
    planned = [phased.in_period(one) for one in months]
    reached = [_reached(scene, plan, one) for one in months]
    unit = b.COUNT if plan.metric == "orders" else b.MONEY
    chart = b.Chart(
        key=f"plan-{plan.metric}",
        title=f"{plan_word(plan.metric)} {plan.year}",
        code="M22",
        shape="lines",
        labels=tuple(one.first for one in months),
        series=(
            b.Series(_("reached"), "online", tuple(_running(reached))),
            b.Series(_("planned"), "past", tuple(_running(planned))),
        ),
        unit=unit,
        label_title=_("Month"),
        note=_("Added up over the year; what was reached ends with the last complete day."),
    )
    return [chart, _months(scene, plan, months, planned, reached)]


def _reached(scene: Scene, plan: PlanAmount, period: Period) -> Decimal | None:
    until = period.until(scene.book.today)
    return None if until is None else scene.numbers.actual(plan.metric, plan.scope, until)


def _running(values: list[Decimal | None]) -> list[Decimal | None]:
    """Add values up; from the first missing one on nothing is known."""
    total, found = Decimal(0), list[Decimal | None]()
    for value in values:
        if value is None:
            return found + [None] * (len(values) - len(found))
        total += value
        found.append(total)
    return found


def _months(
    scene: Scene, plan: PlanAmount, months: list[Period], planned: list[Decimal | None], reached: list[Decimal | None]
) -> b.Table:
    unit = b.COUNT if plan.metric == "orders" else b.MONEY
    quarters = scene.numbers.phased(plan).quarters()
    rows = [
        b.Row(
            (one.first, was, now, now / was if was and now is not None else None),
            opens=reached_opens(scene, plan.metric, one, 2),
        )
        for one, was, now in zip(months, planned, reached, strict=True)
    ]
    amounts = " · ".join(number_text(amount, unit, scene.book.currency) for amount in quarters)
    note = _("By quarter: %(amounts)s.") % {"amounts": amounts}
    return b.Table(
        key=f"months-{plan.metric}",
        title=_("The plan by month"),
        code="M22",
        columns=(
            b.Column(_("Month"), b.MONTH),
            b.Column(_("Planned"), unit),
            b.Column(_("Reached"), unit),
            b.Column(_("Reached"), b.SHARE),
        ),
        rows=tuple(rows),
        note=note,
        folded=True,
    )


@dataclass(frozen=True, slots=True)
class Quiz:
    """The questions with the answers given, and what was made of them."""

    prefix: str
    questions: tuple[tuple[Question, str], ...]
    answers: tuple[tuple[str, b.Text], ...]
    result: Result
    kept: Mapping[str, str]


def _quiz(scene: Scene) -> list[b.Block]:
    given = {one.key: scene.given.get(f"{QUIZ}{one.key}", "") for one in QUESTIONS}
    found = result_of(given)
    kept = {name: value for name, value in scene.given.items() if not name.startswith(QUIZ)}
    pairs = tuple((one, given[one.key]) for one in QUESTIONS)
    blocks: list[b.Block] = [b.Included("admin/adoption/_quiz.html", Quiz(QUIZ, pairs, ANSWERS, found, kept))]
    if found.answered:
        blocks.append(_drafts(scene, found))
    return blocks


def _drafts(scene: Scene, found: Result) -> b.Table:
    return b.Table(
        key="drafts",
        title=_("Goals that your answers suggest"),
        code="M27",
        columns=(
            b.Column(_("Goal")),
            b.Column(_("Now"), b.MIXED),
            b.Column(_("In half a year"), b.MIXED),
        ),
        rows=tuple(row for one in found.weak if (row := _draft(scene, one)) is not None),
        note=_("Open one to set it: it is filled in, you choose the owner and may change everything."),
        empty=_("No weak answer: nothing to suggest."),
    )


def _draft(scene: Scene, question: Question) -> b.Row | None:
    """Return a goal to set; None when there is nowhere to go: it is at its best already."""
    today = scene.book.today
    current = ratio(GOALS[question.metric](scene.numbers, last_complete_month(today)))
    target = min((current or Decimal(0)) + question.step, Decimal(1))
    if current == target:
        return None
    asked = {
        "title": str(name_of(question.metric)),
        "metric": question.metric,
        "baseline": current if current is not None else "0",
        "target": target,
        "start_on": today.isoformat(),
        "due_on": months_after(today.replace(day=1), HALF_A_YEAR).isoformat(),
    }
    link = f"{reverse('admin:adoption_goal_add')}?{urlencode(asked)}"
    unit = unit_of(question.metric)
    return b.Row(
        (name_of(question.metric), b.Figure(current, unit), b.Figure(target, unit)),
        link=link,
        sub=question.why,
        opens=_now_opens(scene, question.metric, last_complete_month(today), 1),
    )


SECTION = Section("plan", _("Plan and goals"), _("What was set, how far it is, and what to set next."), build)
