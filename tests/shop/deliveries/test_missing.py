"""The missing-goods report: the figures of docs/metrics.md (M24), its filters, levels and pages."""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import SoldTo
from erp_sync.mirror import missing_sql
from erp_sync.mirror.missing import Missing
from erp_sync.mirror.models import Order
from shop.deliveries.report import ReportQuery, read_query, report_for, report_of
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db

TINY = Path(__file__).parents[2] / "data" / "canonical_tiny"
NOW = timezone.now()
TODAY = NOW.astimezone(ZoneInfo("Europe/Madrid")).date()
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with (TINY / f"{name}.csv").open() as file:
        yield from csv.DictReader(file)


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@pytest.fixture
def tiny() -> dict[str, SoldTo]:
    """Return the companies of the worked example, with its orders and deliveries in the mirror."""
    companies = {one["account_id"]: people.sold_to(one["name"]) for one in rows_of("accounts") if one["is_test"] == "0"}
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for one in rows_of("orders"):
        if one["account_id"] not in companies or one["is_test"] == "1":
            continue
        lines |= {
            (one["order_id"], fact["line_no"]): fact | {"order": order_of(companies[one["account_id"]], one)}
            for fact in rows_of("order_lines")
            if fact["order_id"] == one["order_id"]
        }
    for key, fact in lines.items():
        parts = [part for part in rows_of("deliveries") if (part["order_id"], part["line_no"]) == key]
        line_of(fact, parts)
    return companies


def order_of(company: SoldTo, one: dict[str, str]) -> Order:
    placed_at = dt.datetime.fromisoformat(one["placed_at"])
    return deliveries.order(company, one["order_id"], status=one["status"], placed_at=placed_at)


def line_of(fact: dict[str, Any], parts: list[dict[str, str]]) -> None:
    brought = sum(int(part["qty"]) for part in parts)
    made = deliveries.line(
        fact["order"], fact["sku"], int(fact["qty_ordered"]), delivered=brought, item_type=fact["item_type"],
        quantity_cancelled=Decimal(fact["qty_cancelled"]), promised_on=day(fact["promised_date"]),
    )  # fmt: skip
    company = SoldTo.objects.get(erp_id=made.order.customer_erp_id)
    for part in parts:
        deliveries.delivery(
            company, (made, int(part["qty"])), shipped_on=day(part["shipped_date"]),
            delivered_on=day(part["delivered_date"]),
        )  # fmt: skip


def test_the_worked_example_of_the_metric_comes_out(tiny: dict[str, SoldTo]) -> None:
    now = dt.datetime(2025, 1, 1, 0, 0, tzinfo=ZoneInfo("Europe/Madrid"))
    query = ReportQuery(placed_from=dt.date(2024, 10, 1), placed_to=dt.date(2024, 12, 31), show="all")
    sums = [report_of(sold_to=company, query=query, now=now).sums for company in tiny.values()]
    total = [sum(getattr(one, name) for one in sums) for name in ("ordered", "delivered", "missing", "over_delivered")]
    assert total == [73, 43, 31, 1]
    assert sum(one.overdue for one in sums) == 1
    # M23 over the same lines: three of nine were late or never came.
    assert (sum(one.on_time_lines for one in sums), sum(one.promised_lines for one in sums)) == (6, 9)


def test_a_surplus_on_one_line_never_fills_another() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to)
    deliveries.line(order, "A-1", 5, delivered=8)
    deliveries.line(order, "A-1", 5, delivered=1)
    found = report_for(actor=actor, query=ReportQuery(level="item", show="all"), now=NOW)
    assert found.sums.missing == 4
    assert found.sums.over_delivered == 3
    assert [(row.sums.ordered, row.sums.delivered, row.sums.missing) for row in found.rows] == [(10, 9, 4)]


