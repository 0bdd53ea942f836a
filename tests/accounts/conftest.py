"""What the tests of accounts share."""

from collections.abc import Iterator

import pytest

from config.celery import app


@pytest.fixture(autouse=True)
def tasks_run_at_once() -> Iterator[None]:
    """Run tasks where they are asked for: the mails are what is looked at."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = before
