"""Of each kind of change only the sums that are made of it are made anew, and nothing else is wrong afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adoption.books import keeping, reconciling, rollups
from adoption.books.models import RollupRun
from adoption.books.rollups import Frame
from adoption.books.sums import AccountState
from adoption.books.touched import MADE_OF, touched_days
from adoption.events.models import Event
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.plans.models import ExchangeRate
from adoption.voice.models import Enquiry
from erp_sync.mirror.models import Delivery, Invoice, InvoiceLine, Order, OrderLine, Payment
from tests.adoption import canonical

pytestmark = pytest.mark.django_db
IMPORTED = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
NOW = IMPORTED + dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def frame() -> Frame:
    import_source(source=reading.folder(canonical.TINY), now=IMPORTED, say=lambda _text: None)
    found = Frame.at(NOW)
    rollups.rebuild(frame=found, now=NOW)
    return found


def last_run() -> RollupRun:
    run = rollups.last_run()
    assert run is not None
    return run


def event(kind: str, at: str, account: str = "A1", **more: object) -> None:
    own = {"user_id": "U1", "actor": "buyer", "session_id": "late", "props": {}} | more
    Event.objects.create(
        event_id=f"late-{Event.objects.count()}", kind=kind, occurred_at=dt.datetime.fromisoformat(at + "+00:00"),
        account_id=account, **own,
    )  # fmt: skip


def told_anew(model: type[Order | Delivery | Invoice | Payment], erp_id: str, at: dt.datetime, **more: object) -> None:
    model._default_manager.filter(erp_id=erp_id).update(synced_at=at, **more)


def a_part_comes_earlier(at: dt.datetime) -> None:
    """The ERP split an order; the new part is of the day before, so that the whole order is."""
    order = Order.objects.get(erp_id="O04")
    late = Order.objects.create(
        erp_id="LATE", number="LATE", customer_erp_id="A1", status="open", currency="EUR", channel_hint="phone",
        web_reference=order.web_reference, placed_at=order.placed_at - dt.timedelta(days=1), version=NOW, synced_at=at,
    )  # fmt: skip
    OrderLine.objects.create(order=late, erp_id="LATE:1", line_no=1, quantity=1, net_price=10, sku="X")


def two_customers_at_once(at: dt.datetime) -> None:
    """An order of one is cancelled, and another one gets a credit note on a day on which he ordered."""
    told_anew(Order, "O15", at, status="cancelled")
    credit = Invoice.objects.create(
        erp_id="LATE", number="LATE", customer_erp_id="A2", kind="credit", state="open", currency="EUR",
        invoiced_on=dt.date(2024, 12, 12), untaxed_total=5, tax_total=0, total=5, amount_due=5, version=NOW,
        synced_at=at,
    )  # fmt: skip
    InvoiceLine.objects.create(invoice=credit, erp_id="LATE:1", line_no=1, quantity=1, net_price=5, amount=5)


# What changed, the words for it, and how. Each is followed by the next one, in this order.
CHANGES: dict[str, tuple[set[str], Callable[[dt.datetime], object]]] = {
    "an order is cancelled": (
        {"order", "session", "paper"}, lambda at: told_anew(Order, "O04", at, status="cancelled")
    ),
    "it comes back": ({"order", "session", "paper"}, lambda at: told_anew(Order, "O04", at, status="completed")),
    "an order turns out to be a test, and its papers with it": (
        {"order", "paper", "payment"}, lambda at: told_anew(Order, "O05", at, is_test=True)
    ),
    "one part of an order goes": (
        {"order", "session", "paper"}, lambda at: told_anew(Order, "O16", at, gone_at=at)
    ),
    "a part comes": ({"order", "session", "paper"}, a_part_comes_earlier),
    "two customers": ({"order", "session", "paper"}, two_customers_at_once),
    "somebody opens an order": (
        {"opened", "event"},
        lambda _at: event("order_tracked", "2024-12-05T18:00:00", "A2", user_id="U2", object_id="O08"),
    ),
    "somebody looks at what he orders by phone later": (
        {"opened"}, lambda _at: event("product_view", "2024-12-01T10:00:00", "A2", user_id="U2", object_id="Y"),
    ),
    "goods arrive late": ({"delivery"}, lambda at: told_anew(Delivery, "D1", at, delivered_on=dt.date(2024, 12, 24))),
    "an invoice goes": ({"paper", "payment"}, lambda at: told_anew(Invoice, "I3", at, gone_at=at)),
    "a payment is taken back": ({"payment"}, lambda at: told_anew(Payment, "P1", at, state="reversed")),
    "a session begins earlier": (
        {"session"},
        lambda _at: event("session_start", "2024-10-06T09:00:00", session_id="S04", props={"source": "social"}),
    ),
    "somebody searches for an invoice": (
        {"search"}, lambda _at: event("invoice_searched", "2024-11-05T10:00:00", props={"query": "F-1"}),
    ),
    "somebody logs in": ({"login"}, lambda _at: event("login", "2024-11-05T10:00:00", "A3", user_id="U3")),
    "somebody answers": (
        {"answer"},
        lambda _at: event("survey_answered", "2024-11-05T10:00:00", props={"survey": "csat", "score": "4"}),
    ),
    "somebody orders again with a click": ({"event"}, lambda _at: event("reorder_clicked", "2024-11-05T10:00:00")),
    "somebody calls": (
        {"enquiry"},
        lambda _at: Enquiry.objects.create(
            enquiry_id="late", account_id="A2", occurred_at=dt.datetime(2024, 12, 4, 9, tzinfo=dt.UTC), medium="phone",
            topic="product", intent="sales",
        ),
    ),
    "the order that followed a call goes": ({"order"}, lambda at: told_anew(Order, "O08", at, status="cancelled")),
    "a rate is entered": (
        {"rate"},
        lambda _at: ExchangeRate.objects.create(currency="MXN", since_on=dt.date(2024, 12, 1), rate=Decimal("0.05")),
    ),
}  # fmt: skip


def rows(families: set[keeping.Family]) -> list[object]:
    """The rows of some families' days."""
    return [sorted(map(str, one.day._default_manager.values())) for one in families]


