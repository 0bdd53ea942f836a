"""See sheets.responses."""

from sheets.responses import CSV, FORMATS, XLSX, safe_name, table_response

__all__ = ["CSV", "FORMATS", "XLSX", "safe_name", "table_response"]
