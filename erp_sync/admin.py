"""Imports the rooms' admin pages: Django looks here."""

from erp_sync.mirror import admin as mirror_admin
from erp_sync.outbox import admin as outbox_admin

__all__ = ["mirror_admin", "outbox_admin"]
