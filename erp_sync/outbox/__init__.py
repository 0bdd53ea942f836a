"""Writes to the ERP with exactly-once effect."""
