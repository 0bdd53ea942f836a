"""A figure for the chosen period beside another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.urls import reverse

from adoption.metrics.facts import Period
from adoption.reports import blocks as b
from adoption.reports.figures import BY_KEY, MONEY, SHARE, Figure, Reading
from adoption.reports.question import Question
from adoption.reports.sections.scene import Scene


@dataclass(frozen=True, slots=True)
class Line:
    """A figure now and before. `change` is in points for shares, relative for others."""

    figure: Figure
    question: Question
    now: Reading
    before: Reading

    @property
    def change(self) -> Decimal | None:
        """Difference of shares, or relative change; None when it can't be told."""
        if self.now.value is None or self.before.value is None:
            return None
        if self.figure.unit == SHARE:
            return self.now.value - self.before.value
        return self.now.value / self.before.value - 1 if self.before.value else None

    @property
    def change_unit(self) -> str:
        """Points for shares, percent for the others."""
        return b.POINTS if self.figure.unit == SHARE else b.CHANGE

    @property
    def part_unit(self) -> str:
        """Unit of the numerator."""
        return part_unit(self.figure)

    @property
    def link(self) -> str:
        """Address of the figure opened."""
        return opens(self.question, self.figure.key)

    @property
    def row(self) -> b.Row:
        """The figure as a row of "All figures"."""
        unit = self.figure.unit
        return b.Row(
            (
                self.figure.title,
                b.Figure(self.now.value, unit),
                b.Figure(self.before.value, unit),
                b.Figure(self.change, self.change_unit),
                b.Figure(self.now.part, part_unit(self.figure)),
                b.Figure(self.now.whole, self.figure.of_unit),
                self.now.excluded_count,
            ),
            link=self.link,
            code=self.figure.code,
            sub=self.figure.definition,
        )


def opens(question: Question, key: str, **changed: str) -> str:
    """Return where a figure opens, asked for as the question says, with some of it changed."""
    return f"{reverse('admin:adoption_figure', kwargs={'key': key})}?{question.address(**changed)}"


def over(period: Period) -> dict[str, str]:
    """Return what a question says to ask for these days."""
    return {"period": "custom", "first": period.first.isoformat(), "last": period.last.isoformat()}


def all_open(link: str, *places: int) -> dict[int, str]:
    """Return that the numbers of these places of a row open to one figure."""
    return dict.fromkeys(places, link)


def part_unit(figure: Figure) -> str:
    """Return the unit of the numerator: of an amount that is money too, whatever it is divided by."""
    return MONEY if figure.unit == MONEY else figure.of_unit


def tile_for(scene: Scene, key: str, *, note: b.Text = "") -> b.Tile:
    """Return the figure with this key as a tile that opens."""
    return replace(tile_of(line_of(scene, BY_KEY[key])), note=note)


def line_of(scene: Scene, figure: Figure) -> Line:
    """Return a figure for the question's period and the one beside it."""
    question = scene.question
    return Line(
        figure, question, figure.read(scene.numbers, question.period), figure.read(scene.numbers, question.beside)
    )


def tile_of(line: Line) -> b.Tile:
    """Return a figure for the top of a page."""
    return b.Tile(
        title=line.figure.title,
        code=line.figure.code,
        value=line.now.value,
        unit=line.figure.unit,
        part=line.now.part,
        whole=line.now.whole,
        of_unit=line.figure.of_unit,
        part_unit=part_unit(line.figure),
        change=line.change,
        link=line.link,
    )
