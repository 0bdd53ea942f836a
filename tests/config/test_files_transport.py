"""Messages as files: whole or not there."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery
from kombu.connection import Connection

from config import files_transport
from config.jobs import broker_options

MESSAGES = 300
_connection: Any = Connection  # kombu has no types


def connection(folder: Path) -> Any:
    files_transport.use()
    return _connection("filesystem://", transport_options=broker_options("filesystem://", folder))


def test_worker_that_reads_while_others_write_never_meets_half_a_message(tmp_path: Path) -> None:
    got: list[int] = []
    with connection(tmp_path) as first:
        first.SimpleQueue("mail", serializer="json")  # a process remembers which queues it has bound

    def write(first: int) -> None:
        with connection(tmp_path) as writer:
            queue = writer.SimpleQueue("mail", serializer="json")
            for number in range(first, MESSAGES, 3):
                queue.put({"number": number, "much": "x" * 5000})

    writers = [threading.Thread(target=write, args=(first,)) for first in range(3)]
    for one in writers:
        one.start()
    with connection(tmp_path) as reader:
        queue = reader.SimpleQueue("mail", serializer="json")
        while len(got) < MESSAGES:
            try:
                message = queue.get(timeout=10)
            except Empty:
                break
            got.append(message.payload["number"])
            message.ack()
    for one in writers:
        one.join()
    assert sorted(got) == list(range(MESSAGES))


def test_message_is_written_before_a_worker_can_see_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    put_in_place = Path.replace

    def watched(path: Path, target: Path) -> Path:
        seen.append([one.name for one in target.parent.iterdir() if one.name.endswith("other.msg")])
        assert path.read_text().endswith("}")
        return put_in_place(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    with connection(tmp_path) as writer:
        writer.SimpleQueue("other", serializer="json").put({"number": 1})
    assert seen
    assert not any(seen)


def test_table_of_queues_is_never_empty(tmp_path: Path) -> None:
    with connection(tmp_path) as one:
        one.SimpleQueue("third", serializer="json")
        table = tmp_path / "celery" / "control" / "third.exchange"
        assert "third" in table.read_text()
        assert not list(table.parent.glob("*.new"))


def test_the_shop_uses_it() -> None:
    from config.celery import app

    assert isinstance(app, Celery)
    assert _connection("filesystem://").get_transport_cls() is files_transport.Transport


def test_every_task_has_limits_that_fit() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    general = app.conf.task_soft_time_limit
    for name, task in app.tasks.items():
        soft, hard = task.soft_time_limit or general, task.time_limit or app.conf.task_time_limit
        assert soft is None or hard is None or soft <= hard, name