def test_of_each_kind_of_change_only_its_sums_are_made_anew_and_none_is_wrong(
    frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: set[keeping.Family] = set()
    merge = keeping.merge

    def watched(cursor: object, family: keeping.Family, *given: object) -> set[str]:
        made.add(family)
        return merge(cursor, family, *given)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(keeping, "merge", watched)
    for number, (told, (words, change)) in enumerate(CHANGES.items()):
        at = NOW + number * HOUR
        run = rollups.remember(frame, at, [], rollups.last_facts())
        change(at)
        expected = {family for word in words for family in MADE_OF[word]}
        stale, before = touched_days(frame, run), rows(expected)
        assert {family for what in stale.values() for family in what} == expected, told
        made.clear()
        rollups.refresh(frame=frame, days=stale)
        # Talks follow orders; what was answered is added up where an answer differs.
        assert made - {keeping.ENQUIRIES, keeping.RESPONSES} <= expected, told
        assert rows(expected) != before, told
        assert reconciling.compare(frame=frame) == [], told


def test_what_only_time_made_different_is_made_anew(frame: Frame) -> None:
    """Papers of a day and goods that came on it count on the next one, wherever they belong."""
    before = replace(frame, as_of=dt.datetime(2024, 12, 16, 12, tzinfo=dt.UTC))
    after = replace(frame, as_of=dt.datetime(2024, 12, 17, 12, tzinfo=dt.UTC))
    rollups.rebuild(frame=before, now=NOW)
    stale = touched_days(after, last_run())
    assert stale[dt.date(2024, 12, 16)].keys() == {keeping.SALES}
    assert stale[dt.date(2024, 12, 10)].keys() == {keeping.LINES}
    assert reconciling.compare(frame=after) != []
    rollups.bring_up_to_date(frame=after, now=NOW + HOUR)
    assert reconciling.compare(frame=after) == []


def test_what_is_known_of_accounts_is_renewed_of_those_whose_sums_changed_and_of_all_when_the_day_turns(
    frame: Frame,
) -> None:
    AccountState.objects.update(orders=99)
    told_anew(Order, "O08", NOW + HOUR, status="cancelled")
    rollups.bring_up_to_date(frame=frame, now=NOW + 2 * HOUR)
    known = dict(AccountState.objects.values_list("account_id", "orders"))
    assert known.pop("A2") == 2
    assert set(known.values()) == {99}
    rollups.bring_up_to_date(frame=replace(frame, as_of=frame.as_of + 25 * HOUR), now=NOW + 3 * HOUR)
    assert 99 not in AccountState.objects.values_list("orders", flat=True)


def test_who_has_no_first_self_service_day_any_more_has_nothing_that_followed_it(frame: Frame) -> None:
    for number, erp_id in enumerate(("O02", "O03", "O04", "O15", "O16")):
        told_anew(Order, erp_id, NOW + number * HOUR, status="cancelled")
        rollups.bring_up_to_date(frame=frame, now=NOW + (number + 1) * HOUR)
    kept = list(AccountState.objects.order_by("account_id").values())
    rollups.rebuild(frame=frame, now=NOW + 9 * HOUR)
    assert kept == list(AccountState.objects.order_by("account_id").values())


def test_a_changed_fact_costs_few_statements_and_none_of_them_is_compiled(frame: Frame) -> None:
    def asked(tell: Callable[[dt.datetime], object], at: dt.datetime) -> list[str]:
        run = rollups.remember(frame, at, [], rollups.last_facts())
        tell(at)
        with CaptureQueriesContext(connection) as found:
            rollups.refresh(frame=frame, days=touched_days(frame, run), known={})
        return [one["sql"] for one in found]

    orders = asked(lambda at: told_anew(Order, "O04", at), NOW)
    payments = asked(lambda at: told_anew(Payment, "P1", at), NOW + HOUR)
    assert (len(orders), len(payments)) == (19, 6)
    assert all(any("jit = off" in one for one in found) for found in (orders, payments))
