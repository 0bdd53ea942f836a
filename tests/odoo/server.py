"""A real Odoo 19 with the wholesaler's data, for tests and for `manage.py erp_check`.

    python -m tests.odoo.server          until Ctrl-C; prints the settings of the shop for it

Environment: VAR_DIR (its private PostgreSQL), ODOO_PORT, ODOO_DEB (a package file, where there is no Debian mirror).
The program (tests/odoo/program.py) and a dump of the filled database are kept in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from config import postgres
from config.postgres.programs import find_programs
from tests.odoo.program import HERE, LOCK_FILE, OdooUnavailable, Program, cache_folder, held, run, say
from tests.odoo.wholesaler import COMPANY

ROOT = HERE.parents[1]
ROLE = "odoo"
FIRST_MODULES = ("base", "rpc")
MODULES = ("sale_management", "sale_stock", "stock_delivery", "account", "l10n_es")
LANGUAGE = "es_ES"
# Bounds, no measures: a machine that does other work is slow.
INIT_S, READY_S, DUMP_S = 1200.0, 240.0, 300.0
# The chart of accounts follows the company's country, so that comes first.
COUNTRY = """
company = env.company
company.name = {company!r}
company.partner_id.country_id = env.ref("base.es")
company.currency_id = env.ref("base.EUR")
env.cr.commit()
"""
FILL = """
import sys
sys.path.insert(0, {root!r})
from tests.odoo.seed import seed
seed(env, {told!r})
"""


class OdooServer:
    """Databases and a server of Odoo beside the private PostgreSQL of a VAR_DIR, which must run."""

    def __init__(self, var: Path) -> None:
        self.var = var / "odoo"
        self.cluster = postgres.cluster_of(var)
        self.cache = cache_folder()
        self.program = Program(self.cache, [*FIRST_MODULES, *MODULES])
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    @functools.cached_property
    def template(self) -> str:
        """The filled database, by all that its content depends on."""
        made_of = repr((FIRST_MODULES, MODULES, LANGUAGE, COUNTRY)).encode()
        parts = [HERE / name for name in ("seed.py", "wholesaler.py")]
        digest = hashlib.sha256(made_of + b"".join(part.read_bytes() for part in [*parts, LOCK_FILE]))
        return f"odoo_{digest.hexdigest()[:12]}"

    @property
    def keys(self) -> dict[str, str]:
        """The API keys of the users in the template, by log-in."""
        return dict(json.loads((self.var / f"{self.template}.json").read_text(encoding="utf-8")))

    def prepare(self) -> None:
        """Bring the filled database here: from the cache, else made anew (two to four minutes).

        Raises:
            OdooUnavailable: a step failed.
        """
        self.program.ensure()
        self.var.mkdir(parents=True, exist_ok=True)
        with held(self.cache), self._superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if self._exists(connection, self.template) and (self.var / f"{self.template}.json").exists():
                return
            kept = self.cache / self.template
            if not (kept / "done").exists():
                self._make(connection, kept)
            else:
                self._restore(connection, kept)

    def clone(self, name: str) -> None:
        """Make a database from the template, with its files; half a second."""
        self._copy(self.template, name)
        files = self.var / "filestore"
        shutil.rmtree(files / name, ignore_errors=True)
        if (files / self.template).exists():
            shutil.copytree(files / self.template, files / name, copy_function=os.link)

    def drop(self, name: str) -> None:
        """Drop a database that clone made."""
        with self._superuser() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        shutil.rmtree(self.var / "filestore" / name, ignore_errors=True)

    def start(self, port: int = 0) -> None:
        """Start the server and wait until it answers.

        Raises:
            OdooUnavailable: it does not; its last words are in the text.
        """
        port = port or _free_port()
        self.url = f"http://127.0.0.1:{port}"
        log = self.var / "server.log"
        command = self._command("server", "--db-filter", "^odoo_", "--http-port", str(port))
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, env=self._env(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        ends_at = time.monotonic() + READY_S
        while not _answers(self.url):
            if self._process.poll() is not None or time.monotonic() > ends_at:
                last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
                raise OdooUnavailable(f"Odoo's server does not answer. Its last words, from {log}:\n{last}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End the server at once: its databases are copies."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    # -- making the template ---------------------------------------------------

    def _make(self, connection: psycopg.Connection, kept: Path) -> None:
        """Install the modules, fill the database, keep a dump; whatever fails leaves no template."""
        name = f"{self.template}_new"
        self._drop(connection, name)
        self.program.make_whole()
        say(f"installing Odoo {self.program.version} into a database (one to three minutes, once)")
        first = ["-d", name, "-i", ",".join(FIRST_MODULES), "--stop-after-init"]
        run("database", self._command("server", *first), seconds=INIT_S, env=self._env())
        self._shell(name, "company", COUNTRY.format(company=COMPANY))
        modules = ["-d", name, "-i", ",".join(MODULES), "--load-language", LANGUAGE, "--stop-after-init"]
        run("modules", self._command("server", *modules), seconds=INIT_S, env=self._env())
        say("filling it with the wholesaler's data (half a minute)")
        told = self.var / f"{self.template}.json"
        told.unlink(missing_ok=True)
        self._shell(name, "seed", FILL.format(root=str(ROOT), told=str(told)))
        if not told.exists():
            raise OdooUnavailable("No Odoo: the seed said nothing.")
        self._keep(name, kept, told)
        with psycopg.connect(self._dsn(name)) as own:
            found = own.execute("SELECT name FROM ir_module_module WHERE state = 'installed'").fetchall()
        self.program.prune([str(row[0]) for row in found])
        self._rename(connection, name)

    def _keep(self, name: str, kept: Path, told: Path) -> None:
        """Keep a dump, the files and the keys in the cache; older ones go."""
        shutil.rmtree(kept, ignore_errors=True)
        for old in self.cache.glob("odoo_*"):
            shutil.rmtree(old, ignore_errors=True)
        kept.mkdir(parents=True)
        dump: list[str | Path] = [self._programs / "pg_dump", "-Fc", "-f", kept / "dump", self._dsn(name)]
        run("dump", dump, seconds=DUMP_S)
        shutil.copy(told, kept / "keys.json")
        files = self.var / "filestore" / name
        if files.exists():
            shutil.copytree(files, kept / "filestore")
        (kept / "done").touch()

    def _restore(self, connection: psycopg.Connection, kept: Path) -> None:
        """Fill a new database from the cache."""
        name = f"{self.template}_new"
        self._drop(connection, name)
        new = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
        connection.execute(new.format(sql.Identifier(name), sql.Identifier(ROLE)))
        restore: list[str | Path] = [
            self._programs / "pg_restore",
            "-j",
            "2",
            "--no-owner",
            "--role",
            ROLE,
            "-d",
            self._dsn(name),
        ]
        run("restore", [*restore, kept / "dump"], seconds=DUMP_S)
        shutil.copy(kept / "keys.json", self.var / f"{self.template}.json")
        if (kept / "filestore").exists():
            shutil.rmtree(self.var / "filestore" / name, ignore_errors=True)
            shutil.copytree(kept / "filestore", self.var / "filestore" / name)
        self._rename(connection, name)

    def _rename(self, connection: psycopg.Connection, name: str) -> None:
        self._drop(connection, self.template)
        pair = (sql.Identifier(name), sql.Identifier(self.template))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*pair))
        files = self.var / "filestore"
        shutil.rmtree(files / self.template, ignore_errors=True)
        if (files / name).exists():
            (files / name).rename(files / self.template)

    # -- PostgreSQL and Odoo's command line ------------------------------------

    @property
    def _programs(self) -> Path:
        return find_programs(self.cluster)

    def _dsn(self, database: str) -> str:
        return self.cluster.url.rpartition("/")[0] + f"/{database}"

    @contextlib.contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            yield connection

    def _exists(self, connection: psycopg.Connection, name: str) -> bool:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def _drop(self, connection: psycopg.Connection, name: str) -> None:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _copy(self, source: str, name: str) -> None:
        new = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        with self._superuser() as connection:
            self._drop(connection, name)
            # A database in use cannot be copied.
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
            connection.execute(new.format(*(sql.Identifier(one) for one in (name, ROLE, source))))

    def _shell(self, database: str, step: str, code: str) -> None:
        """Run code inside Odoo; it ends in an error when the code does."""
        guarded = "try:\n" + "".join(f"    {line}\n" for line in code.splitlines())
        guarded += "except Exception:\n    import os, sys, traceback\n    traceback.print_exc()\n"
        guarded += "    sys.stdout.flush()\n    sys.stderr.flush()\n    os._exit(1)\n"
        command = self._command("shell", "-d", database, "--no-http", "--log-level", "warn")
        run(step, command, seconds=INIT_S, env=self._env(), said=f"exec({guarded!r})\n")

    def _command(self, name: str, *more: str) -> list[str]:
        options = {
            "--db_host": str(self.cluster.socket_dir),
            "--db_user": ROLE,
            "--data-dir": str(self.var),
            "--http-interface": "127.0.0.1",
            "--max-cron-threads": "0",
            "--config": "/dev/null",
        }
        if name == "shell":
            del options["--max-cron-threads"]
        given = [part for pair in options.items() for part in pair]
        return [str(self.program.python), "-m", "odoo", name, *given, *more]

    def _env(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.program.packages), "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": {}}).encode()
    asked = urllib.request.Request(  # noqa: S310 (our own server)
        f"{url}/web/webclient/version_info", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=3) as answer:  # noqa: S310 (our own server)
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def main() -> int:
    """Serve a clone until it is stopped; print the shop's settings for it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    var = Path(os.environ.get("VAR_DIR", "").strip() or ROOT / "var").resolve()
    var.mkdir(parents=True, exist_ok=True)
    with postgres.in_use(var):
        postgres.ensure_running(var, durable=False)
        server = OdooServer(var)
        name = "odoo_shop"
        try:
            server.prepare()
            server.clone(name)
            server.start(int(os.environ.get("ODOO_PORT", "0")))
            settings = {
                "ERP_ADAPTER": "erp_sync.adapters.odoo.adapter.OdooErp",
                "ERP_URL": server.url,
                "ERP_DATABASE": name,
                "ERP_USER": "webshop",
                "ERP_PASSWORD": server.keys["webshop"],
            }
            print("\n".join(f"{key}={value}" for key, value in settings.items()), flush=True)
            while True:
                time.sleep(60)
        except OdooUnavailable as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
