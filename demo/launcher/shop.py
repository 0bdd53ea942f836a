"""The shop: database, texts, static files, demo people, first sync, and its three processes."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from demo.launcher import postgres
from demo.launcher.answering import shop_answers
from demo.launcher.children import Children
from demo.launcher.environments import LOCK_NAME
from demo.launcher.places import HOST, ROOT, SHOP_PYTHON, DemoError, Places, free_port
from demo.launcher.progress import Progress

APPS = ["config", "erp_sync", "accounts", "shop", "adoption"]
EXPORT_QUEUE = "erp-export"
OTHER_QUEUES = "erp-sync,reports,mail"
READY_TIMEOUT_S = 60.0
# What the demo leaves behind beside its databases
LEFTOVERS = ["mail", "media", "celery", "celery-beat"]
Step = Callable[[], None]


class Shop:
    """The shop of one VAR_DIR."""

    def __init__(self, places: Places, children: Children, progress: Progress, port: int) -> None:
        self.places = places
        self.children = children
        self.progress = progress
        self.port = port

    @property
    def url(self) -> str:
        """Where the shop is reached, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process of the shop."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "VAR_DIR": str(self.places.var),
            "SHOP_URL": self.url,
            "PYTHONUNBUFFERED": "1",
        }

    def start_database(self) -> None:
        """Start the private PostgreSQL, unless DATABASE_URL names another one."""
        if postgres.is_private():
            self.children.run("postgres", postgres.command("start"), self.env)
            self.progress.say("shop: PostgreSQL runs")

    def database_server(self) -> str:
        """Return the address of the PostgreSQL server, without a database."""
        given = os.environ.get("DATABASE_URL", "").strip()
        if not given:
            log = self.children.run("postgres-url", postgres.command("url"), self.env)
            given = log.read_text(encoding="utf-8").strip().splitlines()[-1]
        return given.split("?")[0].rpartition("/")[0] + "/"

    def prepare(self) -> None:
        """Migrate, compile the texts and collect static files, where their sources changed."""
        self._know_database()
        self._when_changed("messages", _files(["locale"], "*.po"), self._compile_messages)
        static = [*_files(["static"], "*"), ROOT / LOCK_NAME]
        self._when_changed("static", static, self._collect_static)
        migrations = _files([f"{app}/migrations" for app in APPS], "*.py")
        self._when_changed("migrate", migrations, lambda: self.manage("migrate", "--no-input"))

    def fill(self, erp_id: str) -> None:
        """Pull the ERP for the first time and make the demo's people; once for each ERP and database."""
        known = self._done("fill")
        if known == erp_id:
            return
        if known:
            self._forget_other_erp()
        self.progress.say("shop: first pull from the ERP")
        self.manage("erp_sync")
        self.manage("demo_seed", "--erp-seed", str(self.places.erp_seed), "--people-out", str(self.places.people))
        self._database("keep")
        self._keep("fill", erp_id)

    def manage(self, command: str, *arguments: str) -> None:
        """Run a management command."""
        self.children.run(command, [SHOP_PYTHON, "manage.py", command, *arguments], self.env)
        self.progress.say(f"shop: {command} done")

    def reset(self) -> None:
        """Put the first state back; nothing of the shop may be running.

        Raises:
            DemoError: there is no copy of it.
        """
        if not self._done("fill"):
            raise DemoError("The shop has no first state yet; the ERP was put back: make demo")
        self._database("restore")
        self._keep("database", self._database("id"))
        for name in LEFTOVERS:
            _remove(self.places.var / name)

    def _know_database(self) -> None:
        """Forget what was done to another database than the one that is there now."""
        found = self._database("id")
        if self._done("database") != found:
            self._keep("migrate", "")
            self._keep("fill", "")
            self._keep("database", found)

    def _forget_other_erp(self) -> None:
        """Begin with an empty database: what is in it was pulled from an ERP that is gone.

        Raises:
            DemoError: the database is not ours to empty.
        """
        if not postgres.is_private():
            raise DemoError(
                "The demo's ERP is a new one, and the database of DATABASE_URL holds another one's data. "
                "Nothing was changed. Give an empty database, or unset DATABASE_URL"
            )
        self._database("empty")
        self.prepare()

    def serve(self) -> None:
        """Start the web, the worker and the clock; return when the web answers.

        Raises:
            DemoError: it does not answer.
        """
        self._keep_or_change_port()
        bin_ = SHOP_PYTHON.parent
        celery: list[str | Path] = [SHOP_PYTHON, "-m", "celery", "-A", "config.celery"]
        web = self.children.start(
            "web",
            [
                bin_ / "gunicorn",
                "--config",
                "python:config.web",
                "--bind",
                f"{HOST}:{self.port}",
                "--workers",
                "2",
                "--no-control-socket",
                "--graceful-timeout",
                "5",
            ],
            self.env,
        )
        # Orders have a worker of their own: a long pull must not make them wait.
        for name, queues, processes in (("exporter", EXPORT_QUEUE, "1"), ("worker", OTHER_QUEUES, "2")):
            self.children.start(
                name,
                [
                    *celery,
                    "worker",
                    "--hostname",
                    f"{name}@%h",
                    "--queues",
                    queues,
                    "--concurrency",
                    processes,
                    "--loglevel",
                    "INFO",
                    "--without-gossip",
                    "--without-mingle",
                ],
                self.env,
            )
        self.children.start("beat", [*celery, "beat", "--pidfile=", "--loglevel", "INFO"], self.env)
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not shop_answers(self.port):
            if web.process.poll() is not None or time.monotonic() > deadline:
                raise DemoError(
                    "The shop's web server does not answer. All data is kept. Its last words, from "
                    f"{web.log}:\n{web.last_lines()}"
                )
            time.sleep(0.1)

    def _keep_or_change_port(self) -> None:
        """Take another port when somebody took ours during the minutes of the set-up."""
        port = free_port(self.port)
        if port != self.port:
            self.progress.say(f"port {self.port} was taken meanwhile: the shop takes {port}")
            self.port = port

    def _compile_messages(self) -> None:
        command = [SHOP_PYTHON, ROOT / "demo" / "launcher" / "texts.py", ROOT / "locale"]
        self.children.run("texts", command, self.env)

    def _collect_static(self) -> None:
        self.manage("collectstatic", "--no-input", "--clear")

    def _database(self, what: str) -> str:
        script = ROOT / "demo" / "launcher" / "pristine.py"
        log = self.children.run(f"database-{what}", [SHOP_PYTHON, script, what], self.env)
        return log.read_text(encoding="utf-8").strip()

    def _when_changed(self, step: str, sources: Iterable[Path], do: Step) -> None:
        digest = _digest(sources)
        if self._done(step) != digest:
            do()
            self._keep(step, digest)

    def _done(self, step: str) -> str:
        return self._state().get(step, "")

    def _keep(self, step: str, value: str) -> None:
        state = self._state() | {step: value}
        new = self.places.state.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        new.rename(self.places.state)

    def _state(self) -> dict[str, str]:
        """Return which steps were done; nothing when the ERP or the database are new ones."""
        if not self.places.state.exists():
            return {}
        return dict(json.loads(self.places.state.read_text(encoding="utf-8")))


def _files(folders: Iterable[str], pattern: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob(pattern) if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
