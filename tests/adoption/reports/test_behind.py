"""The rows behind a figure are the same, whether only those of its days are read or all there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from adoption import facts
from adoption.books import rollups
from adoption.books.rollups import Frame
from adoption.definitions.selectors import current
from adoption.facts import KINDS, VIEWS
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.metrics.facts import Book
from adoption.reports import scenes
from adoption.reports.behind import Behind, behind
from adoption.reports.figures import BY_KEY, Figure, Reading
from adoption.reports.rows import left_out_of, rows_of
from tests.adoption import canonical

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
ALL_KINDS = (*KINDS, *VIEWS, "search", "friction")


def summed(folder: Path) -> Frame:
    import_source(source=reading.folder(folder), now=NOW, say=lambda _text: None)
    frame = Frame.at(NOW, current())
    rollups.rebuild(frame=frame, now=NOW + dt.timedelta(minutes=1))
    return frame


def known(frame: Frame) -> Book:
    return facts.book(as_of=frame.as_of, settings=frame.settings, kinds=ALL_KINDS, own=frame.company)


def told(found: Behind, figure: Figure) -> dict[str, object]:
    """Everything that stands behind a figure, rows in any order."""
    one = figure.read(found.numbers, found.period)
    table = rows_of(found, figure, one)
    return {
        "part rows": sorted(one.part_rows),
        "whole rows": sorted(one.whole_rows),
        "per row": dict(one.per_row),
        "rows": sorted(str(plain(row.values)) for row in table.rows),
        "total": None if table.total is None else plain(table.total.values),
        "left out": sorted(str(row.values) for left in left_out_of(found, figure) for row in left.rows),
    }


def plain(values: tuple[object, ...]) -> list[object]:
    return [round(one, 6) + 0 if isinstance(one, Decimal) else one for one in values]


def numbers_of(one: Reading) -> tuple[object, ...]:
    rounded = [None if number is None else round(number, 9) + 0 for number in (one.value, one.part, one.whole)]
    return (*rounded, dict(one.excluded))


def differences(asked: dict[str, str], frame: Frame, whole: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What the facts of some days say otherwise than all facts."""
    few = scenes.scene_by_sums(data=asked, frame=frame, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(facts, "book", lambda **_asked: whole)
        every = scenes.scene_by_facts(data=asked, now=NOW, kinds=ALL_KINDS)
    for figure in BY_KEY.values():
        one, other = (figure.read(scene.numbers, scene.question.period) for scene in (few, every))
        if numbers_of(one) != numbers_of(other):
            yield f"{figure.key}: {numbers_of(one)} by sums, {numbers_of(other)} by facts"
        near, far = told(behind(few, figure), figure), told(behind(every, figure), figure)
        for name, said in near.items():
            if said != far[name]:
                yield f"{figure.key} {name}: {said} of some days, {far[name]} of all"


def over(first: str, last: str, **more: str) -> dict[str, str]:
    return {"period": "custom", "first": first, "last": last, **more}


def test_rows_of_a_period_are_those_of_all_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = summed(canonical.TINY)
    whole = known(frame)
    rep = next(one for one in whole.accounts.values() if one.rep_user_id)
    for asked in (
        over("2024-10-01", "2024-12-31"), over("2024-11-01", "2024-11-30", channel="web_self"),
        over("2024-12-01", "2024-12-10", segment="strategic"), over("2023-01-01", "2025-12-31", everyone="1"),
        over("2024-01-01", "2024-12-31", rep=rep.rep_user_id), over("2024-12-01", "2024-12-31", channel="phone"),
        over("2024-07-01", "2024-12-31", account=rep.account_id, compare="year"),
    ):  # fmt: skip
        assert list(differences(asked, frame, whole, monkeypatch)) == [], asked
