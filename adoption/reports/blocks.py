"""What a report page is made of: plain values that the template, the CSV, the XLSX and the mail show alike.

A section builds blocks; nothing else formats a number. A value travels with its unit, so that a screen can write
"37,5 %" where a spreadsheet gets 0.375.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with a unit of its own, for a column whose rows differ (unit MIXED)."""

    number: Decimal | None
    unit: str


Value = str | Promise | int | Decimal | dt.date | dt.datetime | Figure | None

# Units of a column or a tile.
TEXT, COUNT, NUMBER, SHARE, POINTS, CHANGE, MONEY, DATE, MONTH, MOMENT, CHANNEL, MINUTES, MIXED = (
    "text", "count", "number", "share", "points", "change", "money", "date", "month", "moment", "channel", "minutes",
    "mixed",
)  # fmt: skip
NUMERIC = frozenset({COUNT, NUMBER, SHARE, POINTS, CHANGE, MONEY, MINUTES, MIXED})
GOOD, ATTENTION, BAD, INFO = "good", "attention", "bad", "info"
HEIGHT, WIDTH, NAME_HEIGHT = Decimal(120), Decimal(600), Decimal(18)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the top of a page: what it is, how much, of how many, and which way it moved.

    Attributes:
        code: Of the metric in docs/metrics.md; figure: key in `figures.BY_KEY` that it opens, or "".
        part_unit: Of the part where it is not that of the whole (money of so many orders); "" = the same.
        change: In points for shares, relative for all others; None = can't be told.
        mood: good, attention or bad with `note` as its words; "" = no judgement.
    """

    title: Text
    code: str
    value: Decimal | None
    unit: str
    part: Decimal | None = None
    whole: Decimal | None = None
    of_unit: str = NUMBER
    part_unit: str = ""
    change: Decimal | None = None
    figure: str = ""
    link: str = ""
    note: Text = ""
    mood: str = ""
    kind = "tile"


@dataclass(frozen=True, slots=True)
class Tiles:
    """A row of figures."""

    tiles: tuple[Tile, ...]
    kind = "tiles"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the unit of its values."""

    title: Text
    unit: str = TEXT

    @property
    def is_number(self) -> bool:
        """Aligned to the right."""
        return self.unit in NUMERIC


@dataclass(frozen=True, slots=True)
class Row:
    """A row: values in the order of the columns. `mood` marks the row.

    Attributes:
        link: Opens what the first value names.
        opens: Where the number of a column leads: to the figure that it is, with its rows.
    """

    values: tuple[Value, ...]
    link: str = ""
    code: str = ""
    sub: Text = ""
    mood: str = ""
    mood_word: Text = ""
    opens: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is shown, printed and exported alike.

    Attributes:
        key: Unique on its page: names its file.
        note: What to know to read it. `empty`: why there is nothing, and what to do.
        total: A last row that adds up the others.
        only: What they are not all of: files say it under the rows.
        folded: Shown closed, as the numbers behind a chart are.
        most: So many rows are shown; exports have all.
    """

    key: str
    title: Text
    code: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: Text = ""
    empty: Text = ""
    total: Row | None = None
    folded: bool = False
    most: int = 500
    only: Text = ""
    kind = "table"

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that a screen shows."""
        return self.rows[: self.most]


