"""The entry point of gunicorn: config.wsgi:application."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()


def _meet_the_erp() -> None:
    """Log in to the ERP and read its set-up before the first buyer comes; a page has no time for that."""
    from erp_sync import gateway

    gateway.warm_up()


threading.Thread(target=_meet_the_erp, name="warm-up", daemon=True).start()
