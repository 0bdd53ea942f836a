"""ERPNext 15 over Frappe's REST interface, version 1; docs/adapters-erpnext.md says what was tested against what."""