@dataclass(frozen=True, slots=True)
class Series:
    """One line or layer of a chart. `look`: online, assisted, offline, neutral or past."""

    title: Text
    look: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its table. `shape`: "stack" (layers of columns, from zero) or "lines".

    Attributes:
        labels: One for each place on the x axis.
        top: The value at the upper edge; None = the highest there is.
        open_from: Index from which the values are not over yet; None = all are.
        numbers: Its table when it says more than the series do.
    """

    key: str
    title: Text
    code: str
    shape: str
    labels: tuple[Text | dt.date, ...]
    series: tuple[Series, ...]
    unit: str
    top: Decimal | None = None
    note: Text = ""
    label_title: Text = ""
    label_unit: str = MONTH
    open_from: int | None = None
    numbers: Table | None = None
    kind = "chart"

    @property
    def table(self) -> Table:
        """The chart's numbers."""
        if self.numbers is not None:
            return self.numbers
        columns = (Column(self.label_title, self.label_unit), *(Column(one.title, self.unit) for one in self.series))
        rows = tuple(Row((label, *(one.values[at] for one in self.series))) for at, label in enumerate(self.labels))
        return Table(self.key, self.title, self.code, columns, rows, folded=True)

    @property
    def step(self) -> Decimal:
        """Width of one place on the x axis."""
        return WIDTH / max(len(self.labels), 1)

    @property
    def middle(self) -> str:
        """Half of a column's width, where its texts stand."""
        return f"{4 + self.step * Decimal('0.35'):.1f}"

    @property
    def columns(self) -> tuple[Layered, ...]:
        """The columns of a "stack", each with its bars from the bottom up."""
        highest = self.top or max((self._sum(at) for at in range(len(self.labels))), default=Decimal(0)) or Decimal(1)
        return tuple(self._column(at, label, highest) for at, label in enumerate(self.labels))

    @property
    def names(self) -> tuple[tuple[Text, str], ...]:
        """The layers of a "stack" with where their names stand: beside the last column that has them."""
        if len(self.series) < 2 or not self.columns:
            return ()
        bars = {bar.look: bar for bar in self.columns[-1].bars}
        middles = [(one.title, bars[one.look].middle) for one in self.series if one.look in bars]
        placed, free = [], Decimal(0)
        for title, y in sorted(middles, key=lambda pair: pair[1]):
            free = max(y, free) + NAME_HEIGHT
            placed.append((title, f"{free - NAME_HEIGHT:.1f}"))
        return tuple(placed)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of "lines", broken where a value is missing."""
        known = [value for one in self.series for value in one.values if value is not None]
        highest = self.top or max(known, default=Decimal(0)) or Decimal(1)
        return _apart(self._line(one, highest) for one in self.series)

    def _sum(self, at: int) -> Decimal:
        return sum((one.values[at] or Decimal(0) for one in self.series), Decimal(0))

    def _column(self, at: int, label: Text | dt.date, highest: Decimal) -> Layered:
        bars, top = [], HEIGHT
        for one in self.series:
            height = HEIGHT * max(one.values[at] or Decimal(0), Decimal(0)) / highest
            top -= height
            if height:
                bars.append(Bar(one.look, f"{top:.1f}", f"{height:.1f}", one.values[at]))
        is_open = self.open_from is not None and at >= self.open_from
        return Layered(label, f"{self.step * at:.1f}", f"{self.step * Decimal('0.7'):.1f}", tuple(bars), is_open)

    def _line(self, series: Series, highest: Decimal) -> Line:
        dots = [self._dot(at, value, highest) for at, value in enumerate(series.values)]
        return Line(series.title, series.look, tuple(_runs(dots)), next((dot for dot in reversed(dots) if dot), None))

    def _dot(self, at: int, value: Decimal | None, highest: Decimal) -> tuple[str, str] | None:
        if value is None:
            return None
        return f"{self.step * (at + Decimal('0.5')):.1f}", f"{HEIGHT - HEIGHT * value / highest:.1f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A layer of a column, in the drawing's units as texts with a point."""

    look: str
    y: str
    height: str
    value: Decimal | None = None

    @property
    def middle(self) -> Decimal:
        """Half of its height."""
        return Decimal(self.y) + Decimal(self.height) / 2


@dataclass(frozen=True, slots=True)
class Layered:
    """A column of a chart."""

    label: Text | dt.date
    x: str
    width: str
    bars: tuple[Bar, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: its unbroken runs as SVG points, and where its name stands."""

    title: Text
    look: str
    runs: tuple[str, ...]
    end: tuple[str, str] | None


def _apart(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines with names moved down where they would lie on each other."""
    placed, free = list(lines), Decimal(0)
    for y, x, at in sorted((Decimal(line.end[1]), line.end[0], at) for at, line in enumerate(placed) if line.end):
        free = max(y, free) + NAME_HEIGHT
        placed[at] = replace(placed[at], end=(x, f"{free - NAME_HEIGHT:.1f}"))
    return tuple(placed)


def _runs(dots: Iterable[tuple[str, str] | None]) -> list[str]:
    runs: list[list[str]] = [[]]
    for dot in dots:
        if dot is None:
            runs.append([])
        else:
            runs[-1].append(",".join(dot))
    return [" ".join(run) for run in runs if run]


@dataclass(frozen=True, slots=True)
class Heat:
    """Counts by weekday and hour. `rows`: (weekday 1-7, 24 pairs of count and heat 0 to 4)."""

    key: str
    title: Text
    code: str
    rows: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    note: Text = ""
    empty: Text = ""
    kind = "heat"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that a manager must see: what happened, what to do, where.

    Attributes:
        is_money: It names an amount.
        is_of_all: It is about the whole company, whatever the question leaves out.
    """

    text: Text
    mood: str = INFO
    link: str = ""
    link_text: Text = ""
    is_money: bool = False
    is_of_all: bool = False
    kind = "note"


@dataclass(frozen=True, slots=True)
class Included:
    """A block with a template of its own (a form, say): `template` gets `data`. `exported`: its rows in files."""

    template: str
    data: object
    exported: Table | None = None
    kind = "included"


Block = Tiles | Table | Chart | Heat | Note | Included


def heat(counts: dict[tuple[int, int], int]) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """Return counts by (ISO weekday, hour) as rows with a heat of 0 to 4; () when there is nothing.

    >>> heat({(1, 9): 4})[0][1][9], heat({})
    ((4, 4), ())
    """
    most = max(counts.values(), default=0)
    if not most:
        return ()
    return tuple(
        (weekday, tuple((n, -(-4 * n // most)) for n in (counts.get((weekday, hour), 0) for hour in range(24))))
        for weekday in range(1, 8)
    )


def tables_of(blocks: Sequence[Block]) -> list[Table]:
    """Return what can be exported of a page: its tables, and its charts' numbers."""
    found = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(block)
        elif isinstance(block, Chart):
            found.append(block.table)
        elif isinstance(block, Included) and block.exported is not None:
            found.append(block.exported)
    return found
