"""Imports the rooms' admin pages: Django looks here."""

from erp_sync.outbox import admin as outbox_admin

__all__ = ["outbox_admin"]
