"""A page without its amounts, for readers who may not see money: shares and counts stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adoption.reports import blocks as b

# Metrics that are about nothing but money: their shares tell what is earned.
MONEY_CODES = frozenset({"M20", "M21"})


def without_money(blocks: Iterable[b.Block]) -> list[b.Block]:
    """Return the blocks with every amount taken out; what is nothing but amounts goes whole."""
    found = []
    for block in blocks:
        kept = _kept(block)
        if kept is not None:
            found.append(kept)
    return found


def _kept(block: b.Block) -> b.Block | None:
    if isinstance(block, b.Tiles):
        tiles = tuple(_without_parts(one) for one in block.tiles if _may_show(one))
        return b.Tiles(tiles) if tiles else None
    if isinstance(block, b.Table):
        return _table(block)
    if isinstance(block, b.Chart):
        return None if block.unit == b.MONEY else block
    if isinstance(block, b.Note):
        return None if block.is_money else block
    if isinstance(block, b.Included):
        return None if block.exported is None else _table(block.exported)
    return block


def _may_show(tile: b.Tile) -> bool:
    return tile.unit != b.MONEY and tile.code not in MONEY_CODES


def _without_parts(tile: b.Tile) -> b.Tile:
    has_amounts = b.MONEY in {tile.of_unit, tile.part_unit}
    return replace(tile, part=None, whole=None) if has_amounts else tile


def _table(table: b.Table) -> b.Table | None:
    """Return a table without its columns and rows of amounts; its note goes with them, for it may name some."""
    if table.code in MONEY_CODES:
        return None
    places = [at for at, column in enumerate(table.columns) if column.unit != b.MONEY]
    rows = tuple(_row(row, places) for row in table.rows if not _is_amount(row))
    if len(places) < 2 or (table.rows and not rows):
        return None
    is_whole = len(places) == len(table.columns) and rows == table.rows
    return replace(
        table,
        columns=tuple(table.columns[at] for at in places),
        rows=rows,
        total=None if table.total is None or _is_amount(table.total) else _row(table.total, places),
        note=table.note if is_whole else "",
    )


def _is_amount(row: b.Row) -> bool:
    """A row whose own figure, the first one, is an amount."""
    first = next((one for one in row.values if isinstance(one, b.Figure)), None)
    return first is not None and first.unit == b.MONEY


def _row(row: b.Row, places: list[int]) -> b.Row:
    return replace(row, values=tuple(_value(row.values[at]) for at in places), opens={})


def _value(value: b.Value) -> b.Value:
    return b.Figure(None, value.unit) if isinstance(value, b.Figure) and value.unit == b.MONEY else value
