"""The clock's list: everything on it exists, and every tasks module is known to the worker."""

from pathlib import Path

import pytest
from celery.signals import beat_init
from django.conf import settings

from config import jobs
from config.celery import app


def test_every_scheduled_task_is_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in jobs.SCHEDULE.values()}
    assert wanted - set(app.tasks) == set()


def test_every_tasks_module_is_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    root = Path(settings.BASE_DIR)
    apps = [root / name for name in ("config", "erp_sync", "accounts", "shop", "adoption")]
    files = [path for app_root in apps for path in app_root.rglob("tasks.py")]
    modules = {".".join(path.relative_to(root).with_suffix("").parts) for path in files}
    assert modules - {name.rpartition(".")[0] for name in app.tasks} == set()


def test_the_clock_begins_with_the_figures_of_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", sent.append)
    app.loader.import_default_modules()
    beat_init.send(sender=None)
    assert sent == ["adoption.books.tasks.refresh_sums"]
    assert sent[0] in app.tasks
