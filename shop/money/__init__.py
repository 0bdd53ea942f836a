"""Amounts, quantities and dates as people read them."""
