# SPDX-License-Identifier: GPL-3.0-or-later
"""The ERP's database: make it, drop it, keep a pristine copy, and keep copies in a local cache."""

import contextlib
import hashlib
import importlib.metadata
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.tryton_erp.options import DATABASE, HERE, LANGUAGES, MODULES, SERIES, Options
from demo.tryton_erp.session import Erp, no_validation, say

PRISTINE = f"{DATABASE}_pristine"
SIDE_FILES = ["-wal", "-shm", "-journal"]


def exists(options: Options) -> bool:
    """Whether the ERP's database is there."""
    if options.is_sqlite:
        return options.database_file.exists()
    return _pg_exists(DATABASE)


def create(options: Options, backend: Any) -> None:
    """Make an empty ERP with its modules, from the local cache when it is there."""
    cache = Cache(options, "empty", ())
    if cache.load():
        say("empty ERP taken from the local cache")
        return
    say(f"creating the ERP: {len(MODULES)} modules and what they need")
    if options.is_sqlite:
        options.database_file.touch()
    else:
        _pg_create()
    _initialise(backend)
    cache.store()


def drop(options: Options) -> None:
    """Remove the ERP's database and what was noted about it."""
    options.state_file.unlink(missing_ok=True)
    if options.is_sqlite:
        _remove_sqlite(options.database_file)
        _remove_sqlite(_pristine_file(options))
        return
    for name in (DATABASE, PRISTINE):
        if _pg_exists(name):
            _pg_run(f'DROP DATABASE "{name}" WITH (FORCE)')


def keep_pristine(options: Options) -> None:
    """Keep a copy of the database as it is now, for `restore_pristine`."""
    if options.is_sqlite:
        copy_sqlite(options.database_file, _pristine_file(options))
    else:
        _pg_copy(DATABASE, PRISTINE)


