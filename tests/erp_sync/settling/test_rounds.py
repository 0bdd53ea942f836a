"""Both directions are compared; differences wait for a person and close by themselves."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.adapters.fake import FakeErp
from erp_sync.errors import ErpUnavailable
from erp_sync.outbox import kinds
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.settling import rounds, services
from erp_sync.settling.errors import SettlingRefused
from erp_sync.settling.models import Comparison, Difference, Kind, Round, Subject

from .two_sides import NOW, PLANT, both_have, payment, return_

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp(settings: Any) -> Iterator[FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    yield erp
    erp.reset()


def compare(now: dt.datetime = NOW, round: Round = Round.NIGHTLY) -> Comparison:
    return rounds.compare_documents(round=round, now=now)


def still_open() -> list[tuple[str, str, str]]:
    rows = Difference.objects.filter(gone_at=None, settled_at=None).order_by("subject", "reference")
    return list(rows.values_list("subject", "reference", "kind"))


def test_two_sides_that_agree_have_no_difference(erp: FakeErp) -> None:
    both_have(erp, 20)
    payment(erp, 1)
    return_(erp, 1)
    found = compare()
    assert (found.compared, found.different, found.error) == (22, 0, "")
    assert still_open() == []
    assert compare(round=Round.HOURLY).compared < 22


def test_payments_and_returns_are_compared_in_both_directions(erp: FakeErp) -> None:
    for number in range(5):
        payment(erp, number)
    for number in range(2):
        return_(erp, number)
    payments, returns = erp.book.records["payments"], erp.book.records["returns"]
    del payments["p0-1"], payments["p0-2"]
    for part in ("p1-1", "p1-2"):
        payments[f"{part}-again"] = replace(payments[part], erp_id=f"{part}-again")
    payments["p2-1"] = replace(payments["p2-1"], amount=Decimal("49.99"))
    for part in ("p3-1", "p3-2"):
        payments[part] = replace(payments[part], state="reversed")
    OutboxRow.objects.filter(reference="PAY-4").delete()
    del returns["r0"]
    OutboxRow.objects.update(created_at=NOW - dt.timedelta(days=1))
    returns["r9"] = replace(returns["r1"], erp_id="r9", number="R9", reference="RET-9")
    compare()
    assert still_open() == [
        ("payment", "PAY-0", "missing"),
        ("payment", "PAY-1", "double"),
        ("payment", "PAY-2", "total"),
        ("payment", "PAY-3", "cancelled"),
        ("payment", "PAY-4", "ghost"),
        ("return", "RET-0", "missing"),
        ("return", "RET-9", "ghost"),
    ]


def test_what_the_shop_itself_changed_or_gave_back_is_no_difference(erp: FakeErp) -> None:
    first, second = both_have(erp, 2)
    payment(erp, 1)
    PLANT[Kind.LINE](erp, first)
    PLANT[Kind.CANCELLED](erp, second)
    for part in ("p1-1", "p1-2"):
        erp.book.records["payments"][part] = replace(erp.book.records["payments"][part], state="reversed")
    for kind, document in (
        ("order_change", r.OrderChange("CHG-1", "1", first, "c0")),
        ("cancel", r.Cancellation("CAN-1", "2", second, "c1")),
        ("payment_reversal", r.PaymentReversal("PAY-1-R", "PAY-1", "c1", "EUR", Decimal(100), NOW.date())),
    ):
        payload, at = kinds.of(kind).payload(document), NOW - dt.timedelta(minutes=5)
        OutboxRow.objects.create(
            kind=kind, reference=document.reference, payload=payload, state=OutboxState.DONE, created_at=at, due_at=at
        )
    assert compare().different == 0


def test_a_write_that_is_still_under_way_is_no_ghost(erp: FakeErp) -> None:
    (reference,) = both_have(erp, 1)
    OutboxRow.objects.filter(reference=reference).update(state=OutboxState.CHECK, settled_at=None)
    assert compare().different == 0


def test_orders_of_before_our_first_write_are_history_and_no_ghosts(erp: FakeErp) -> None:
    references = both_have(erp, 4)
    OutboxRow.objects.filter(reference__in=references[1:]).delete()
    assert compare().different == 0
    OutboxRow.objects.update(created_at=NOW - dt.timedelta(days=100))
    assert compare().different == 3


def test_a_difference_closes_when_both_sides_agree_again_and_returns_as_news(erp: FakeErp) -> None:
    references = both_have(erp, 3)
    there = dict(erp.book.records["orders"])
    PLANT[Kind.CANCELLED](erp, references[1])
    compare()
    row = Difference.objects.get()
    assert (row.ours["state"], row.theirs["state"], row.theirs["number"]) == ("done", "cancelled", "SO2")
    erp.book.records["orders"] = there
    compare(NOW + dt.timedelta(hours=1))
    assert still_open() == []
    PLANT[Kind.CANCELLED](erp, references[1])
    compare(NOW + dt.timedelta(hours=2))
    row.refresh_from_db()
    assert (row.gone_at, row.first_seen_at) == (None, NOW + dt.timedelta(hours=2))


def test_a_settled_difference_stays_settled_until_a_side_changes(erp: FakeErp) -> None:
    (reference,) = both_have(erp, 1)
    PLANT[Kind.LINE](erp, reference)
    compare()
    row = Difference.objects.get()
    with pytest.raises(SettlingRefused):
        services.settle(difference=row, by="ana", note="  ", now=NOW)
    services.settle(difference=row, by="ana", note="agreed by phone", now=NOW)
    with pytest.raises(SettlingRefused, match="ana"):
        services.settle(difference=row, by="berto", note="me too", now=NOW)
    compare(NOW + dt.timedelta(hours=1))
    assert still_open() == []
    PLANT[Kind.LINE](erp, reference)
    compare(NOW + dt.timedelta(hours=2))
    assert still_open() == [(Subject.ORDER, reference, Kind.LINE)]


def test_an_erp_that_goes_away_closes_nothing_and_says_so(erp: FakeErp) -> None:
    (reference,) = both_have(erp, 1)
    PLANT[Kind.TOTAL](erp, reference)
    compare()
    erp.fail("down", "pull", times=5)
    found = compare(NOW + dt.timedelta(hours=1))
    assert "down" in found.error
    assert still_open() == [(Subject.ORDER, reference, Kind.TOTAL)]


def test_a_slow_erp_is_compared_in_smaller_pages(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have(erp, 60)
    real, asked = erp.pull, set()

    def slow(kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        if limit > 40:
            raise ErpUnavailable("no whole answer in 60 s")
        asked.add(limit)
        return real(kind, cursor, limit=limit, deadline_s=deadline_s)

    monkeypatch.setattr(erp, "pull", slow)
    found = compare()
    assert (found.compared, found.different, found.error, asked) == (60, 0, "", {25, 31})


def test_a_busy_erp_is_asked_on_from_where_it_stopped(
    erp: FakeErp, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    both_have(erp, 60)
    settings.MIRROR_PAGE_SIZE = {"orders": 10}
    real, asked, breaks = erp.pull, [], iter((False, False, False, True, True, False))

    def busy(kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        if next(breaks, False):
            raise ErpUnavailable("no whole answer in 60 s")
        asked.append((kind, cursor.last_id))
        return real(kind, cursor, limit=limit, deadline_s=deadline_s)

    monkeypatch.setattr(erp, "pull", busy)
    found = rounds.compare_documents(round=Round.NIGHTLY, now=NOW, pauses_s=(0, 0))
    assert (found.compared, found.different, found.error) == (60, 0, "")
    assert len(asked) == len(set(asked)), "no page is asked for twice"
    breaks = iter((False, True, True, True))
    assert "60 s" in rounds.compare_documents(round=Round.NIGHTLY, now=NOW, pauses_s=(0, 0)).error, "but not for ever"
