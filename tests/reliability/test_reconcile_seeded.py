"""Many orders, 50 seeded faults of 6 kinds: all are found, nothing else. RECONCILE_ORDERS=10000 is the full size."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake import FakeErp
from erp_sync.outbox.models import OutboxRow
from erp_sync.settling import rounds
from erp_sync.settling.models import Difference, Round
from tests.erp_sync.settling.two_sides import NOW, PLANT, both_have

ORDERS = int(os.environ.get("RECONCILE_ORDERS", "2000"))
FAULTS = 50
LIMIT_S = 60.0


@pytest.fixture
def erp(settings: Any) -> Iterator[FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0}
    settings.MIRROR_PAGE_SIZE = {"orders": 1000}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    yield erp
    erp.reset()


def plant(erp: FakeErp) -> dict[str, str]:
    references = both_have(erp, ORDERS)
    chosen = references[:: ORDERS // FAULTS][:FAULTS]
    planted = dict(zip(chosen, cycle(PLANT), strict=False))
    for reference, kind in planted.items():
        PLANT[kind](erp, reference)
    return {reference: kind.value for reference, kind in planted.items()}


@pytest.mark.django_db
@pytest.mark.slow
def test_all_seeded_faults_are_found_and_nothing_else(erp: FakeErp) -> None:
    planted = plant(erp)
    started = time.monotonic()
    found = rounds.compare_documents(round=Round.NIGHTLY, now=NOW)
    took = time.monotonic() - started
    told = dict(Difference.objects.values_list("reference", "kind"))
    assert told == planted
    assert set(Counter(told.values()).values()) <= {8, 9}
    assert (found.compared, found.different) == (ORDERS, FAULTS)
    assert took <= LIMIT_S, f"{ORDERS} orders took {took:.1f} s"
    print(f"{ORDERS} orders, {len(told)} of {FAULTS} faults found, 0 false, {took:.1f} s")  # noqa: T201 (read with -s)


@pytest.mark.django_db
def test_a_comparison_in_one_direction_misses_faults(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: who looks only for his own orders never sees a ghost."""
    planted = plant(erp)
    monkeypatch.setattr(rounds, "ghosts", lambda there, known, **_since: ())
    rounds.compare_documents(round=Round.NIGHTLY, now=NOW)
    known = set(OutboxRow.objects.filter(reference__in=planted).values_list("reference", flat=True))
    unknown = set(planted) - known
    assert unknown
    assert set(planted) - set(Difference.objects.values_list("reference", flat=True)) == unknown
