"""The sums say what the metrics say; a closed day stays, and late facts are told with their causes."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from adoption import facts
from adoption.books import days, keeping, lookups, reconciling, rollups, selectors, tasks, touched, words
from adoption.books.models import DayBook, Restatement, RollupRun
from adoption.books.rollups import Frame
from adoption.books.selectors import Who
from adoption.books.sums import ALL, BETWEEN, AccountState, OrderDay, OrderMonth
from adoption.events.channels import decide_new
from adoption.events.models import Event
from adoption.imports import reading
from adoption.imports.services import import_source
from adoption.metrics.adoption import adoption
from adoption.metrics.facts import Book, Period
from adoption.metrics.finance import finance
from adoption.metrics.hours import off_hours
from adoption.metrics.logins import strategic_logins
from adoption.metrics.period import month_of
from adoption.quotes.models import QuoteFact
from adoption.voice.models import Enquiry
from erp_sync.mirror.models import Invoice, InvoiceLine, Order, OrderLine
from tests.adoption import canonical

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
NUMBERS = {"IntegerField", "DecimalField"}


def load(folder: Path) -> Book:
    import_source(source=reading.folder(folder), now=NOW, say=lambda _text: None)
    own = facts.company()
    assert own.as_of is not None
    return facts.book(as_of=own.as_of)


@pytest.fixture
def demo(tmp_path: Path) -> Book:
    """The practice set of eighteen months, in seven time zones and seven currencies."""
    canonical.unpacked(canonical.DEMO, tmp_path)
    return load(tmp_path)


def months(book: Book) -> Iterator[Period]:
    first = book.orders[0].placed_on.replace(day=1)
    while first <= book.today:
        month = month_of(first)
        yield month
        first = month.last + dt.timedelta(days=1)


def test_sums_say_what_the_metrics_say(demo: Book) -> None:
    frame = Frame.at(NOW)
    rollups.rebuild(frame=frame, now=NOW)
    every = frozenset(AccountState.objects.values_list("account_id", flat=True))
    odd = Period(dt.date(2024, 3, 10), dt.date(2024, 6, 2))
    for period in (*months(demo), odd):
        orders = demo.orders_in(period)
        accounts = frozenset(order.account_id for order in orders)
        sums = selectors.added(keeping.ORDERS, period, by=("channel", "account_id"), who=Who(accounts))
        groups = {(order.channel, order.account_id) for order in orders}
        assert {key for key, row in sums.items() if row["orders"]} == groups
        for channel, account in groups:
            own = [order for order in orders if (order.channel, order.account_id) == (channel, account)]
            found = sums[channel, account]
            assert found["orders"] == len(own)
            assert found["unconverted"] == sum(order.value is None for order in own)
            assert found["units"] == sum(order.units for order in own if order.value is not None)
            value = sum((order.value for order in own if order.value is not None), Decimal(0))
            assert abs(found["value"] - value) < Decimal("1e-9")
        hours = off_hours(demo, period)
        both = [selectors.total(keeping.ORDERS, period, who=who) for who in (Who(), Who(every, every))]
        assert both[0] == both[1]
        assert sum(selectors.heat(period, channels=demo.settings.online).values()) == hours.share.whole
    assert reconciling.compare(frame=frame) == []


def test_sums_know_who_logged_in_and_who_ordered(demo: Book) -> None:
    rollups.rebuild(frame=Frame.at(NOW), now=NOW)
    for period in (
        Period(dt.date(2024, 10, 1), dt.date(2024, 10, 31)),
        Period(dt.date(2024, 2, 5), dt.date(2024, 4, 9)),
    ):
        known = strategic_logins(demo, period)
        logins = lookups.log_ins(period, accounts=list(known))
        for account, one in known.items():
            assert logins.get(account, (0, 0, 0)) == (one.users, one.login_days, one.logins)
        assert set().union(*selectors.who_ordered(period).values()) == {
            order.account_id for order in demo.orders_in(period) if order.account_id
        }


def kept() -> dict[str, list[str]]:
    """Every row of every sum; of months those that say something."""
    found = {}
    for model in (AccountState, *(part for one in keeping.FAMILIES for part in (one.day, one.month) if part)):
        names = [field.attname for field in model._meta.fields if field.name != "id"]
        numbers = [at for at, field in enumerate(model._meta.fields[1:]) if field.get_internal_type() in NUMBERS]
        rows = model._default_manager.values_list(*names)
        told = [row for row in rows if model is AccountState or any(row[at] for at in numbers)]
        # Who ordered is a list in any order.
        found[model.__name__] = sorted(
            str([sorted(one.split(BETWEEN)) if isinstance(one, str) else one for one in row]) for row in told
        )
    return found


def test_rebuilding_twice_and_refreshing_a_day_change_nothing(demo: Book) -> None:
    frame = Frame.at(NOW)
    rollups.rebuild(frame=frame, now=NOW)
    before = kept()
    some = [dt.date(2024, 10, 27), dt.date(2024, 3, 31), dt.date(2024, 3, 30)]
    assert rollups.refresh(frame=frame, days=some) == set()
    assert kept() == before
    OrderDay.objects.filter(account_id=ALL).update(orders=7)
    assert kept() != before


def test_where_the_facts_of_some_accounts_changed_only_theirs_are_read_and_nothing_is_missing(
    demo: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, later = Frame.at(NOW), NOW + dt.timedelta(hours=1)
    rollups.rebuild(frame=frame, now=NOW)
    changed = change_some_facts(later)
    looked_at: list[Collection[str] | None] = []
    merge = keeping.merge

    def looked(cursor: Any, family: keeping.Family, fresh: str, given: Mapping[str, Any]) -> set[str]:
        looked_at.append(given["accounts"])
        return merge(cursor, family, fresh, given)

    monkeypatch.setattr(keeping, "merge", looked)
    last = rollups.last_run()
    assert last is not None
    found = touched.touched_days(frame, last)
    rollups.refresh(frame=frame, days={day: {one: {"nobody"} for one in keeping.FAMILIES} for day in found})
    assert reconciling.compare(frame=frame) != []
    rollups.bring_up_to_date(frame=frame, now=later + dt.timedelta(minutes=1))
    assert reconciling.compare(frame=frame) == []
    some = [accounts for accounts in looked_at if accounts not in (None, ["nobody"])]
    assert len(some) > 5
    assert changed <= {account for accounts in some for account in accounts}
    after = kept()
    rollups.rebuild(frame=frame, now=later + dt.timedelta(minutes=2))
    assert kept() == after


def change_some_facts(at: dt.datetime) -> set[str]:
    """Orders are cancelled, taken away or come back, papers change, events come late; return whose they are."""
    chance = random.Random(20261122)  # noqa: S311 no secret
    orders = chance.sample(list(Order.objects.order_by("erp_id")), 12)
    firsts = [Order.objects.filter(customer_erp_id=one.customer_erp_id).earliest("placed_at") for one in orders[:3]]
    for order in (*orders, *firsts):
        gone = at if chance.random() < 0.5 else None
        status = "cancelled" if order.status == "completed" else "completed"
        Order.objects.filter(pk=order.pk).update(status=status, gone_at=gone, synced_at=at)
    papers = chance.sample(list(Invoice.objects.order_by("erp_id")), 6)
    Invoice.objects.filter(pk__in=[one.pk for one in papers[:4]]).update(gone_at=at)
    for paper in papers[4:]:
        paid_at = paper.paid_at and paper.paid_at - dt.timedelta(days=1)
        Invoice.objects.filter(pk=paper.pk).update(paid_at=paid_at, synced_at=at)
    logins = chance.sample(list(Event.objects.filter(kind="login", actor="buyer").order_by("event_id")), 4)
    accounts = [one.account_id for one in logins]
    for number, one in enumerate(logins):
        for kind in ("session_start", "invoice_searched", "login"):
            # The session of two accounts, and a search that repeats another account's.
            Event.objects.create(
                event_id=f"late-{number}-{kind}", occurred_at=logins[0].occurred_at + dt.timedelta(seconds=number),
                kind=kind, actor="buyer", account_id=one.account_id, user_id=f"late{number % 2}",
                session_id=f"late{number // 2}", props={"source": "email", "query": "F-1"},
            )  # fmt: skip
    spoke = change_what_was_said(chance, at)
    return {*(one.customer_erp_id for one in orders), *(one.customer_erp_id for one in papers), *accounts, *spoke}


def change_what_was_said(chance: random.Random, at: dt.datetime) -> set[str]:
    """Talks and quotes come late, orders name quotes, answers fall on two days; return whose they are."""
    orders = chance.sample(list(Order.objects.filter(gone_at=None).order_by("erp_id")), 16)
    for number, one in enumerate(orders[:8]):
        for day in range(3):
            Enquiry.objects.create(
                enquiry_id=f"late-{number}-{day}", account_id=one.customer_erp_id, topic="invoice", intent="sales",
                occurred_at=one.placed_at - dt.timedelta(days=2 * day), medium=("phone", "email", "visit")[number % 3],
            )  # fmt: skip
    for number, one in enumerate(orders[8:]):
        asked = {"account_id": one.customer_erp_id, "requested_at": one.placed_at - dt.timedelta(days=3 * number)}
        quote = QuoteFact.objects.create(quote_id=f"late-{number}", **asked)
        if number < 3:
            Order.objects.filter(pk=one.pk).update(quote_erp_id=quote.quote_id, synced_at=at)
        else:
            QuoteFact.objects.filter(pk=quote.pk).update(order_key=one.web_reference or one.erp_id)
            _event("quote_decided", quote.quote_id, one, one.placed_at, object_id=quote.quote_id)
    asked_of = list(Event.objects.filter(kind="survey_prompted", actor="buyer").order_by("event_id"))
    for prompt in chance.sample(asked_of, 4):
        for later in (1, 3):
            Event.objects.create(
                event_id=f"{prompt.event_id}-{later}", kind="survey_answered", actor="buyer",
                occurred_at=prompt.occurred_at + dt.timedelta(days=later), account_id=prompt.account_id,
                user_id=prompt.user_id, session_id=prompt.session_id,
                props={"survey": prompt.props["survey"], "score": "5", "found": "yes"},
            )  # fmt: skip
    return {one.customer_erp_id for one in orders[:11]}


def _event(kind: str, key: str, order: Order, at: dt.datetime, **more: str) -> None:
    Event.objects.create(
        event_id=f"{key}-{kind}", kind=kind, actor="staff", occurred_at=at, account_id=order.customer_erp_id, **more
    )


def indexes() -> dict[str, object]:
    with connection.cursor() as cursor:
        tables = [name for family in keeping.FAMILIES for name in (family.days, family.months) if name]
        return {table: connection.introspection.get_constraints(cursor, table) for table in tables}


def test_sums_in_use_stay_until_new_ones_are_whole() -> None:
    load(canonical.TINY)
    frame, were = Frame.at(NOW), indexes()
    rollups.rebuild(frame=frame, now=NOW)
    assert indexes() == were
    before = list(OrderMonth.objects.order_by("pk").values_list("pk", "orders"))
    Order.objects.filter(erp_id="O04").update(status="cancelled")

    def stop(_told: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        rollups.rebuild(frame=frame, now=NOW, say=stop)
    assert list(OrderMonth.objects.order_by("pk").values_list("pk", "orders")) == before
    rollups.rebuild(frame=frame, now=NOW)
    assert list(OrderMonth.objects.order_by("pk").values_list("pk", "orders")) != before
    assert rollups.refresh(frame=frame, days=[dt.date(2024, 10, 7)]) == set()
    assert reconciling.compare(frame=frame) == []


def test_a_sum_that_was_forgotten_is_found_told_and_mended() -> None:
    load(canonical.TINY)
    frame = Frame.at(NOW)
    rollups.rebuild(frame=frame, now=NOW)
    OrderMonth.objects.filter(month=dt.date(2024, 10, 1)).delete()
    with pytest.raises(CommandError, match="2024-10: the sums say 0 orders"):
        call_command("rollups_rebuild", "--check", stdout=StringIO(), stderr=StringIO())
    assert len(reconciling.reconcile(frame=frame, now=NOW)) == 1
    assert reconciling.compare(frame=frame) == []
    run = selectors.last_run()
    assert run is not None
    assert run.differences[0].startswith("2024-10")


def test_what_changed_since_the_last_run_is_refreshed() -> None:
    load(canonical.TINY)
    frame = Frame.at(NOW)
    assert rollups.bring_up_to_date(frame=frame, now=NOW) > 0
    Order.objects.filter(erp_id="O04").update(status="cancelled", synced_at=NOW + dt.timedelta(minutes=1))
    rollups.bring_up_to_date(frame=frame, now=NOW + dt.timedelta(minutes=2))
    assert reconciling.compare(frame=frame) == []
    assert RollupRun.objects.count() == 2


def test_closed_days_say_what_the_metrics_say_of_the_day(demo: Book) -> None:
    frame = Frame.at(NOW)
    rollups.rebuild(frame=frame, now=NOW)
    assert days.close_days(frame=frame, now=NOW) > 500
    for closed in DayBook.objects.order_by("?")[:40]:
        period = Period(closed.day, closed.day)
        known = adoption(demo, period)
        for name, share in (("adoption.order", known.order), ("adoption.revenue", known.revenue)):
            told = closed.figures[name]
            assert (told is None) == (share.value is None), closed.day
            assert told is None or abs(Decimal(told) - (share.value or 0)) < Decimal("0.000002")
        assert int(closed.figures["orders"]) == len(demo.orders_in(period))
        assert abs(Decimal(closed.figures["net_sales"]) - finance(demo, period).sales.net) < Decimal("0.01")
    assert days.restate(frame=frame, now=NOW, days=DayBook.objects.values_list("day", flat=True)) == []


def closed_tiny() -> Frame:
    load(canonical.TINY)
    frame = Frame.at(NOW)
    rollups.rebuild(frame=frame, now=NOW)
    days.close_days(frame=frame, now=NOW)
    return frame


def all_days() -> list[dt.date]:
    return list(DayBook.objects.values_list("day", flat=True))


def test_a_closed_day_is_never_written_again() -> None:
    frame = closed_tiny()
    before = list(DayBook.objects.values_list("day", "figures", "rows", "frozen_at"))
    Order.objects.filter(erp_id="O04").update(status="cancelled")
    assert days.close_days(frame=frame, now=NOW + dt.timedelta(days=1)) == 0
    assert list(DayBook.objects.values_list("day", "figures", "rows", "frozen_at")) == before


def test_a_late_cancellation_is_told_with_its_order() -> None:
    frame = closed_tiny()
    order = Order.objects.get(erp_id="O04")
    day = order.placed_at.astimezone(ZoneInfo("Europe/Madrid")).date()
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    found = {row.metric: row for row in days.restate(frame=frame, now=NOW, days=all_days())}
    assert {row.day for row in found.values()} == {day}
    assert found["orders"].after == (found["orders"].before or 0) - 1
    assert found["revenue"].causes == [{"kind": "cancelled_order", "count": 1, "ids": [order.web_reference]}]
    assert days.restate(frame=frame, now=NOW, days=all_days()) == []
    Order.objects.filter(pk=order.pk).update(status="completed")
    days.restate(frame=frame, now=NOW, days=all_days())
    assert not Restatement.objects.exists()


def test_late_credit_notes_are_told_in_words() -> None:
    frame = closed_tiny()
    day = dt.date(2024, 10, 10)
    for number in range(4):
        credit = Invoice.objects.create(
            erp_id=f"LATE{number}", number=f"LATE{number}", customer_erp_id="A1", kind="credit", state="open",
            invoiced_on=day, currency="EUR", untaxed_total=5, tax_total=0, total=5, amount_due=5, version=NOW,
            synced_at=NOW,
        )  # fmt: skip
        InvoiceLine.objects.create(
            invoice=credit, erp_id=f"L{number}", line_no=1, quantity=1, net_price=5, amount=5, order_erp_id="O04"
        )
    (row,) = days.restate(frame=frame, now=NOW, days=all_days())
    assert (row.metric, (row.after or 0) - (row.before or 0)) == ("net_sales", -20)
    assert row.causes[0]["ids"] == ["LATE0", "LATE1", "LATE2", "LATE3"]
    with translation.override("en"):
        assert words.restated(row, "EUR") == "restated by \N{MINUS SIGN}€20.00 on 10 October: 4 late credit notes"
    assert selectors.restatements(Period(day, day), "net_sales") == [row]


def test_a_share_is_restated_in_points() -> None:
    frame = closed_tiny()
    day = dt.date(2024, 10, 7)
    late = Order.objects.create(
        erp_id="LATE", number="LATE", customer_erp_id="A1", status="open", currency="EUR", channel_hint="phone",
        placed_at=dt.datetime(2024, 10, 7, 9, tzinfo=dt.UTC), version=NOW, synced_at=NOW,
    )  # fmt: skip
    OrderLine.objects.create(order=late, erp_id="LATE:1", line_no=1, quantity=1, net_price=10, sku="X")
    decide_new(now=NOW)
    rows = {row.metric: row for row in days.restate(frame=frame, now=NOW, days=[day])}
    with translation.override("en"):
        told = words.restated(rows["adoption.order"], "EUR")
    assert told == "restated by \N{MINUS SIGN}50.0 points on 7 October: 1 late order"


def test_late_events_are_counted() -> None:
    frame = closed_tiny()
    Event.objects.create(
        event_id="late", occurred_at=dt.datetime(2024, 10, 7, 9, tzinfo=dt.UTC), kind="login", actor="buyer",
        account_id="A1", user_id="somebody",
    )  # fmt: skip
    rollups.bring_up_to_date(frame=frame, now=NOW)
    (row,) = days.restate(frame=frame, now=NOW, days=all_days())
    assert (row.metric, row.causes) == ("login", [{"kind": "late_event", "count": 1, "ids": []}])


def test_the_nightly_task_closes_restates_and_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    """By night the sums have long seen what came by day, and more often than runs are kept."""
    monkeypatch.setattr(rollups, "KEPT_RUNS", 1)
    load(canonical.TINY)
    tasks.close_books()
    closed = DayBook.objects.count()
    assert closed > 0
    Order.objects.filter(erp_id="O04").update(status="cancelled", synced_at=dt.datetime.now(dt.UTC))
    tasks.refresh_sums()
    tasks.refresh_sums()
    tasks.close_books()
    assert DayBook.objects.count() == closed
    assert Restatement.objects.filter(metric="orders").count() == 1


def test_sums_of_nothing_are_nothing() -> None:
    frame = Frame.at(NOW)
    assert rollups.rebuild(frame=frame, now=NOW) == 0
    assert reconciling.compare(frame=frame) == []
    assert days.close_days(frame=frame, now=NOW) == 0
    assert selectors.added(keeping.ORDERS, Period(dt.date(2024, 1, 1), dt.date(2024, 1, 31))) == {}
