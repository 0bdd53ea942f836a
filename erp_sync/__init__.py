"""Speaks to the ERP: live reads, the mirror of its facts, writes with exactly-once effect."""