def restore_pristine(options: Options) -> bool:
    """Put the pristine copy in the place of the database; False when there is none.

    The server must be stopped.
    """
    if options.is_sqlite:
        pristine = _pristine_file(options)
        if not pristine.exists():
            return False
        _remove_sqlite(options.database_file)
        shutil.copyfile(pristine, options.database_file)
        return True
    if not _pg_exists(PRISTINE):
        return False
    if _pg_exists(DATABASE):
        _pg_run(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
    _pg_copy(PRISTINE, DATABASE)
    return True


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database whole, also one in use; the target appears at once or not at all."""
    new = target.with_name(f"{target.name}.{os.getpid()}")
    with (
        contextlib.closing(sqlite3.connect(source)) as origin,
        contextlib.closing(sqlite3.connect(new)) as copy,
    ):
        origin.backup(copy)
    new.rename(target)


class Cache:
    """Copies of SQLite databases under the user's cache folder, by all that their content depends on.

    PostgreSQL has none: its dumps need programs of the server's own version.
    """

    def __init__(self, options: Options, kind: str, content: tuple[object, ...]) -> None:
        self.options = options
        self.kind = kind
        self.path: Path | None = None
        if options.cache and options.is_sqlite:
            key = hashlib.sha256(repr((_versions(), MODULES, LANGUAGES, content)).encode())
            self.path = options.cache / f"tryton-{SERIES}-{kind}-{key.hexdigest()[:16]}.sqlite"

    def load(self) -> bool:
        """Fill the database and seed.json from the cache; False when it has nothing."""
        if not self.path or not self.path.exists():
            return False
        shutil.copyfile(self.path, self.options.database_file)
        seed = self.path.with_suffix(".json")
        if seed.exists():
            shutil.copyfile(seed, self.options.state_file)
        return True

    def store(self) -> None:
        """Keep the database, and seed.json when there is one; copies of a week ago go."""
        if not self.path:
            return
        try:
            self._store(self.path)
        except OSError as error:
            say(f"nothing kept in the local cache {self.path.parent}: {error.strerror}")

    def _store(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"tryton-{SERIES}-{self.kind}-*"):
            if time.time() - old.stat().st_mtime > 7 * 86400:
                old.unlink(missing_ok=True)
        if self.options.state_file.exists():
            shutil.copyfile(self.options.state_file, path.with_suffix(".json"))
        copy_sqlite(self.options.database_file, path)


def source_digest() -> str:
    """Return a digest of this tool's own source: another seed is another database."""
    digest = hashlib.sha256()
    for path in sorted(found for found in HERE.glob("*.*") if found.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _versions() -> list[str]:
    return sorted(
        f"{distribution.name.lower().replace('_', '-')}={distribution.version}"
        for distribution in importlib.metadata.distributions()
        if distribution.name.lower().startswith("trytond")
    )


def _pristine_file(options: Options) -> Path:
    return options.data / "pristine" / f"{DATABASE}.sqlite"


def _remove_sqlite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ["", *SIDE_FILES]:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _pg_exists(name: str) -> bool:
    from trytond.transaction import Transaction

    with Transaction().start(None, 0, readonly=True, close=True) as transaction:
        cursor = transaction.connection.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return bool(cursor.fetchone())


def _pg_run(statement: str) -> None:
    from trytond.transaction import Transaction

    with Transaction().start(None, 0, readonly=True, autocommit=True, close=True) as transaction:
        transaction.connection.cursor().execute(statement)


def _pg_create() -> None:
    from trytond.transaction import Transaction

    with Transaction().start(None, 0, readonly=True, autocommit=True, close=True) as transaction:
        transaction.database.create(transaction.connection, DATABASE)


def _pg_copy(source: str, target: str) -> None:
    """Copy a database; its sessions are ended, because one in use is no template.

    Our own are closed first: the ERP's pool would replace an ended one at once.
    """
    from trytond import backend

    backend.Database(source).close()
    ended = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{source}'"  # noqa: S608 (names of our own)
    _pg_run(ended)
    _pg_run(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


@contextlib.contextmanager
def _fast_introspection(backend: Any) -> Iterator[None]:
    """Replace one slow query.

    On PostgreSQL a query on information_schema takes half of the time of the creation; the same
    from pg_constraint takes none.
    """
    if backend.name != "postgresql":
        yield
        return
    from trytond.backend.postgresql.table import TableHandler
    from trytond.transaction import Transaction

    def delete_types(self: Any) -> dict[tuple[str, str], str]:
        cursor = Transaction().connection.cursor()
        cursor.execute(
            """SELECT c.conname, a.attname, CASE c.confdeltype
                WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'
                WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                ELSE 'SET DEFAULT' END
            FROM pg_constraint c
                JOIN pg_class r ON r.oid = c.conrelid
                JOIN pg_namespace n ON n.oid = r.relnamespace
                JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)
            WHERE c.contype = 'f' AND r.relname = %s AND n.nspname = %s""",
            (self.table_name, self.table_schema),
        )
        return {row[:2]: row[2] for row in cursor}

    original = TableHandler._fk_deltypes
    TableHandler._fk_deltypes = property(delete_types)
    try:
        yield
    finally:
        TableHandler._fk_deltypes = original


def _initialise(backend: Any) -> None:
    """Do what trytond-admin does, without the validation of the modules' own data."""
    from trytond.pool import Pool

    database = backend.Database(DATABASE)
    database.connect()
    database.init()
    pool = Pool(DATABASE)
    with no_validation(), _fast_introspection(backend):
        pool.init(update=MODULES, lang=LANGUAGES, activatedeps=True, indexes=True)
    erp = Erp()
    erp.run(_finish, erp)


def _finish(erp: Erp) -> None:
    erp.get("ir.module").update_list()
    configuration = erp.get("ir.configuration")(1)
    configuration.series = SERIES
    configuration.language = "en"
    configuration.save()
    languages = erp.get("ir.lang")
    languages.write(languages.search([("code", "in", LANGUAGES)]), {"translatable": True})
