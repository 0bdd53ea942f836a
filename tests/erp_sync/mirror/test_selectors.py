"""Reads of the mirror: the customer's own, found by what he types, in a fixed number of queries."""

import datetime as dt
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import selectors, sync, tree
from erp_sync.mirror.models import Category
from erp_sync.mirror.selectors import InvoiceFilters, OrderFilters
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

NOW = facts.NOW
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def erp() -> FakeErp:
    return FakeErp()


def load(erp: FakeErp, kind: str, *records: Any) -> None:
    for record in records:
        erp.put(kind, record)
    sync.pull(kind=kind, now=NOW, full=True, erp=erp)


def numbers(found: selectors.Found[Any]) -> list[str]:
    return [row.number for row in found.rows]


def orders(**filters: Any) -> list[str]:
    return numbers(selectors.orders_of(customer_erp_id="c1", filters=OrderFilters(**filters)))


def invoices(**filters: Any) -> list[str]:
    found = selectors.invoices_of(customer_erp_id="c1", today=TODAY, filters=InvoiceFilters(**filters))
    return numbers(found)


def test_orders_are_found_by_number_reference_and_item(erp: FakeErp) -> None:
    hour = dt.timedelta(hours=1)
    load(
        erp,
        "orders",
        facts.order("1", placed_at=NOW, customer_reference="PO-77"),
        facts.order("2", placed_at=NOW + hour, web_reference="WEB-01", step="delivered"),
        facts.order("3", placed_at=NOW + 2 * hour, lines=(facts.order_line(1, "TOR-8841"),), step="shipped"),
        facts.order("4", "c2", customer_reference="PO-77"),
        facts.order("5", status="draft"),
        facts.order("6", status="quotation"),
    )
    assert orders() == ["SO3", "SO2", "SO1"]
    assert orders(q="so1") == ["SO1"]
    assert orders(q="po-7") == ["SO1"]
    assert orders(q="web-01") == ["SO2"]
    assert orders(q="tor-88") == ["SO3"]
    assert orders(q="%") == []
    assert orders(state="completed") == ["SO2"]
    assert orders(state="open") == ["SO3", "SO1"]  # shipped, and some of it is still to come
    assert orders(placed_from=NOW + hour, placed_to=NOW + 2 * hour) == ["SO2"]


def test_an_order_of_somebody_else_is_not_there(erp: FakeErp) -> None:
    load(erp, "orders", facts.order("1"))
    assert selectors.order(customer_erp_id="c2", number="SO1") is None
    assert selectors.order(customer_erp_id="c1", number="") is None
    found = selectors.order(customer_erp_id="c1", number="SO1")
    assert found is not None
    assert [line.sku for line in found.lines.all()] == ["A", "B"]


def test_pages_of_orders_say_how_many_there_are(erp: FakeErp) -> None:
    load(erp, "orders", *[facts.order(f"{number:02}") for number in range(25)])
    first = selectors.orders_of(customer_erp_id="c1", per_page=10)
    last = selectors.orders_of(customer_erp_id="c1", per_page=10, page=3)
    beyond = selectors.orders_of(customer_erp_id="c1", per_page=10, page=9)
    assert (len(first.rows), first.total, first.pages) == (10, 25, 3)
    assert len(last.rows) == 5
    assert (beyond.rows, beyond.total) == ([], 25)


@pytest.mark.parametrize("count", [3, 24])
def test_lists_take_the_same_queries_whatever_their_length(
    erp: FakeErp, django_assert_num_queries: Any, count: int
) -> None:
    load(erp, "orders", *[facts.order(str(number)) for number in range(count)])
    load(erp, "invoices", *[facts.invoice(str(number)) for number in range(count)])
    with django_assert_num_queries(2):
        for order in selectors.orders_of(customer_erp_id="c1", per_page=50).rows:
            assert len(order.lines.all()) == 2
    with django_assert_num_queries(1):
        assert len(selectors.invoices_of(customer_erp_id="c1", today=TODAY, per_page=50).rows) == count


def test_deliveries_of_an_order_come_with_their_lines(erp: FakeErp, django_assert_num_queries: Any) -> None:
    load(
        erp,
        "deliveries",
        facts.delivery("1", "o1", tracking_number="T1"),
        facts.delivery("2", "o1"),
        facts.delivery("3", "o2"),
    )
    with django_assert_num_queries(1):
        found = selectors.deliveries_of_order(customer_erp_id="c1", order_erp_id="o1")
        assert [(d.number, len(d.lines.all())) for d in found] == [("D1", 1), ("D2", 1)]
    assert selectors.deliveries_of_order(customer_erp_id="c2", order_erp_id="o1") == []


