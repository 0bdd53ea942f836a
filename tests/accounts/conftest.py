"""What the tests of accounts share."""

from collections.abc import Iterator

import pytest

from accounts.signals import Fact, account_fact
from config.celery import app


@pytest.fixture(autouse=True)
def tasks_run_at_once() -> Iterator[None]:
    """Run tasks where they are asked for: the mails are what is looked at."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = before


@pytest.fixture
def facts() -> Iterator[list[Fact]]:
    """Collect what accounts announce."""
    heard: list[Fact] = []

    def listen(event: Fact, **kwargs: object) -> None:
        heard.append(event)

    account_fact.connect(listen, weak=False)
    yield heard
    account_fact.disconnect(listen)
