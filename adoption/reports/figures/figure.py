"""A figure as a manager meets it, and its reading for a period."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from adoption.metrics.facts import Period
from adoption.metrics.shares import Share
from adoption.reports.blocks import Text
from adoption.reports.numbers import Numbers

SHARE, MONEY, NUMBER = "share", "money", "number"
MINUTES = "minutes"
ACCOUNT, ORDER, INVOICE, LINE, QUOTE, ENQUIRY, LEAD, ANSWER, SESSION = (
    "account", "order", "invoice", "line", "quote", "enquiry", "lead", "answer", "session",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure for one period, open to its rows.

    Attributes:
        value: None = nothing to count (a dash, never 0).
        part_rows, whole_rows: Keys of the rows behind numerator and denominator, where they are known one by one.
        per_row: What each row contributes, where that is more than being there.
    """

    value: Decimal | None
    part: Decimal
    whole: Decimal
    part_rows: tuple[str, ...] = ()
    whole_rows: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    per_row: Mapping[str, str] = field(default_factory=dict)

    @property
    def excluded_count(self) -> int:
        """How many rows were left out."""
        return sum(self.excluded.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that a figure leaves out: what it is (ACCOUNT, ORDER …), its key, and why."""

    kind: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Adds:
    """What each row adds to the numerator, where that is neither being there nor what the row is worth.

    Attributes:
        of: Gives the amount of a row by its key.
    """

    unit: str
    of: Callable[[Numbers], Callable[[str], Decimal | None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric as a manager meets it.

    Attributes:
        code: Its number in docs/metrics.md.
        unit: share, money, number or minutes.
        rows: What its rows are (adoption/reports/rows.py).
        kinds: Events that it needs besides those that every page reads.
        of_unit: Unit of numerator and denominator: money, or number.
        adds: What its rows add up to.
        leaves_out: The rows of a period that it leaves out, where they are known one by one.
    """

    key: str
    code: str
    title: Text
    definition: Text
    numerator: Text
    denominator: Text
    unit: str
    rows: str
    read: Callable[[Numbers, Period], Reading]
    kinds: Collection[str] = ()
    of_unit: str = NUMBER
    adds: Adds | None = None
    leaves_out: Callable[[Numbers, Period], Iterable[LeftOut]] | None = None


def of_share(share: Share) -> Reading:
    """Return the reading of a share."""
    return Reading(share.value, share.part, share.whole, share.part_rows, share.whole_rows, share.excluded)
