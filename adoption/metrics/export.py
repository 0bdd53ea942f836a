"""The KPI export: a book and a spec in, one nested answer out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from adoption.metrics import shapes
from adoption.metrics.book import Book
from adoption.metrics.channels import channel_retention
from adoption.metrics.goals import goal_state
from adoption.metrics.lifecycle import cohorts, lifecycle, returning
from adoption.metrics.period import Period
from adoption.metrics.plan import METRICS, Phased, phased_plan
from adoption.metrics.quotes import quotes
from adoption.metrics.rows import PlanAmount
from adoption.metrics.service import tracking
from adoption.metrics.shapes import Json
from adoption.metrics.spec import ONLY, Asked, PlanAsked, Spec, SpecError, Variant


def export(book: Book, spec: Spec) -> dict[str, Json]:
    """Return every metric that the spec asks for, by the names of metrics.md.

    Raises:
        SpecError: the book cannot answer it (no such plan, an instant after its own).
    """
    book = replace(book, settings=spec.settings) if spec.settings != book.settings else book
    found: dict[str, Json] = {
        "adoption_score": shapes.scores_shape(book),
        "goals": _goals(book, spec),
        "login_decay": shapes.decay_shape(book),
    }
    if spec.only is None:
        found |= {"alerts": shapes.alerts_shape(book), "meta": _meta(book, spec)}
    if spec.goals_current_period in spec.periods:
        found["goals_current_period"] = spec.goals_current_period
    found |= _periods(book, spec)
    found |= _cohorts(book, spec)
    if spec.lifecycle:
        found["lifecycle"] = {f"{m:%Y-%m}": shapes.lifecycle_shape(lifecycle(book, m)) for m in spec.lifecycle}
    if spec.plan:
        found["plan"] = _plan(book, spec.plan)
    for name, settings in spec.alerts.items():
        found[name] = shapes.alerts_shape(replace(book, settings=settings))
    for name, variant in spec.variants.items():
        found[f"variant_{name}"] = _variant(book, spec, variant, path=f"variants.{name}")
    return dict(sorted(found.items()))


def _meta(book: Book, spec: Spec) -> dict[str, Json]:
    firsts = [one.period.first for one in _asked(spec).values()]
    return {
        "as_of": instant(book.as_of),
        "company_calendar": book.calendar,
        "company_currency": book.currency,
        "company_tz": book.timezone,
        "end_exclusive": book.meta.get("end_exclusive", book.today.isoformat()),
        "first_day": book.meta.get("first_day", min(firsts, default=book.today).isoformat()),
    }


def instant(at: dt.datetime) -> str:
    """Return an instant as text in UTC.

    >>> instant(dt.datetime(2024, 12, 31, 23, tzinfo=dt.UTC))
    '2024-12-31T23:00:00Z'
    """
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _asked(spec: Spec) -> dict[str, Asked]:
    return {**spec.periods, **({ONLY: spec.only} if spec.only else {})}


def _periods(book: Book, spec: Spec) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if spec.only:
        report = shapes.period_report(book, spec.only.period, spec.only.previous)
        found |= {ONLY: {"start": report.pop("start"), "end": report.pop("end")}, **report}
    if spec.periods:
        found["periods"] = {
            name: shapes.period_report(book, one.period, one.previous) for name, one in spec.periods.items()
        }
    return found


def _cohorts(book: Book, spec: Spec) -> dict[str, Json]:
    if spec.cohort_period is None:
        return {}
    within = spec.cohort_period
    return {
        "channel_retention": {
            f"H{days}": shapes.retention_shape(channel_retention(book, within, horizon_days=days))
            for days in spec.retention_horizons
        },
        "cohorts": {
            f"{one.month:%Y-%m}": shapes.cohort_shape(one)
            for one in cohorts(book, within=within, months=spec.cohort_months)
        },
        "returning_365": shapes.returning_shape(returning(book, within)),
    }


def _goals(book: Book, spec: Spec) -> dict[str, Json]:
    asked = _asked(spec).get(spec.goals_current_period)
    period = asked.period if asked else None
    return {
        goal.goal_id: shapes.goal_shape(goal_state(book, goal, period=period))
        for goal in sorted(book.goals, key=lambda one: one.goal_id)
    }


def _plan(book: Book, asked: PlanAsked) -> dict[str, Json]:
    phased = {scope: _phased(book, asked, scope) for scope in asked.scopes}
    if not asked.is_nested:
        return shapes.plan_shape(phased[asked.scopes[0]], asked.period)
    return {scope: shapes.plan_shape(one, asked.period) for scope, one in phased.items()}


def _phased(book: Book, asked: PlanAsked, scope: str) -> Phased:
    plans = {(one.year, one.metric, one.scope): one for one in book.plans}
    plan: PlanAmount | None = plans.get((asked.year, asked.metric, scope))
    if plan is None:
        known = ", ".join(sorted(f"{year} {metric} {name}" for year, metric, name in plans)) or "none at all"
        raise SpecError("plan", f"there is no plan for {asked.year} {asked.metric} {scope}; there are: {known}")
    if asked.seasonality is not None:
        plan = replace(plan, seasonality=asked.seasonality)
    if plan.seasonality and plan.metric not in METRICS:
        raise SpecError("plan.metric", f"{plan.metric!r} has no actuals; allowed: {', '.join(METRICS)}")
    return phased_plan(book, plan)


def _variant(book: Book, spec: Spec, variant: Variant, *, path: str) -> dict[str, Json]:
    period = _asked(spec)[variant.period].period
    within = spec.cohort_period or period
    if variant.online is not None:
        book = replace(book, settings=replace(book.settings, online=variant.online))
    if variant.as_of is None:
        retention = _retention(book, variant, within)
        return {variant.period: {"adoption": shapes.adoption_shape(book, period), "retention": retention}}
    if variant.as_of > book.as_of:
        raise SpecError(f"{path}.as_of", f"is after the facts end; allowed: {instant(book.as_of)} or earlier")
    return _as_of(replace(book, as_of=variant.as_of), variant, period, within)


def _as_of(book: Book, variant: Variant, period: Period, within: Period) -> dict[str, Json]:
    return {
        "alerts": shapes.alerts_shape(book),
        "as_of": instant(book.as_of),
        "delivery": shapes.delivery_shape(book, period),
        "quotes": shapes.quotes_shape(quotes(book, period)),
        "retention": _retention(book, variant, within),
        "returning": shapes.returning_shape(returning(book, within)),
        "tracking": shapes.number(tracking(book, period).overall.value),
    }


def _retention(book: Book, variant: Variant, within: Period) -> dict[str, Json]:
    return shapes.retention_shape(channel_retention(book, within, horizon_days=variant.horizon))
