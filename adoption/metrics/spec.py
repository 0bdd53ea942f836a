"""What a KPI export is asked for: read from JSON, every mistake named by key and allowed values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar, cast

from adoption.metrics.channel import ERP_SOURCES
from adoption.metrics.period import Period
from adoption.metrics.settings import MOST, Settings

CHANNELS = ("web_self", "punchout", "web_assisted", *sorted(ERP_SOURCES), "erp_other")
KEYS = (
    "alerts_<name>",
    "cohort_months",
    "cohort_period",
    "goals_current_period",
    "lifecycle",
    "period",
    "periods",
    "plan",
    "retention_horizons",
    "settings",
    "variants",
)
ALERT_KEYS = {
    "recent": "leak_recent_days",
    "baseline": "leak_baseline_days",
    "min_online": "leak_min_online",
    "min_recent": "leak_min_recent",
}
VARIANT_KEYS = ("as_of", "period", "ONLINE_CHANNELS", "horizon")
LONGEST = 3660
FIRST_YEAR, LAST_YEAR = 1900, 2999
YEARS = f"the years {FIRST_YEAR} to {LAST_YEAR}"
ONLY = "period"
Value = TypeVar("Value")
Path = str


class SpecError(ValueError):
    """The spec asks for nonsense; the text names the key and what is allowed."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A period with the one to compare with (None = the one before)."""

    period: Period
    previous: Period | None = None


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """Which year's plan to phase, and for which period to add it up. No scopes: `scope` alone, not nested."""

    year: int
    period: Period
    scopes: tuple[str, ...]
    is_nested: bool
    metric: str
    seasonality: bool | None


@dataclass(frozen=True, slots=True)
class Variant:
    """The same facts seen otherwise: from an earlier instant, or with other ONLINE channels."""

    period: str
    as_of: dt.datetime | None
    online: frozenset[str] | None
    horizon: int | None


@dataclass(frozen=True, slots=True)
class Spec:
    """What is asked for. `only` = one period whose metrics are not nested under its name."""

    only: Asked | None = None
    periods: Mapping[str, Asked] = field(default_factory=dict)
    cohort_period: Period | None = None
    cohort_months: int = 12
    retention_horizons: tuple[int, ...] = ()
    lifecycle: tuple[dt.date, ...] = ()
    goals_current_period: str = ""
    plan: PlanAsked | None = None
    alerts: Mapping[str, Settings] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


def read_spec(data: object) -> Spec:
    """Read a spec.

    Raises:
        SpecError: anything in it is unknown, of the wrong kind, or impossible.
    """
    given = _mapping("spec", data)
    _refuse_unknown("spec", [key for key in given if not key.startswith("alerts_")], KEYS)
    settings = _settings("settings", _sub(given, "settings"))
    only = _asked(ONLY, given[ONLY]) if ONLY in given else None
    periods = {name: _asked(f"periods.{name}", one) for name, one in _sub(given, "periods").items()}
    known = [*periods, *([ONLY] if only else [])]
    current = given.get("goals_current_period", "")
    return Spec(
        only=only,
        periods=periods,
        cohort_period=_period("cohort_period", given["cohort_period"]) if "cohort_period" in given else None,
        cohort_months=_whole("cohort_months", given.get("cohort_months", 12), most=120, least=0),
        retention_horizons=_list(given, "retention_horizons", _whole),
        lifecycle=_list(given, "lifecycle", _month),
        goals_current_period=_one_of("goals_current_period", current, known) if current != "" else "",
        plan=_plan("plan", given["plan"]) if "plan" in given else None,
        alerts={key: _alert(key, one, settings) for key, one in given.items() if key.startswith("alerts_")},
        variants={name: _variant(f"variants.{name}", one, known) for name, one in _sub(given, "variants").items()},
        settings=settings,
    )


def _mapping(path: Path, data: object) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise SpecError(path, f"must be an object {{…}}, not {_shown(data)}")
    return cast("Mapping[str, object]", data)


def _sub(given: Mapping[str, object], key: str) -> Mapping[str, object]:
    return _mapping(key, given.get(key, {}))


def _refuse_unknown(path: Path, keys: Sequence[str], allowed: Sequence[str]) -> None:
    unknown = [key for key in keys if key not in allowed]
    if unknown:
        raise SpecError(path, f"does not know {', '.join(map(repr, unknown))}; allowed: {', '.join(allowed)}")


