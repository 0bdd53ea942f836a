"""Keeps what a manager chose."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from adoption.definitions.models import MetricSettings
from adoption.metrics.settings import Settings


def keep(*, chosen: Settings, by: User, note: str, now: dt.datetime) -> MetricSettings:
    """Put new settings in force; the former ones stay in the history."""
    return MetricSettings.objects.create(set_at=now, set_by=by, differences=stored(chosen), note=note)


def stored(chosen: Settings) -> dict[str, Any]:
    """Return what differs from the defaults, as it is kept.

    >>> stored(Settings(tracking_days=30, online=frozenset({"web_self"})))
    {'online': ['web_self'], 'tracking_days': '30'}
    """
    return {
        name: sorted(value) if isinstance(value, frozenset) else str(value)
        for name, (value, _default) in chosen.differences().items()
    }
