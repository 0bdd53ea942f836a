"""Puts together what the pages of the report show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from adoption.facts import KINDS
from adoption.reports import blocks as b
from adoption.reports import charts, periods, question
from adoption.reports.behind import behind
from adoption.reports.figures import Figure
from adoption.reports.lines import Line, line_of
from adoption.reports.names import rep_names
from adoption.reports.question import Question
from adoption.reports.rows import left_out_of, rows_of
from adoption.reports.scenes import scene_of
from adoption.reports.sections.scene import Scene, Section
from adoption.reports.words import channel_word

PRINT = "print"


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    words: b.Text


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: what was asked, up to when facts count, by which settings.

    Attributes:
        settings: Those that differ from the defaults: name -> (now, default).
        channels, regions, reps, segments: What the filters offer. `account`: the one customer that is shown.
        is_print: To be printed: without menus, everything unfolded.
    """

    question: Question
    as_of: dt.datetime
    currency: str
    settings: Mapping[str, tuple[object, object]]
    accounts: int
    orders: int
    channels: tuple[Choice, ...]
    regions: tuple[Choice, ...]
    reps: tuple[Choice, ...]
    segments: tuple[Choice, ...]
    account: str = ""
    is_print: bool = False

    @property
    def chosen(self) -> tuple[b.Text, ...]:
        """The filters that leave something out, in words."""
        asked = self.question
        offered = (
            (asked.segment, self.segments),
            (asked.rep, self.reps),
            (asked.region, self.regions),
            (asked.channel, self.channels),
        )
        found = (one.words for value, choices in offered if value for one in choices if one.value == value)
        return (*((self.account,) if self.account else ()), *found)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the report."""

    frame: Frame
    section: Section
    blocks: tuple[b.Block, ...]


def page(*, section: Section, data: Mapping[str, str], now: dt.datetime) -> Page:
    """Return a page of the report."""
    scene = scene_of(data=data, now=now, kinds=section.kinds)
    return Page(frame_of(scene), section, tuple(section.build(scene)))


def frame_of(scene: Scene) -> Frame:
    """Return what stands around a page."""
    accounts = [one for one in scene.whole.accounts.values() if not one.is_test]
    reps = {one.rep_user_id for one in accounts if one.rep_user_id}
    names = rep_names(reps)
    return Frame(
        question=scene.question,
        as_of=scene.book.as_of,
        currency=scene.book.currency,
        settings=scene.book.settings.differences(),
        accounts=len(scene.book.accounts),
        orders=sum(scene.numbers.orders(scene.question.period).values()),
        channels=tuple(Choice(one, channel_word(one)) for one in scene.numbers.channels()),
        regions=tuple(Choice(one, one) for one in sorted({question.region_of(a) for a in accounts} - {""})),
        reps=tuple(sorted((Choice(one, names.get(one, one)) for one in reps), key=lambda choice: str(choice.words))),
        segments=_segments({one.segment for one in accounts} - {""}),
        account=scene.whole.name_of(scene.question.account) if scene.question.account else "",
        is_print=scene.given.get("view") == PRINT,
    )


def _segments(price_lists: Collection[str]) -> tuple[Choice, ...]:
    """Return strategic or not, and the price lists of the ERP when there are several."""
    own = [Choice(value, words) for value, words in question.SEGMENTS]
    lists = [Choice(one, _("price list %(name)s") % {"name": one}) for one in sorted(price_lists)]
    return (*own, *(lists if len(lists) > 1 else ()))


@dataclass(frozen=True, slots=True)
class Detail:
    """A figure opened: definition, numbers, rows, and twelve months of it."""

    frame: Frame
    line: Line
    blocks: tuple[b.Block, ...]


def detail(*, figure: Figure, data: Mapping[str, str], now: dt.datetime) -> Detail:
    """Return one figure with everything behind it."""
    scene = scene_of(data=data, now=now, kinds=(*KINDS, *figure.kinds))
    line = line_of(scene, figure)
    chart = charts.trend(scene.question, scene.numbers, figure, periods.last_months(12, scene.book.today))
    found = behind(scene, figure)
    rows = rows_of(found, figure, figure.read(found.numbers, found.period), says=line.now)
    notes = [b.Note(rows.only)] if rows.only else []
    return Detail(frame_of(scene), line, (chart, *notes, rows, *left_out_of(found, figure)))
