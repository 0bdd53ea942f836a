"""Starts the demo: the shop, its PostgreSQL, its workers, and the ERP beside it. Standard library only."""
