"""What every way of running has in common; dev, demo, test and production set the rest."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env, jobs, postgres
from config.erp import erp_from
from config.payments import form_targets, payments_from

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Everything that this copy writes lies here, so two copies can run side by side.
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")

DEBUG = False
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Where the shop is reached from outside; links in mails start with it.
SHOP_URL = env.text("SHOP_URL", "http://127.0.0.1:8000").rstrip("/")

# --- The company that runs the shop ---
COMPANY_NAME = env.text("COMPANY_NAME", "Suministros Ribera")
# Stands at the foot of every mail.
COMPANY_ADDRESS = env.text("COMPANY_ADDRESS", "Calle del Puerto 12, 46011 Valencia")
MFA_TOTP_ISSUER = COMPANY_NAME
COMPANY_TZ = env.text("COMPANY_TZ", "Europe/Madrid")
COMPANY_CURRENCY = env.text("COMPANY_CURRENCY", "EUR")
# What people without a log-in see: "" nothing, "items" the catalogue, "prices" the ERP's list prices too.
GUEST_CATALOGUE = env.text("GUEST_CATALOGUE", "")
# Country whose public holidays are ours, and the hours in which somebody answers the phone, by ISO weekday.
COMPANY_CALENDAR = env.text("COMPANY_CALENDAR", "ES")
OPENING_HOURS = {weekday: [("09:00", "18:00")] for weekday in range(1, 6)}

INSTALLED_APPS = [
    "config.apps.ProjectConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "rest_framework",
    "erp_sync.apps.ErpSyncConfig",
    "accounts.apps.AccountsConfig",
    "shop.apps.ShopConfig",
    "adoption.apps.AdoptionConfig",
]

MIDDLEWARE = [
    "config.middleware.request_log",
    "config.middleware.refuse_nul",
    "config.middleware.company_clock",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.private_when_logged_in",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.shell.shell",
            ],
            # Cached, except where templates are being written (dev).
            "loaders": [
                (
                    "config.template_loader.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

FORM_RENDERER = "config.form_renderer.FormRenderer"

# --- Database: DATABASE_URL, else a private PostgreSQL under VAR_DIR (config/postgres.py) ---
DATABASE_URL = env.secret("DATABASE_URL")
PRIVATE_POSTGRES = not DATABASE_URL
PRIVATE_POSTGRES_DURABLE = True
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL or postgres.url(VAR_DIR),
        conn_max_age=env.integer("CONN_MAX_AGE", 60),
        conn_health_checks=True,
    )
}
# The hot reads are planned once for each connection (erp_sync/statements.py). A pooler that hands a connection to
# another client after each transaction, and keeps no prepared statements, needs it off.
if env.flag("DATABASE_PREPARED", default=True):
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 1_000_000  # those that ask for it, no others
ATOMIC_REQUESTS = False

# --- Cache: Redis by REDIS_URL, which may fail without harm; else a table ---
REDIS_URL = env.secret("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "config.cache.FailOpenRedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "config.table_cache.TableCache", "LOCATION": "django_cache"}
}
CACHES["default"]["KEY_PREFIX"] = env.text("CACHE_PREFIX", "shop")

# --- Work in the background: Celery on Redis, else on files under VAR_DIR (config/jobs.py) ---
CELERY_BROKER_URL = env.secret("CELERY_BROKER_URL", REDIS_URL or "filesystem://localhost//")
CELERY_BROKER_TRANSPORT_OPTIONS = jobs.broker_options(CELERY_BROKER_URL, VAR_DIR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = jobs.SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celery-beat")
CELERY_TASK_ROUTES = jobs.ROUTES
CELERY_TASK_DEFAULT_QUEUE = jobs.DEFAULT_QUEUE
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"

# --- People and sessions ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "config.hashers.Argon2idHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_IDLE = timedelta(hours=8)
SESSION_ABSOLUTE = timedelta(days=7)
STAFF_SESSION_IDLE = timedelta(minutes=30)
STAFF_SESSION_ABSOLUTE = timedelta(hours=12)
ASSISTED_ABSOLUTE = timedelta(minutes=60)
ASSISTED_IDLE = timedelta(minutes=15)
# How long the shop honours a price that it showed while the ERP did not answer.
PRICE_VALIDITY = timedelta(hours=24)
# After so many hours everybody is told that nobody has decided about an order that waits for approval.
APPROVAL_STUCK_H = env.integer("APPROVAL_STUCK_H", 24)

# --- quotes ---
# Months that raw events are kept, from 13 to 25; then only sums of companies stay (reliability, privacy).
EVENTS_KEPT_MONTHS = min(env.integer("EVENTS_KEPT_MONTHS", 13, minimum=13), 25)
# Business minutes within which a person answers (docs/metrics.md, M26); what nobody has set in the administration;
# how many quotes one person may ask for in an hour.
QUOTE_ANSWER_MINUTES = env.integer("QUOTE_ANSWER_MINUTES", 240)
# Business minutes within which who wrote in the contact form is promised an answer.
CONTACT_ANSWER_MINUTES = env.integer("CONTACT_ANSWER_MINUTES", 240, minimum=1)
QUOTE_AUTOMATIC = env.flag("QUOTE_AUTOMATIC", default=True)
QUOTE_MAX_DISCOUNT = env.decimal("QUOTE_MAX_DISCOUNT", "15")
QUOTE_MIN_MARGIN = env.decimal("QUOTE_MIN_MARGIN", "10")
QUOTE_VALID_DAYS = env.integer("QUOTE_VALID_DAYS", 14, minimum=1)
QUOTES_PER_HOUR = env.integer("QUOTES_PER_HOUR", 60)
SEARCHES_PER_MINUTE = env.integer("SEARCHES_PER_MINUTE", 120, minimum=1)
EXPORTS_PER_HOUR = env.integer("EXPORTS_PER_HOUR", 120, minimum=1)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.InvitedSignupForm",
    "reset_password": "accounts.forms.PasswordLinkForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation already proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SHOP_URL.split(":", 1)[0]
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
STAFF_MFA_REQUIRED = False  # production asks for it

# --- Language, numbers, time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]  # pt-br joins when its texts are complete
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- The ERP (erp_sync): one adapter by its dotted name; addresses come from here only ---
ERP = erp_from(VAR_DIR)
ERP_ADAPTER = ERP.adapter
ERP_URL = ERP.url
ERP_DATABASE = ERP.database
ERP_USER = ERP.user
ERP_PASSWORD = ERP.password
# Deadlines, freshness, retries: what differs from the defaults of erp_sync/conf.py, by name.
ERP_LIMITS: dict[str, Any] = {}
ERP_OPTIONS = ERP.options

# --- Payments: providers by PAYMENT_PROVIDERS; nothing is switched on by itself ---
PAYMENTS = payments_from()
PAYMENT_FAKE_ALLOWED = False
# After so long an unfinished payment is given up and its invoices are free again; a transfer takes days.
PAYMENT_ABANDONED_AFTER = timedelta(hours=3)
TRANSFER_ABANDONED_AFTER = timedelta(days=10)

# --- Static files and mail ---
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.ShortStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"
# Files that people send with messages, quotes and returns: outside the web root, in every backup.
UPLOADS_DIR = env.folder("UPLOADS_DIR", VAR_DIR / "uploads")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{COMPANY_NAME} <shop@example.com>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10

# --- The web's own defences (A8) ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *form_targets(PAYMENTS)],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO").upper(), "style": env.text("LOG_FORMAT", "json")}
