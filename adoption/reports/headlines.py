"""The few figures of the administration's first page: made with the sums, so that the page itself computes nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from adoption.books.models import RollupRun
from adoption.books.rollups import Frame, last_run
from adoption.metrics.facts import Period
from adoption.metrics.plan import METRICS, TOTAL
from adoption.reports.figures import BY_KEY
from adoption.reports.lines import line_of
from adoption.reports.scenes import scene_by_sums
from adoption.reports.sections.scene import Scene
from adoption.reports.sections.today import standing

MONTH = {"period": "month"}


def keep(*, frame: Frame, now: dt.datetime) -> None:
    """Keep the headlines of now with the last run of the sums."""
    run = last_run()
    if run is not None:
        RollupRun.objects.filter(pk=run.pk).update(headlines=made(frame=frame, now=now))


def kept() -> RollupRun | None:
    """Return the last run that has headlines."""
    return RollupRun.objects.exclude(headlines={}).order_by("-ran_at", "-pk").first()


def made(*, frame: Frame, now: dt.datetime) -> dict[str, Any]:
    """Return the figures as the report says them: shares as texts, None for what nobody can tell."""
    scene = scene_by_sums(data=MONTH, frame=frame, now=now)
    order = line_of(scene, BY_KEY["order"])
    metric, reached = _plan(scene)
    return {
        "online": _text(order.now.value),
        "change": _text(order.change),
        "leaks": len(scene.numbers.alerts().channel_leak),
        "plan": metric,
        "reached": _text(reached),
    }


def _plan(scene: Scene) -> tuple[str, Decimal | None]:
    """Return the year's first plan, and how much of it was reached of what was planned so far."""
    today = scene.book.today
    plans = [one for one in scene.book.plans if one.year == today.year and one.scope == TOTAL and one.metric in METRICS]
    for plan in sorted(plans, key=lambda one: list(METRICS).index(one.metric))[:1]:
        found = standing(scene, plan, Period(dt.date(today.year, 1, 1), dt.date(today.year, 12, 31)))
        return plan.metric, None if found is None else found.attainment
    return "", None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.6f}"
