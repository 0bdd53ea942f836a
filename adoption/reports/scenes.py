"""Sets the scene of a page: what was asked, and where its figures come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

from adoption import facts
from adoption.books import rollups
from adoption.books.rollups import Frame
from adoption.definitions.selectors import current
from adoption.facts import KINDS
from adoption.reports import question
from adoption.reports.errors import SumsAreMissing
from adoption.reports.numbers.asked import Asked
from adoption.reports.numbers.by_facts import ByFacts
from adoption.reports.numbers.by_sums import BySums
from adoption.reports.sections.scene import Scene


def scene_of(*, data: Mapping[str, str], now: dt.datetime, kinds: Collection[str] = KINDS) -> Scene:
    """Return the scene that an address asks for: from the sums when they are ready, else from the facts.

    Raises:
        SumsAreMissing: There are none, and more facts than anybody waits for.
    """
    frame = Frame.at(now, current())
    run = rollups.ready(frame=frame, now=now)
    if run is None:
        if facts.are_many():
            raise SumsAreMissing
        return scene_by_facts(data=data, now=now, kinds=kinds)
    return scene_by_sums(data=data, frame=replace(frame, as_of=frame.company.instant(run.ran_at)), now=now)


def scene_by_facts(*, data: Mapping[str, str], now: dt.datetime, kinds: Collection[str] = KINDS) -> Scene:
    """Return the scene with every row behind its figures, as of now (or as imported facts say)."""
    own = facts.company()
    whole = facts.book(as_of=own.instant(now), settings=current(), kinds=kinds, own=own)
    asked = question.asked(data, today=whole.today)
    book = question.narrowed(whole, asked)
    across = question.narrowed(whole, replace(asked, channel="")) if asked.channel else book
    return Scene(ByFacts(book, across, whole), book, whole, asked, now, facts.has_payments(), data)


def scene_by_sums(*, data: Mapping[str, str], frame: Frame, now: dt.datetime) -> Scene:
    """Return the scene with figures from the sums, as of when they were made."""
    whole = facts.frame_book(as_of=frame.as_of, settings=frame.settings, own=frame.company)
    asked = question.asked(data, today=whole.today)
    book = question.narrowed(whole, asked)
    numbers = BySums(Asked(book, asked.is_narrow, asked.channel))
    return Scene(numbers, book, whole, asked, now, facts.has_payments(), data)
