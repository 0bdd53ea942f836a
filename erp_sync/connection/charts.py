"""Thirty days as small bars: places and words are worked out here, templates only draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from erp_sync.connection.selectors import DAYS, Day

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WIDTH, HEIGHT = 360, 64
STEP = WIDTH // DAYS
SOON = _("within a minute")


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where it stands, how high it is, whether it is bad."""

    x: int
    y: float
    height: float
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of bars. `span` is what bottom and top stand for, `latest` the last day's value, both in words.

    `begins` says when there is a first one.
    """

    key: str
    title: StrOrPromise
    explanation: StrOrPromise
    begins: StrOrPromise
    bars: tuple[Bar, ...]
    span: str
    latest: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class _Measure:
    key: str
    title: StrOrPromise
    explanation: StrOrPromise
    of: Callable[[Day], float | None]
    shown: Callable[[float], str]
    is_bad: Callable[[float], bool]
    top: float | None = None
    bottom: float = 0.0
    begins: StrOrPromise = SOON


def _milliseconds(value: float) -> str:
    return f"{_plain(value)} ms"


def _share(value: float) -> str:
    return format_percent(value, "#,##0.#\u00a0%", locale=_locale())


def duration(seconds: float) -> str:
    """Return a length of time in its nearest unit."""
    if seconds < 120:
        return f"{_plain(seconds)} s"
    return f"{_plain(seconds / 60)} min" if seconds < 7200 else f"{_plain(seconds / 3600)} h"


def age(seconds: int | None) -> str:
    """Return an age that may not be known."""
    return "" if seconds is None else duration(seconds)


def _plain(value: float) -> str:
    return format_decimal(round(value), locale=_locale())


def _locale() -> str:
    return to_locale(get_language() or "en")


_MEASURES = (
    _Measure(
        "answered",
        _("The ERP answered"),
        _("Share of the minutes of a day in which a call was answered."),
        lambda day: None if day.answered is None else float(day.answered),
        _share,
        lambda value: value < 0.99,
        top=1.0,
        bottom=0.9,
    ),
    _Measure(
        "latency",
        _("Time of an answer"),
        _("Median of one call a minute. A page waits 1.5 seconds at most."),
        lambda day: day.latency_ms,
        _milliseconds,
        lambda value: value > 1000,
    ),
    _Measure(
        "parity",
        _("Equal prices"),
        _("Every night a sample of what customers buy is priced by the shop and, afresh, by the ERP."),
        lambda day: None if day.parity is None else float(day.parity),
        _share,
        lambda value: value < 1,
        top=1.0,
        bottom=0.9,
        begins=_("after the first night"),
    ),
    _Measure(
        "writes",
        _("Longest wait of a write"),
        _("How old the oldest order on its way was, at worst. More than 15 minutes is an alarm."),
        lambda day: None if day.oldest_write_s is None else float(day.oldest_write_s),
        duration,
        lambda value: value > 900,
    ),
    _Measure(
        "lag",
        _("Age of the copy"),
        _("How far the copy was behind the ERP, at worst. More than 30 minutes is an alarm."),
        lambda day: None if day.mirror_lag_s is None else float(day.mirror_lag_s),
        duration,
        lambda value: value > 1800,
    ),
)


def charts(days: Sequence[Day]) -> list[Chart]:
    """Return one chart for each measure."""
    return [_chart(measure, days) for measure in _MEASURES]


def _chart(measure: _Measure, days: Sequence[Day]) -> Chart:
    values = [measure.of(day) for day in days]
    known = [value for value in values if value is not None]
    top = measure.top or max(known, default=0.0) or 1.0
    bars = tuple(_bar(number, value, measure, top) for number, value in enumerate(values) if value is not None)
    return Chart(
        key=measure.key,
        title=measure.title,
        explanation=measure.explanation,
        begins=measure.begins,
        bars=bars,
        span=f"{measure.shown(measure.bottom)} \u2013 {measure.shown(top)}",
        latest=measure.shown(known[-1]) if known else "",
        is_empty=not known,
    )


def _bar(number: int, value: float, measure: _Measure, top: float) -> Bar:
    share = max(0.0, min((value - measure.bottom) / (top - measure.bottom), 1.0))
    height = max(1.5, round(HEIGHT * share, 1))
    return Bar(number * STEP, round(HEIGHT - height, 1), height, measure.is_bad(value))
