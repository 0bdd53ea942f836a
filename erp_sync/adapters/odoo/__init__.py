"""Odoo 19 (JSON-2) and 17 to 18 (/jsonrpc); see adapter.OdooErp."""
