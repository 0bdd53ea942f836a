"""Django app of the ERP layer."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ErpSyncConfig(AppConfig):
    """The ground floor: knows no shop and no users."""

    name = "erp_sync"
    verbose_name = _("ERP connection")
    default_auto_field = "django.db.models.BigAutoField"
