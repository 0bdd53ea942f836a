"""See sheets.cells."""

from sheets.cells import Cell, Column, escaped, is_live, plain

__all__ = ["Cell", "Column", "escaped", "is_live", "plain"]
