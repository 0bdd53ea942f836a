"""Django app of adoption."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdoptionConfig(AppConfig):
    """Events, metrics, reports."""

    name = "adoption"
    verbose_name = _("Adoption")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Start listening."""
        from adoption.coaching import receivers as coaching  # noqa: F401
        from adoption.events import receivers  # noqa: F401 of the facts, these are written first
        from adoption.quotes import receivers as quotes  # noqa: F401
        from adoption.subscriptions import receivers as subscriptions  # noqa: F401
        from adoption.voice import receivers as voice  # noqa: F401
