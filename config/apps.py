"""The project itself as an app: its commands, its tasks, and what must run before the first query."""

from django.apps import AppConfig
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate

from config import postgres
from config.celery import app as celery_app

__all__ = ["ProjectConfig", "celery_app"]


class ProjectConfig(AppConfig):
    """Starts the private PostgreSQL when no DATABASE_URL is given, and adds the cache's table after migrations."""

    name = "config"
    label = "config"
    verbose_name = "Project"

    def ready(self) -> None:
        """See the class."""
        if settings.PRIVATE_POSTGRES:
            postgres.ensure_running(settings.VAR_DIR, durable=settings.PRIVATE_POSTGRES_DURABLE)
        post_migrate.connect(_create_cache_table, sender=self)


def _create_cache_table(sender: AppConfig, using: str, **kwargs: object) -> None:
    call_command("createcachetable", database=using, verbosity=0)
