"""Listens to the others, counts, and reports to managers."""
