"""See sheets.tables."""

from sheets.tables import write_csv, write_xlsx

__all__ = ["write_csv", "write_xlsx"]
