"""The project itself as an app: its commands and tasks, and what must run first."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config import postgres
from config.celery import app as celery_app

__all__ = ["ProjectConfig", "celery_app"]


class ProjectConfig(AppConfig):
    """Starts the private PostgreSQL when no DATABASE_URL is given."""

    name = "config"
    verbose_name = _("Project")

    def ready(self) -> None:
        """See the class."""
        if settings.PRIVATE_POSTGRES:
            postgres.ensure_running(settings.VAR_DIR, durable=settings.PRIVATE_POSTGRES_DURABLE)
