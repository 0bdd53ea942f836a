"""Migrations of the project itself."""
