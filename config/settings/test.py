"""Tests: a real PostgreSQL under VAR_DIR/test, a fast hash; mail, cache and broker in memory, where nobody works."""

import dj_database_url

from config import env, postgres
from config.payments import trial_payments
from config.settings.base import *
from config.settings.base import (
    DATABASES,
    INSTALLED_APPS,
    MIDDLEWARE,
    PRIVATE_POSTGRES,
    STORAGES,
)
from config.settings.base import VAR_DIR as BASE_VAR_DIR

VAR_DIR = env.folder("TEST_VAR_DIR", BASE_VAR_DIR / "test")
# A request that asks the same question row by row is an error.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
SECRET_KEY = "only-for-tests"  # noqa: S105
if PRIVATE_POSTGRES:
    DATABASES["default"] = dj_database_url.parse(postgres.url(VAR_DIR))
PRIVATE_POSTGRES_DURABLE = False
DATABASES["default"]["CONN_MAX_AGE"] = 0
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_PREFIX": "test"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
UPLOADS_DIR = VAR_DIR / "uploads"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CELERY_BROKER_URL = "memory://"
ERP_ADAPTER = "erp_sync.adapters.fake.FakeErp"
ERP_URL = ERP_DATABASE = ERP_USER = ERP_PASSWORD = ""
ERP_OPTIONS = {}
LOGGING = {"level": "WARNING", "style": "readable"}
MIRROR_RECHECK_S = 0  # a process keeps no copy of the category tree and its counts
PAYMENT_FAKE_ALLOWED = True
PAYMENTS = trial_payments("only-for-tests")
