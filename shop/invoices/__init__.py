"""Invoices, credit notes, credit position."""
