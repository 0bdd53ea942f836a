"""The settings in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from adoption.definitions.models import MetricSettings
from adoption.metrics.settings import Settings


def current() -> Settings:
    """Return the settings in force: those set last, else the defaults."""
    row = MetricSettings.objects.first()
    return Settings() if row is None else settings_of(row.differences)


def settings_of(differences: Mapping[str, Any]) -> Settings:
    """Return settings from what differs; a name that no longer exists is passed over."""
    default = Settings()
    known = {name: value for name, value in differences.items() if hasattr(default, name)}
    return replace(default, **{name: _read(value, getattr(default, name)) for name, value in known.items()})


def _read(value: Any, default: object) -> Any:
    if isinstance(default, frozenset):
        return frozenset(value)
    return Decimal(value) if isinstance(default, Decimal) else int(value)
