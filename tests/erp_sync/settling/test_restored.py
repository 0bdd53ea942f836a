"""`manage.py erp_restored`: what the older state believes is looked up first, and the rest is told."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from erp_sync.adapters import fake
from erp_sync.adapters.fake import FakeErp
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.settling.models import Difference

from .two_sides import both_have

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> Iterator[FakeErp]:
    erp = fake.shared()
    erp.reset()
    yield erp
    erp.reset()


def restored() -> str:
    out = StringIO()
    call_command("erp_restored", stdout=out)
    return out.getvalue()


def test_writes_under_way_are_looked_up_and_unknown_orders_wait_for_a_person(erp: FakeErp) -> None:
    first, second, third = both_have(erp, 3)
    now = timezone.now()
    for record in list(erp.book.records["orders"].values()):
        erp.put("orders", replace(record, version=now, placed_at=now))
    OutboxRow.objects.update(settled_at=now - dt.timedelta(minutes=10), created_at=now - dt.timedelta(days=1))
    OutboxRow.objects.filter(reference=first).update(state=OutboxState.READY, settled_at=None)
    OutboxRow.objects.filter(reference=second).delete()
    text = restored()
    assert "1 writes under way will be looked up" in text
    assert OutboxRow.objects.get(reference=first).state == OutboxState.CHECK
    assert list(Difference.objects.values_list("kind", "reference")) == [("ghost", second)]
    assert OutboxRow.objects.get(reference=third).state == OutboxState.DONE


def test_an_erp_that_is_away_means_wait(erp: FakeErp) -> None:
    erp.book.is_down = True
    with pytest.raises(CommandError, match="before you start the workers"):
        restored()
