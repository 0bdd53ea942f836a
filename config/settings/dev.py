"""Development: runserver, readable logs, fresh templates, mail into VAR_DIR/mail."""

from config.keys import kept_key
from config.payments import trial_payments
from config.settings.base import *
from config.settings.base import INSTALLED_APPS, LOGGING, PAYMENTS, STORAGES, TEMPLATES, VAR_DIR

DEBUG = True
SECRET_KEY = kept_key(VAR_DIR)
INTERNAL_IPS = ["127.0.0.1"]
INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
TEMPLATES[0]["OPTIONS"]["loaders"] = TEMPLATES[0]["OPTIONS"]["loaders"][0][1]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
LOGGING = LOGGING | {"style": "readable"}
PAYMENT_FAKE_ALLOWED = True
PAYMENTS = PAYMENTS or trial_payments(SECRET_KEY)
