"""The ERP in memory behind real sockets: the faults that the exporter must survive."""

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from erp_sync import records as r
from erp_sync.adapters.fake_http import FakeHttpErp
from erp_sync.adapters.fake_server import FakeServer, WireFault
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.wire import from_json, to_json

COMMITTED = {
    WireFault.ERROR_AFTER,
    WireFault.CLOSE,
    WireFault.RESET,
    WireFault.LATE_COMMIT,
    WireFault.GARBAGE,
    WireFault.DRIP,
    WireFault.HALF_BODY,
}
ORDER = r.NewOrder(
    reference="WEB-1",
    customer_erp_id="c1",
    price_list="",
    currency="EUR",
    lines=(r.NewOrderLine(1, "A", "item-A", Decimal(3), Decimal("1.5000")),),
)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    server = FakeServer()
    server.erp.add_item("A", "2.00")
    server.erp.add_customer("c1")
    server.faults.late_s = 0.05
    server.start()
    yield server
    server.stop()


def test_an_order_comes_through_whole(server: FakeServer) -> None:
    written = FakeHttpErp(server.url).create_order(ORDER, deadline_s=2)
    assert written.state == "confirmed"
    assert written.totals.total == Decimal("5.45")
    assert written.lines == ((1, Decimal(3), Decimal("1.5000")),)
    assert server.orders() == {"WEB-1": ["SO00001"]}
    assert FakeHttpErp(server.url).find_order("WEB-1", deadline_s=2) == [written]


@pytest.mark.parametrize("fault", list(WireFault))
def test_every_fault_is_ambiguous_and_does_what_its_name_says(server: FakeServer, fault: WireFault) -> None:
    server.faults.share, server.faults.kinds, server.faults.times = 1.0, (fault,), 1
    erp = FakeHttpErp(server.url)
    with pytest.raises((ErpUnavailable, ErpBroken)) as caught:
        erp.create_order(ORDER, deadline_s=0.5)
    assert not getattr(caught.value, "nothing_sent", False)
    assert server.faults.seen == {fault: 1}
    time.sleep(0.1)
    assert server.orders() == ({"WEB-1": ["SO00001"]} if fault in COMMITTED else {})
    assert erp.create_order(ORDER, deadline_s=2).number == "SO00001"
    assert server.orders() == {"WEB-1": ["SO00001"]}


def test_a_refusal_keeps_its_words(server: FakeServer) -> None:
    server.erp.fail("reject", "create_order", message="Customer is blocked.")
    with pytest.raises(ErpRejected) as caught:
        FakeHttpErp(server.url).create_order(ORDER, deadline_s=2)
    assert caught.value.message == "Customer is blocked."
    assert server.orders() == {}


def test_an_erp_that_enforces_nothing_makes_two_orders(server: FakeServer) -> None:
    server.erp.capabilities = replace(server.erp.capabilities, enforces_reference=False)
    erp = FakeHttpErp(server.url)
    erp.create_order(ORDER, deadline_s=2)
    erp.create_order(ORDER, deadline_s=2)
    assert [one.number for one in erp.find_order("WEB-1", deadline_s=2)] == ["SO00001", "SO00002"]


def test_records_survive_the_wire(server: FakeServer) -> None:
    server.erp.fail("before", "now")
    erp = FakeHttpErp(server.url)
    page = erp.pull("items", r.Cursor(), limit=10, deadline_s=2)
    assert page.records == tuple(server.erp.book.records["items"].values())
    assert from_json(r.NewOrder, to_json(ORDER)) == ORDER
