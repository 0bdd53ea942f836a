"""The limit: the same database and server with nothing but what Django itself needs for a page with a log-in."""

from config.settings.demo import *  # noqa: F403 (settings are built by extending others)
from config.settings.demo import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("allauth.account")]
ROOT_URLCONF = "benchmarks.limit"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES[0]["OPTIONS"]["context_processors"] = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