def test_what_was_cancelled_returned_drafted_or_no_goods_is_not_missing() -> None:
    actor = people.buyer()
    deliveries.line(deliveries.order(actor.sold_to), quantity_cancelled=Decimal(10))
    deliveries.line(deliveries.order(actor.sold_to, status="cancelled"))
    deliveries.line(deliveries.order(actor.sold_to, status="quotation"))
    deliveries.line(deliveries.order(actor.sold_to, is_return=True))
    deliveries.line(deliveries.order(actor.sold_to), item_type="freight")
    deliveries.line(deliveries.order(actor.sold_to, gone_at=NOW))
    assert report_for(actor=actor, query=ReportQuery(show="all"), now=NOW).total == 0


def test_overdue_goes_by_the_first_promise_and_stands_first() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to)
    deliveries.line(order, "LATER", promised_on=TOMORROW)
    deliveries.line(order, "NEVER")
    deliveries.line(order, "MOVED", promised_on=TOMORROW, first_promised_on=YESTERDAY)
    deliveries.line(order, "TODAY", promised_on=TODAY)
    found = report_for(actor=actor, query=ReportQuery(), now=NOW)
    assert [row.row.sku for row in found.rows] == ["MOVED", "TODAY", "LATER", "NEVER"]
    assert [row.is_overdue for row in found.rows] == [True, False, False, False]
    assert found.rows[0].is_moved
    assert found.sums.overdue_lines == 1
    overdue = report_for(actor=actor, query=ReportQuery(show="overdue"), now=NOW)
    assert [row.row.sku for row in overdue.rows] == ["MOVED"]


def test_on_time_counts_what_had_come_whole_by_the_promise() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to)
    whole = deliveries.line(order, "WHOLE", 10, delivered=10, promised_on=YESTERDAY)
    half = deliveries.line(order, "HALF", 10, delivered=10, promised_on=YESTERDAY)
    deliveries.delivery(actor.sold_to, (whole, 4), (half, 4), shipped_on=YESTERDAY - dt.timedelta(days=2))
    deliveries.delivery(actor.sold_to, (whole, 6), shipped_on=YESTERDAY)
    deliveries.delivery(actor.sold_to, (half, 6), shipped_on=TODAY)
    sums = report_for(actor=actor, query=ReportQuery(show="all"), now=NOW).sums
    assert (sums.on_time_lines, sums.promised_lines, sums.on_time) == (1, 2, Decimal("0.5000"))
    assert report_for(actor=actor, query=ReportQuery(item="none"), now=NOW).sums.on_time is None


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        (ReportQuery(item="b-"), {"B-1"}),
        (ReportQuery(item="copper"), {"A-1"}),
        (ReportQuery(order="so/7"), {"B-1"}),
        (ReportQuery(reference="po 4711"), {"A-1", "A-2"}),
        (ReportQuery(ship_to="P2"), {"B-1"}),
        (ReportQuery(placed_to=TODAY - dt.timedelta(days=30)), {"B-1"}),
        (ReportQuery(placed_from=TODAY - dt.timedelta(days=29)), {"A-1", "A-2"}),
        (ReportQuery(item="100%"), set()),
    ],
)
def test_each_filter_lets_through_what_it_says(query: ReportQuery, skus: set[str]) -> None:
    actor = people.buyer()
    new = deliveries.order(actor.sold_to, "SO/1", customer_reference="PO 4711", ship_to_erp_id="P1")
    deliveries.line(new, "A-1", description="Copper pipe")
    deliveries.line(new, "A-2")
    old = deliveries.order(actor.sold_to, "SO/7", ship_to_erp_id="P2", placed_at=NOW - dt.timedelta(days=40))
    deliveries.line(old, "B-1")
    found = report_for(actor=actor, query=query, now=NOW)
    assert {row.row.sku for row in found.rows} == skus
    assert found.total == len(skus)
    assert found.sums.missing == 10 * len(skus)


