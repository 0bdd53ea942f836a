"""Payments of invoices through a provider, exactly once."""
