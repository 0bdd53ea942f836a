"""Whose book it is, days that are closed, and sums that are kept ready."""