def test_invoices_are_found_by_number_order_reference_item_and_state(erp: FakeErp) -> None:
    load(
        erp,
        "invoices",
        facts.invoice("1", invoiced_on=dt.date(2026, 1, 1), customer_references=("PO-9",)),
        facts.invoice("2", invoiced_on=dt.date(2026, 1, 2), due_on=dt.date(2026, 4, 1), order_numbers=("SO7",)),
        facts.invoice("3", invoiced_on=dt.date(2026, 1, 3), state="paid"),
        facts.invoice("4", "c2", customer_references=("PO-9",)),
        facts.invoice("5", state="cancelled"),
    )
    assert invoices() == ["F3", "F2", "F1"]
    assert invoices(state="open") == ["F2", "F1"]
    assert invoices(state="overdue") == ["F1"]
    assert invoices(state="paid") == ["F3"]
    assert invoices(q="po-9") == ["F1"]
    assert invoices(q="SO7") == ["F2"]
    assert invoices(q="f3") == ["F3"]
    assert invoices(q="bolt") == ["F3", "F2", "F1"]
    assert invoices(invoiced_from=dt.date(2026, 1, 2), invoiced_to=dt.date(2026, 1, 2)) == ["F2"]


def test_an_invoice_of_somebody_else_is_not_there(erp: FakeErp) -> None:
    load(erp, "invoices", facts.invoice("1"))
    assert selectors.invoice(customer_erp_id="c1", number="F1") is not None
    assert selectors.invoice(customer_erp_id="c2", number="F1") is None


def test_invoice_lines_of_an_order_know_their_invoice(erp: FakeErp, django_assert_num_queries: Any) -> None:
    record = facts.invoice("1")
    line = record.lines[0]
    billed = r.InvoiceLineRecord(**{name: getattr(line, name) for name in line.__slots__} | {"order_erp_id": "o1"})
    load(erp, "invoices", facts.invoice("1", lines=(billed,)), facts.invoice("2"))
    with django_assert_num_queries(1):
        found = selectors.invoice_lines_of_order(customer_erp_id="c1", order_erp_id="o1")
        assert [row.invoice.number for row in found] == ["F1"]
    assert selectors.invoice_lines_of_order(customer_erp_id="c2", order_erp_id="o1") == []


def test_items_are_read_in_one_query_and_the_one_on_sale_wins(erp: FakeErp, django_assert_num_queries: Any) -> None:
    load(
        erp,
        "items",
        facts.item("A", erp_id="1", is_active=False),
        facts.item("A", erp_id="2"),
        facts.item("B", erp_id="3", is_active=False),
    )
    with django_assert_num_queries(1):
        found = selectors.items_by_sku(["A", "B", "nope"])
        assert {sku: item.erp_id for sku, item in found.items()} == {"A": "2", "B": "3"}
        assert found["A"].name_in("es") == "A"


def test_a_customers_places_numbers_and_purchases(erp: FakeErp) -> None:
    load(
        erp,
        "customers",
        facts.customer(
            "c1",
            addresses=(facts.address("a2", is_delivery=False), facts.address("a1")),
            own_part_numbers=(("A", "mine-1"),),
        ),
    )
    later = NOW + dt.timedelta(days=1)
    load(erp, "orders", facts.order("1"), facts.order("2", status="cancelled", placed_at=later))
    assert [place.erp_id for place in selectors.addresses("c1")] == ["a1", "a2"]
    assert selectors.addresses("c2") == []
    assert selectors.own_part_numbers(customer_erp_id="c1", skus=["A", "B"]) == {"A": ["mine-1"]}
    found = selectors.customer("c1")
    assert found is not None
    assert found.number == "Cc1"


def test_the_tree_costs_no_query_while_it_is_fresh_and_sees_changes_after(
    erp: FakeErp, settings: Any, django_assert_num_queries: Any
) -> None:
    tree.forget()
    load(erp, "categories", facts.category("b", "a", names={"es": "Tuercas"}), facts.category("a"))
    settings.MIRROR_RECHECK_S = 3600
    with django_assert_num_queries(2):
        found = selectors.category_tree()
    with django_assert_num_queries(0):
        assert selectors.category_tree() is found
    assert [node.erp_id for node in found.children(None)] == ["a"]
    assert [node.name_in("es") for node in found.children("a")] == ["Tuercas"]
    assert [node.erp_id for node in found.trail("b")] == ["a", "b"]
    assert found.children("nope") == []

    settings.MIRROR_RECHECK_S = 0
    with django_assert_num_queries(1):
        assert selectors.category_tree() is found
    Category.objects.filter(erp_id="b").update(gone_at=NOW)
    assert selectors.category_tree().children("a") == []


def test_freshness_is_the_start_of_the_last_whole_pull(erp: FakeErp) -> None:
    assert selectors.freshness("orders") is None
    load(erp, "orders")
    assert selectors.freshness("orders") == NOW