def test_a_row_is_a_line_an_item_or_an_order() -> None:
    actor = people.buyer()
    one, two = deliveries.order(actor.sold_to), deliveries.order(actor.sold_to)
    for order in (one, two):
        deliveries.line(order, "A-1", 10, delivered=4)
        deliveries.line(order, "B-1", 10)
    totals = {
        level: report_for(actor=actor, query=ReportQuery(level=level), now=NOW) for level in ("line", "item", "order")
    }
    assert {level: found.total for level, found in totals.items()} == {"line": 4, "item": 2, "order": 2}
    assert {found.sums.missing for found in totals.values()} == {32}
    assert [row.sums.missing for row in totals["order"].rows] == [16, 16]
    assert {row.order_number for row in totals["order"].rows} == {one.number, two.number}


def test_pages_say_how_much_there_is_and_the_sums_are_of_all_pages() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to)
    for _n in range(7):
        deliveries.line(order, catalogue.item().sku, 1)
    last = report_for(actor=actor, query=ReportQuery(), now=NOW, page=3, per_page=3)
    assert (last.first, last.last, last.total, last.pages, last.sums.missing) == (7, 7, 7, 3, 7)
    beyond = report_for(actor=actor, query=ReportQuery(), now=NOW, page=9, per_page=3)
    assert (beyond.rows, beyond.sums.missing) == ((), 7)


def test_the_report_asks_the_same_few_questions_for_one_line_and_for_many() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to)
    asked = []
    for count in (1, 40):
        for _n in range(count):
            deliveries.line(order, catalogue.item().sku, 1)
        with CaptureQueriesContext(connection) as caught:
            report_for(actor=actor, query=ReportQuery(), now=NOW)
        asked.append(len(caught))
        Order.objects.update(synced_at=NOW + dt.timedelta(seconds=count))
    assert asked[0] == asked[1] <= 6


def sums_asked(actor: Actor) -> tuple[Decimal, int]:
    """Return what is missing, and how often the sums over all lines were worked out for it."""
    with CaptureQueriesContext(connection) as caught:
        found = report_for(actor=actor, query=ReportQuery(), now=NOW)
    return found.sums.missing, sum("punctual AS MATERIALIZED" in one["sql"] for one in caught.captured_queries)


def test_the_sums_are_worked_out_once_for_each_state_of_the_mirror() -> None:
    actor = people.buyer()
    line = deliveries.line(deliveries.order(actor.sold_to), quantity=10)
    assert [sums_asked(actor), sums_asked(actor)] == [(10, 1), (10, 0)]
    deliveries.line(deliveries.order(actor.sold_to), quantity=5)
    assert [sums_asked(actor), sums_asked(actor)] == [(15, 1), (15, 0)]
    deliveries.delivery(actor.sold_to, (line, 10))
    assert sums_asked(actor) == (15, 1)
    line.order.gone_at = NOW
    line.order.save()
    assert [sums_asked(actor), sums_asked(actor)] == [(5, 1), (5, 0)]


def test_control_sums_that_know_no_state_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_sql, "STATE", "SELECT 1 AS one FROM {table} LIMIT 0")
    with pytest.raises(AssertionError):
        test_the_sums_are_worked_out_once_for_each_state_of_the_mirror()


def test_nobody_sees_what_another_company_misses() -> None:
    deliveries.line(deliveries.order(people.sold_to()))
    assert report_for(actor=people.buyer(), query=ReportQuery(show="all"), now=NOW).sums == Missing(
        *(Decimal(0),) * 4, 0, 0, 0, 0, 0, Decimal(0)
    )


def test_a_query_comes_back_from_its_address_and_rubbish_counts_as_nothing() -> None:
    query = ReportQuery(item="A", show="overdue", level="order", placed_from=dt.date(2026, 1, 2))
    assert read_query(query.chosen()) == query
    assert read_query({"show": "'; DROP", "level": "x", "placed_from": "soon"}) == ReportQuery()
    assert not ReportQuery().is_filtered
