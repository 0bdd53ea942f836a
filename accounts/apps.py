"""Django app of people and customer companies."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Log-ins, sold-tos, memberships, invitations, assisted sessions."""

    name = "accounts"
    verbose_name = _("People and companies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to log-ins, log-outs and new passwords."""
        from accounts import receivers  # noqa: F401
