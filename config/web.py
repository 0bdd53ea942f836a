"""How gunicorn serves the shop: `gunicorn --config python:config.web`.

The code is loaded once, before the workers are made of that process, so that they share its memory. New code therefore
needs a restart: a reload (SIGHUP) makes new workers of the old one.
"""

import gc
import os
import threading
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

wsgi_app = "config.web:application()"
preload_app = True
worker_class = "gthread"
threads = 4


def application() -> Any:
    """Load everything that pages need: routes, forms, words; return the WSGI application."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver
    from django.utils import translation

    found = get_wsgi_application()
    list(get_resolver().url_patterns)  # imports the views
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
    return found


def pre_fork(server: Any, worker: Any) -> None:
    """Before a worker is made: what is loaded is for good, so collecting garbage need not touch (and copy) it."""
    from django.db import connections

    connections.close_all()
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Log in to the ERP and read its set-up before the first buyer comes; a page has no time for that."""
    from erp_sync import gateway

    threading.Thread(target=gateway.warm_up, name="warm-up", daemon=True).start()
