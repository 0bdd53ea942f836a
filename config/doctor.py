"""What `manage.py doctor` looks at: each part with its state, and the cure when it is wrong."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.checks import ERROR, run_checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import health
from config.health import Part, State
from erp_sync import adapters
from erp_sync.errors import ErpError
from erp_sync.settling.models import Difference
from shop.payments.models import Payment, PaymentState

# The first question to an ERP reads its set-up too: a person who looks can wait longer than a page.
ERP_DEADLINE_S = 20.0


@dataclass(frozen=True)
class Finding:
    """One line of the report; `cure` is empty when all is well."""

    name: str
    state: State
    detail: str
    cure: str = ""


def examine(*, now: datetime) -> list[Finding]:
    """Look at every part; what needs the database is left out when there is none."""
    database = from_part(health.database_part(), DATABASE_CURE)
    alone = [settings_finding(), database]
    if database.state == "down":
        return [*alone, *(look() for look in OUTSIDE)]
    parts = [
        from_part(health.cache_part(), "Start Redis, or empty REDIS_URL to use the database."),
        from_part(health.broker_part(), "Start Redis, or empty REDIS_URL and CELERY_BROKER_URL."),
        from_part(
            health.workers_part(now=now),
            "Start a worker and the scheduler: celery -A config.celery worker / beat.",
        ),
        from_part(health.mirror_part(now=now), "Run manage.py erp_sync and read what it says."),
        from_part(health.outbox_part(now=now), "Open the outbox page in the admin and decide there."),
    ]
    people = [waiting_payments_finding(), differences_finding()]
    return [*alone, migrations_finding(), *parts, *people, *(look() for look in OUTSIDE)]


DATABASE_CURE = "Start PostgreSQL, or correct DATABASE_URL (empty: a private one under VAR_DIR)."


def from_part(part: Part, cure: str) -> Finding:
    """Return a health part as a finding."""
    return Finding(part.name, part.state, part.detail, "" if part.state == "ok" else cure)


def settings_finding() -> Finding:
    """Run Django's checks, in production those for deployment too."""
    module = os.environ["DJANGO_SETTINGS_MODULE"]
    deploy = module.endswith(".production")
    problems = [found for found in run_checks(include_deployment_checks=deploy) if found.level >= ERROR]
    detail = f"{module}, data in {settings.VAR_DIR}"
    if problems:
        return Finding("settings", "down", str(problems[0].msg), f"{problems[0].hint or 'manage.py check'}")
    return Finding("settings", "ok", detail)


def migrations_finding() -> Finding:
    """Compare the database with the migrations of this version."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return Finding("migrations", "down", str(error).strip(), DATABASE_CURE)
    if missing:
        return Finding("migrations", "down", f"{len(missing)} not applied", "Run manage.py migrate.")
    return Finding("migrations", "ok", "all applied")


def mail_finding() -> Finding:
    """Open a connection to the mail server, or look at the folder that stands in for it."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return Finding("mail", "ok", f"written to files in {settings.EMAIL_FILE_PATH}")
    try:
        with get_connection(timeout=settings.EMAIL_TIMEOUT):
            pass
    except OSError as error:
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        return Finding("mail", "down", f"{place}: {error}", "Correct EMAIL_HOST and its companions.")
    return Finding("mail", "ok", "the mail server answers")


def erp_finding() -> Finding:
    """Ask the ERP who it is."""
    try:
        answer = adapters.load().health(deadline_s=ERP_DEADLINE_S)
    except ErpError as error:
        cure = "Start the ERP, or correct ERP_URL and its companions (see .env.example)."
        return Finding("erp", "down", f"{settings.ERP_URL or 'no address'}: {error}", cure)
    return Finding("erp", "ok", f"{answer.name} {answer.version} in {answer.latency_ms:.0f} ms")


def static_finding() -> Finding:
    """Look whether the hashed static files were collected, where they are needed."""
    if not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return Finding("static", "ok", "served from the source folders")
    if not staticfiles_storage.hashed_files:
        cure = "Run manage.py collectstatic --noinput."
        return Finding("static", "down", f"nothing collected in {settings.STATIC_ROOT}", cure)
    return Finding("static", "ok", f"{len(staticfiles_storage.hashed_files)} files")


def locale_finding() -> Finding:
    """Look whether every language but the source's has compiled texts that are up to date."""
    stale = [str(path.parent.parent.name) for path in _sources() if not _is_compiled(path)]
    wanted = {code.replace("-", "_").lower() for code, _name in settings.LANGUAGES} - {"en"}
    absent = wanted - {path.parent.parent.name.lower() for path in _sources()}
    if stale or absent:
        named = ", ".join(sorted({*stale, *absent}))
        cure = "Run .venv/bin/pybabel compile -f -d locale -D django."
        return Finding("locale", "degraded", f"not compiled: {named}", cure)
    return Finding("locale", "ok", f"compiled: {', '.join(sorted(wanted))}")


def _sources() -> list[Path]:
    return [path for base in settings.LOCALE_PATHS for path in base.glob("*/LC_MESSAGES/django.po")]


def _is_compiled(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime


def payments_finding() -> Finding:
    """Look at the payment providers: what is switched on, and what a message from them could not be proved with."""
    names = ", ".join(settings.PAYMENTS)
    if not names:
        return Finding("payments", "ok", "no provider is switched on; invoices are shown, not paid")
    unproved = [name for name, options in settings.PAYMENTS.items() if options.get("webhook_secret") == ""]
    if unproved:
        cure = f"Set {unproved[0].upper()}_WEBHOOK_SECRET: until then its messages are refused and only the sweep asks."
        return Finding("payments", "degraded", f"{names}; no webhook secret for {', '.join(unproved)}", cure)
    return Finding("payments", "ok", names)


def waiting_payments_finding() -> Finding:
    """Count the payments that wait for a person."""
    waiting = Payment.objects.filter(state=PaymentState.NEEDS_REVIEW).count()
    if waiting:
        cure = "Open the payments in the administration: each says why it waits and what you can do."
        return Finding("payments for a person", "degraded", f"{waiting} wait", cure)
    return Finding("payments for a person", "ok", "none")


def differences_finding() -> Finding:
    """Count the differences between shop and ERP that wait for a person."""
    waiting = Difference.objects.filter(gone_at=None, settled_at=None).count()
    if waiting:
        cure = "Open the differences to the ERP in the administration: each shows both sides and what you can do."
        return Finding("differences to the ERP", "degraded", f"{waiting} wait", cure)
    return Finding("differences to the ERP", "ok", "none")


OUTSIDE: list[Callable[[], Finding]] = [mail_finding, erp_finding, static_finding, locale_finding, payments_finding]
