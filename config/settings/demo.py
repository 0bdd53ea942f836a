"""The demo: like production (no debug pages, hashed static files), nothing to configure."""

from config import env
from config.keys import kept_key
from config.payments import trial_payments
from config.settings.base import *
from config.settings.base import PAYMENTS, VAR_DIR

SECRET_KEY = kept_key(VAR_DIR)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "*")  # served to this machine only, on whatever name it has
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
PAYMENT_FAKE_ALLOWED = True
PAYMENTS = PAYMENTS or trial_payments(SECRET_KEY)
