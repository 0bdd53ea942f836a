"""Shares that know what they are shares of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with the rows behind both.

    Attributes:
        part, whole: Counts, or money in the company's currency.
        part_rows, whole_rows: Keys of the rows (accounts, orders, invoices) behind them.
        excluded: How many rows were left out, by reason.
    """

    part: Decimal
    whole: Decimal
    part_rows: tuple[str, ...] = ()
    whole_rows: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> Decimal | None:
        """The part divided by the whole; None when there is nothing to divide (C4): shown as a dash, never as 0 %.

        >>> Share(Decimal(1), Decimal(4)).value, Share(Decimal(0), Decimal(0)).value
        (Decimal('0.25'), None)
        """
        return None if self.whole == 0 else self.part / self.whole


def share_of(part: Iterable[str], whole: Iterable[str], excluded: Mapping[str, int] | None = None) -> Share:
    """Return the share of counted rows.

    >>> share_of({"a"}, {"a", "b"}).value
    Decimal('0.5')
    """
    part_rows, whole_rows = tuple(sorted(part)), tuple(sorted(whole))
    return Share(Decimal(len(part_rows)), Decimal(len(whole_rows)), part_rows, whole_rows, excluded or {})
