"""A database with all migrations applied, kept beside the tests' own: making one takes longer than most tests."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from config import postgres

# What migrating itself writes; no test writes there.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Truncating, as Django does, costs the same for every table, and then every permission has to be made anew.
EMPTY = """
DO $$
DECLARE
    one regclass;
    is_used boolean;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);  -- no trigger, no foreign key
    FOR one IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ({kept})
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO is_used;
        IF is_used THEN
            EXECUTE format('DELETE FROM %s', one);
        END IF;
    END LOOP;
END $$
"""
ROOT = Path(__file__).resolve().parents[1]
PREFIX = "migrated_"


def name() -> str:
    """Return what it is called: by the text of all migrations, ours and the libraries'."""
    folders = sorted(Path(app.path) / "migrations" for app in apps.get_app_configs())
    digest = hashlib.sha256()
    for file in (file for folder in folders for file in sorted(folder.glob("*.py"))):
        digest.update(file.name.encode() + file.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def ensure() -> None:
    """Make it when it is not there, and drop those of older migrations."""
    wanted, building = name(), f"building_{os.getpid()}"
    with psycopg.connect(_url("postgres"), autocommit=True) as server:
        there = {row[0] for row in server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'migrated%'")}
        if wanted in there:
            return
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        try:
            _migrate(building)
        except subprocess.CalledProcessError as error:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(building)))
            raise pytest.UsageError("the migrations do not run, see above") from error
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (building, wanted))))
        for old in there:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))


def empty_as_at_first(_test: TransactionTestCase) -> None:
    """Leave the rows of a fresh database after a test that committed (for `TransactionTestCase._fixture_teardown`)."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY.format(kept=", ".join(f"'{name}'" for name in KEPT)))


def _migrate(database: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--no-input", "--verbosity=0"]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"DATABASE_URL": _url(database)})  # noqa: S603


def _url(database: str) -> str:
    return urlunsplit(urlsplit(postgres.url(settings.VAR_DIR))._replace(path=f"/{database}"))
