"""`manage.py erp_sync` on the terminal: what came in, what to do when it did not."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from erp_sync.adapters import fake
from erp_sync.mirror import tasks
from erp_sync.mirror.models import Item, Order
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> fake.FakeErp:
    made = fake.shared()
    made.reset()
    for number in range(3):
        made.put("orders", facts.order(str(number)))
    made.put("items", facts.item("A"))
    return made


class Terminal(StringIO):
    """Says that a person looks at it."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def run(*arguments: str, out: StringIO | None = None, **options: Any) -> str:
    out = out or StringIO()
    call_command("erp_sync", *arguments, stdout=out, **options)
    return out.getvalue()


def test_it_pulls_all_kinds_and_says_what_came_in(erp: fake.FakeErp) -> None:
    said = run()
    assert "orders      3 seen, 3 written" in said
    assert (Order.objects.count(), Item.objects.count()) == (3, 1)


def test_it_pulls_the_kinds_that_are_named(erp: fake.FakeErp) -> None:
    said = run("orders")
    assert said.splitlines()[0].startswith("orders")
    assert not Item.objects.exists()


def test_a_terminal_shows_count_rate_and_time_left(erp: fake.FakeErp) -> None:
    said = run("orders", out=Terminal())
    assert "\r\x1b[Korders      3 of 3, " in said
    assert "a second, 0 s left" in said


def test_an_unknown_kind_is_refused_with_the_known_ones(erp: fake.FakeErp) -> None:
    with pytest.raises(CommandError, match=r"Unknown: shoes\. Choose of: categories, items"):
        run("shoes")


def test_an_erp_that_is_down_is_said_with_a_cure(erp: fake.FakeErp) -> None:
    erp.book.is_down = True
    with pytest.raises(CommandError, match=r"What was pulled is kept\. See that the ERP runs"):
        run()


def test_keys_finds_what_was_deleted(erp: fake.FakeErp) -> None:
    run()
    erp.remove("orders", "1")
    assert "orders      1 gone, 0 back, 0 to be pulled" in run("orders", "--keys")


def test_the_scheduled_tasks_do_the_same(erp: fake.FakeErp) -> None:
    tasks.pull()
    assert Order.objects.count() == 3
    erp.remove("orders", "1")
    tasks.reconcile_keys()
    assert Order.objects.exclude(gone_at=None).count() == 1
