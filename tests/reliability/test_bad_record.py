"""bad_record: one broken record of a thousand stays out, the others come in."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import sync, writing
from erp_sync.mirror.models import Order, OrderLine, Quarantine
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

BAD = "500"
TWICE_ONE = (facts.order_line(1, "A"), facts.order_line(1, "B"))


def erp_with(**bad: Any) -> FakeErp:
    erp = FakeErp()
    for number in range(1000):
        erp.put("orders", facts.order(str(number), **(bad if str(number) == BAD else {})))
    return erp


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"number": "x" * 65}, "number has 65 characters, 64 fit"),
        ({"total": Decimal("Infinity")}, "total is not a number"),
        ({"lines": TWICE_ONE}, "mirror_order_line_once"),
    ],
)
def test_999_come_in_and_one_is_quarantined(bad: dict[str, Any], reason: str) -> None:
    progress = sync.pull(kind="orders", now=facts.NOW, erp=erp_with(**bad))

    assert (progress.seen, progress.changed, progress.quarantined) == (1000, 999, 1)
    assert Order.objects.count() == 999
    assert OrderLine.objects.count() == 2 * 999
    kept = Quarantine.objects.get()
    assert (kept.kind, kept.erp_id) == ("orders", BAD)
    assert reason in kept.reason


def test_999_come_in_beside_one_that_the_adapter_could_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    erp = erp_with()
    erp.remove("orders", BAD)
    real = erp.pull

    def with_one_broken(kind: str, cursor: r.Cursor, **limits: Any) -> r.Page[Any]:
        page = real(kind, cursor, **limits)
        broken = (r.Broken(BAD, "not JSON", "<html>"),) if not cursor.last_id else ()
        return r.Page(page.records, page.next, broken, page.total)

    monkeypatch.setattr(erp, "pull", with_one_broken)
    progress = sync.pull(kind="orders", now=facts.NOW, erp=erp)

    assert (Order.objects.count(), progress.quarantined) == (999, 1)
    assert Quarantine.objects.get().raw == "<html>"


def test_control_without_saving_one_by_one_the_bad_record_stops_all(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MIRROR_PAGE_SIZE = {"orders": 1000}

    def give_up(*args: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(writing, "_save_one_by_one", give_up)
    with pytest.raises(IntegrityError):
        sync.pull(kind="orders", now=facts.NOW, erp=erp_with(lines=TWICE_ONE))
    assert not Order.objects.exists()
