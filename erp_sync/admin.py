"""Imports the rooms' admin pages: Django looks here."""

from erp_sync.connection import admin as connection_admin
from erp_sync.mirror import admin as mirror_admin
from erp_sync.mirror import admin_rows  # noqa: F401 registers the lists
from erp_sync.outbox import admin as outbox_admin
from erp_sync.settling import admin as settling_admin

__all__ = ["connection_admin", "mirror_admin", "outbox_admin", "settling_admin"]