def _shown(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _one_of(path: Path, value: object, allowed: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise SpecError(path, f"{_shown(value)} is not one of: {', '.join(allowed) or '(none given)'}")
    return value


def _whole(path: Path, value: object, most: int = LONGEST, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SpecError(path, f"must be a whole number from {least} to {most}, not {_shown(value)}")
    return value


def _list(given: Mapping[str, object], key: str, read: Callable[[Path, object], Value]) -> tuple[Value, ...]:
    values = given.get(key, [])
    if not isinstance(values, list):
        raise SpecError(key, f"must be a list […], not {_shown(values)}")
    return tuple(read(f"{key}[{place}]", value) for place, value in enumerate(values))


def _day(path: Path, value: object) -> dt.date:
    return _in_our_time(path, value, f"must be a day like 2024-12-31 of {YEARS}", "{}")


def _month(path: Path, value: object) -> dt.date:
    return _in_our_time(path, value, f"must be a month like 2024-12 of {YEARS}", "{}-01")


def _in_our_time(path: Path, value: object, problem: str, form: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(form.format(value) if isinstance(value, str) else "")
    except ValueError:
        found = dt.date.max
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise SpecError(path, f"{problem}, not {_shown(value)}")
    return found


def _period(path: Path, value: object, more: Sequence[str] = ()) -> Period:
    given = _mapping(path, value)
    _refuse_unknown(path, list(given), ("start", "end", *more))
    first, last = _day(f"{path}.start", given.get("start")), _day(f"{path}.end", given.get("end"))
    if last < first:
        raise SpecError(f"{path}.end", f"{last} is before its start {first}; allowed: {first} or later")
    if (last - first).days >= LONGEST:
        raise SpecError(f"{path}.end", f"{last} is too late; allowed: at most {LONGEST} days after {first}")
    return Period(first, last)


def _asked(path: Path, value: object) -> Asked:
    period = _period(path, value, more=("previous",))
    previous = _mapping(path, value).get("previous")
    return Asked(period, None if previous is None else _period(f"{path}.previous", previous))


def _plan(path: Path, value: object) -> PlanAsked:
    given = _mapping(path, value)
    _refuse_unknown(path, list(given), ("year", "period", "scopes", "scope", "metric", "seasonality"))
    if ("scope" in given) == ("scopes" in given):
        raise SpecError(path, "needs either scope (one name) or scopes (a list of names)")
    scopes = _list(given, "scopes", _text) if "scopes" in given else (_text(f"{path}.scope", given["scope"]),)
    seasonality = given.get("seasonality")
    if seasonality is not None and not isinstance(seasonality, bool):
        raise SpecError(f"{path}.seasonality", f"must be true or false, not {_shown(seasonality)}")
    year = _whole(f"{path}.year", given.get("year"), most=LAST_YEAR, least=FIRST_YEAR)
    whole = {"start": f"{year}-01-01", "end": f"{year}-12-31"}
    return PlanAsked(
        year=year,
        period=_period(f"{path}.period", given.get("period", whole)),
        scopes=scopes,
        is_nested="scopes" in given,
        metric=_text(f"{path}.metric", given.get("metric", "net_sales")),
        seasonality=seasonality,
    )


def _text(path: Path, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise SpecError(path, f"must be a name, not {_shown(value)}")
    return value


def _alert(path: Path, value: object, settings: Settings) -> Settings:
    given = _mapping(path, value)
    _refuse_unknown(path, list(given), tuple(ALERT_KEYS))
    chosen = {ALERT_KEYS[key]: _whole(f"{path}.{key}", one) for key, one in given.items()}
    return replace(settings, **chosen)  # type: ignore[arg-type]  # all of them are whole numbers


def _variant(path: Path, value: object, known: Sequence[str]) -> Variant:
    given = _mapping(path, value)
    _refuse_unknown(path, list(given), VARIANT_KEYS)
    online = None
    if "ONLINE_CHANNELS" in given:
        online = _channels(f"{path}.ONLINE_CHANNELS", given["ONLINE_CHANNELS"])
    return Variant(
        period=_one_of(f"{path}.period", given.get("period"), known),
        as_of=_instant(f"{path}.as_of", given["as_of"]) if "as_of" in given else None,
        online=online,
        horizon=_whole(f"{path}.horizon", given["horizon"]) if "horizon" in given else None,
    )


def _instant(path: Path, value: object) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise SpecError(path, f"must be an instant with its zone like 2024-12-31T23:00:00Z, not {_shown(value)}")
    return found.astimezone(dt.UTC)


def _channels(path: Path, value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise SpecError(path, f"must be a list of: {', '.join(CHANNELS)}")
    return frozenset(_one_of(path, one, CHANNELS) for one in value)


def _settings(path: Path, given: Mapping[str, object]) -> Settings:
    """Read settings by their own names; see adoption/metrics/settings.py."""
    default = Settings()
    _refuse_unknown(path, list(given), [one.name for one in fields(default)])
    chosen = {name: _setting(f"{path}.{name}", value, getattr(default, name)) for name, value in given.items()}
    try:
        return replace(default, **chosen)  # type: ignore[arg-type]  # each value has just been read as its field's kind
    except ValueError as error:
        raise SpecError(path, str(error)) from error


def _setting(path: Path, value: object, default: object) -> frozenset[str] | int | Decimal:
    if isinstance(default, frozenset):
        return _channels(path, value)
    if isinstance(default, Decimal):
        return _decimal(path, value)
    return _whole(path, value, most=MOST, least=0)


def _decimal(path: Path, value: object) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or found < 0:
        raise SpecError(path, f"must be a number from 0 up, not {_shown(value)}")
    return found
