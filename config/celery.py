"""Celery's entry point; what it does stands in config/jobs.py and the settings.

celery -A config.celery worker -Q erp-export,erp-sync,reports,mail
celery -A config.celery beat
"""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging

from config import files_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

files_transport.use()
app = Celery("b2b_webshop")
app.config_from_object("django.conf:settings", namespace="CELERY")
ROOMS = [
    "config",
    "erp_sync.outbox",
    "erp_sync.mirror",
    "erp_sync.settling",
    "erp_sync.connection",
    "accounts",
    "shop.approvals",
    "shop.catalogue",
    "shop.deliveries",
    "shop.returns",
    "shop.invoices",
    "shop.lists",
    "shop.payments",
    "shop.quotes",
    "shop.related",
    "shop.notices",
    "shop.uploads",
    "shop.watches",
    "adoption.events",
    "adoption.books",
    "adoption.coaching",
    "adoption.subscriptions",
    "adoption.voice",
]
app.autodiscover_tasks(ROOMS)


@setup_logging.connect  # type: ignore[untyped-decorator] # Celery has no types
def keep_our_logging(**kwargs: object) -> None:
    """Stop Celery from replacing the log set-up: Django's (config/logs.py) is already in place."""


@beat_init.connect  # type: ignore[untyped-decorator] # Celery has no types
def begin_with_figures(**kwargs: object) -> None:
    """Bring the sums up to date as soon as the clock runs: a manager of a new shop should not find dashes."""
    app.send_task("adoption.books.tasks.refresh_sums")
