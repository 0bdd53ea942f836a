"""Tables as files: CSV and XLSX whose cells no spreadsheet can take for formulas."""
