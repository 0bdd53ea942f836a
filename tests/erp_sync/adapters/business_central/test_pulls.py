"""Pages: cut, resumed elsewhere, changed meanwhile, of one instant, led astray; orders that moved between two sets."""

import datetime as dt
from zoneinfo import ZoneInfo

import httpx2
import pytest

from erp_sync import records as r
from erp_sync.adapters.business_central import pulls
from erp_sync.adapters.business_central.access import Basic
from erp_sync.adapters.business_central.adapter import BusinessCentralErp
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.mapping import noon
from erp_sync.adapters.business_central.setup import Options
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import Deadline, ErpHttp
from erp_sync.ports import MIRRORED
from tests.erp_stubs.transport import Fault, sends
from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.sample import SECONDS, World, all_of

ITEMS = f"{stub.ROOT}/api/v2.0/companies({stub.COMPANY})/items"
YEAR_ONE = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def world() -> World:
    return World()


def numbers(world: World, count: int, **changes: object) -> list[str]:
    """Add items; return all numbers."""
    for n in range(count):
        world.book.put("items", number=f"X{n:03}", displayName="X", baseUnitOfMeasureCode="PCS")
    for row in world.book.rows["items"].values():
        row.update(changes)
    return sorted(row["number"] for row in world.book.rows["items"].values())


def test_a_token_that_ends_in_the_middle_of_paging_loses_and_doubles_nothing(world: World) -> None:
    wanted, erp = numbers(world, 7), world.erp()
    seen: list[str] = []
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        page = erp.pull("items", cursor, limit=2, deadline_s=SECONDS)
        seen += [one.sku for one in page.records]
        cursor = page.next
        world.stub.expire()
    assert sorted(seen) == wanted
    assert world.line.sent("POST", "/tenant"), "it was renewed"


def test_a_token_is_kept_until_shortly_before_it_ends(world: World) -> None:
    erp = world.erp()
    for _ in range(3):
        all_of(erp, "categories")
    assert len(world.line.sent("POST", "/tenant")) == 1
    world.clock.at += 3599
    all_of(erp, "categories")
    assert len(world.line.sent("POST", "/tenant")) == 2


def test_without_a_way_to_renew_it_the_same_day_ends_the_pull(world: World) -> None:
    """The control."""
    world.line.application = lambda request: _as_token(world, request)
    client = BcClient(ErpHttp(stub.URL, transport=world.line), Basic("user", "key"))
    erp = BusinessCentralErp(client, Options())
    world.stub.expire()
    assert len(all_of(erp, "categories")) == 1
    world.line.next(Fault.UNAUTHORIZED, when=sends("GET", ITEMS))
    with pytest.raises(ErpMisconfigured):
        all_of(erp, "items", limit=2)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.ERROR_AFTER, Fault.TOO_MANY, Fault.GARBAGE, Fault.SLOW])
def test_a_page_that_failed_is_asked_again_and_nothing_is_lost_or_doubled(world: World, fault: Fault) -> None:
    wanted, erp = numbers(world, 7), world.erp()
    for at in (2, 4, 5):
        world.line.next(fault, at=at, when=sends("GET", ITEMS))
    seen: list[str] = []
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        try:
            page = erp.pull("items", cursor, limit=2, deadline_s=20)
        except (ErpUnavailable, ErpBroken):
            world.clock.at += 600
            continue
        seen += [one.sku for one in page.records]
        cursor = page.next
    assert sorted(seen) == wanted


@pytest.mark.parametrize("kind", MIRRORED)
def test_a_run_goes_on_in_another_process_after_every_page(world: World, kind: str) -> None:
    whole = [one.erp_id for one in all_of(world.erp(), kind, limit=100)]
    seen: list[str] = []
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        assert len(cursor.last_id) <= 64
        page = world.erp().pull(kind, cursor, limit=1, deadline_s=SECONDS)
        seen += [one.erp_id for one in page.records]
        cursor = page.next
    assert seen == whole
    assert len(seen) == len(set(seen))


def test_what_changes_behind_the_page_comes_again_and_hides_nothing(world: World) -> None:
    wanted, erp = numbers(world, 6), world.erp()
    first = erp.pull("items", r.Cursor(), limit=2, deadline_s=SECONDS)
    assert first.next is not None
    world.book.touch(world.book.find("items", number="A"))  # the row before the cursor
    world.book.touch(world.book.find("items", number="B"))  # the row that the cursor stands at
    for process in (erp, world.erp()):
        rest = [one.sku for one in all_of(process, "items", since=first.next, limit=2)]
        assert sorted({*rest, *(one.sku for one in first.records)}) == wanted


def test_what_the_erp_took_over_of_one_instant_is_read_once_and_resumed(world: World) -> None:
    wanted = numbers(world, 20, lastModifiedDateTime=YEAR_ONE)
    erp = world.erp()
    page = erp.pull("items", r.Cursor(), limit=2, deadline_s=SECONDS)
    seen = [one.sku for one in page.records]
    assert page.records[0].version == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    while page.next is not None and len(seen) < 10:
        page = erp.pull("items", page.next, limit=2, deadline_s=SECONDS)
        seen += [one.sku for one in page.records]
    asked = len(world.line.sent("GET", ITEMS))
    assert asked == 5, "one request a page: the links are followed"
    assert page.next is not None
    seen += [one.sku for one in all_of(world.erp(), "items", since=page.next, limit=2)]
    assert sorted(seen) == wanted
    # The control: without the kept link the rows of that instant were read again (and passed over).
    assert len(world.line.sent("GET", ITEMS)) > asked + 7


def test_a_change_of_the_same_millisecond_is_not_left_out(world: World) -> None:
    row = world.book.find("items", number="A")
    row["lastModifiedDateTime"] = dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC)
    (since,) = [one.version for one in all_of(world.erp(), "items") if one.sku == "A"]
    again = all_of(world.erp(), "items", since=r.Cursor(changed_at=since + dt.timedelta(microseconds=999)))
    assert "A" in [one.sku for one in again]


@pytest.mark.parametrize("host", ["evil.test", "bc.test:444", "bc.test@evil.test", "169.254.169.254"])
def test_a_next_link_to_another_host_is_never_asked(world: World, host: str) -> None:
    numbers(world, 3)
    erp = world.erp()
    all_of(erp, "categories")
    world.stub.next_host = host
    with pytest.raises(ErpBroken, match="not on the ERP"):
        all_of(erp, "items", limit=2)
    world.stub.next_host = stub.HOST  # the control: the same link to the ERP itself is followed
    assert len(all_of(erp, "items", limit=2)) == 7


def test_pages_in_a_circle_end(world: World) -> None:
    link = f"https://{stub.HOST}{ITEMS}?$select=id"
    circle = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"value": [], "@odata.nextLink": link}))
    client = BcClient(ErpHttp(stub.URL, transport=circle), Basic("user", "key"))
    path = ITEMS.removeprefix(stub.ROOT)
    with pytest.raises(ErpBroken, match="circle"):
        list(client.each(path, deadline=Deadline(SECONDS)))


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_come(world: World) -> None:
    world.book.find("items", number="B")["baseUnitOfMeasureCode"] = ""
    records: list[str] = []
    broken: list[r.Broken] = []
    cursor: r.Cursor | None = r.Cursor()
    erp = world.erp()
    while cursor is not None:
        page = erp.pull("items", cursor, limit=2, deadline_s=SECONDS)
        records += [one.sku for one in page.records]
        broken += page.broken
        cursor = page.next
    assert records == ["A", "C", "D"]
    assert [one.erp_id for one in broken] == ["B"]


def test_a_field_that_vanished_is_named_by_the_pull_and_by_the_needs(world: World) -> None:
    erp = world.erp()
    assert all(one.is_there for one in erp.needs(deadline_s=SECONDS))
    world.stub.vanished.add(("items", "gtin"))
    with pytest.raises(ErpBroken, match="gtin"):
        all_of(erp, "items")
    assert [one.name for one in erp.needs(deadline_s=SECONDS) if not one.is_there] == ["items.gtin"]
    assert len(all_of(erp, "customers")) == 3


def test_a_bridge_that_is_not_installed_is_named_with_what_to_do(world: World) -> None:
    world.stub.has_bridge = False
    (missing,) = [one for one in world.erp().needs(deadline_s=SECONDS) if not one.is_there]
    assert missing.name == "the bridge /api/b2bshop/bridge/v1.0"
    assert "price_source" in missing.cure
    assert all(one.is_there for one in world.erp(price_source="list").needs(deadline_s=SECONDS))


def test_orders_are_one_whether_open_or_billed_and_gone(world: World) -> None:
    orders = {one.number: one for one in all_of(world.erp(), "orders")}
    assert sorted(one.status for one in orders.values()) == ["completed", "completed", "open", "open", "open"]
    assert {one.channel_hint for one in orders.values()} == {r.Channel.EDI}
    open_one = next(one for one in orders.values() if one.step == "received")
    row = world.book.find("salesOrders", number=open_one.number)
    delivery = world.book.ship(row)
    world.book.bill(row)
    gone = {one.number: one for one in all_of(world.erp(), "orders")}[open_one.number]
    assert (gone.erp_id, gone.status, gone.total) == (open_one.erp_id, "completed", open_one.total)
    assert [one.erp_id for one in gone.lines] == [one.erp_id for one in open_one.lines]
    shipped = next(one for one in all_of(world.erp(), "deliveries") if one.number == delivery["number"])
    assert [(one.order_erp_id, one.order_line_erp_id) for one in shipped.lines] == [(gone.erp_id, gone.lines[0].erp_id)]
    billed = next(one for one in all_of(world.erp(), "invoices") if one.order_numbers == (gone.number,))
    assert billed.lines[0].order_line_erp_id == gone.lines[0].erp_id


def test_an_order_of_several_invoices_comes_once_with_their_sum(world: World) -> None:
    first = next(iter(world.book.rows["salesInvoices"].values()))
    further = {name: value for name, value in first.items() if name not in {"id", "number"}}
    second = world.book.put("salesInvoices", **further, number="PART2")
    for line in world.book.lines("salesInvoices", first, "salesInvoiceLines"):
        copied = {name: value for name, value in line.items() if name != "id"}
        world.book.put("salesInvoiceLines", **{**copied, "documentId": second["id"]})
    for limit in (1, 100):
        (order,) = [one for one in all_of(world.erp(), "orders", limit=limit) if one.number == first["orderNumber"]]
        assert order.total == 2 * first["totalAmountIncludingTax"]
        assert [one.quantity for one in order.lines] == [10]


def test_an_order_that_is_billed_between_its_two_sets_is_seen(world: World) -> None:
    erp = world.erp()
    page = erp.pull("orders", r.Cursor(), limit=1, deadline_s=SECONDS)
    rows = [row for row in world.book.rows["salesOrders"].values() if row["number"] != page.records[0].number]
    world.book.bill(rows[-1])
    assert page.next is not None
    seen = {one.number for one in [*page.records, *all_of(erp, "orders", since=page.next, limit=1)]}
    assert seen == set(erp.keys("orders", deadline_s=SECONDS))
    assert rows[-1]["number"] in seen


def test_what_is_not_posted_is_no_invoice_and_a_price_check_is_no_quote(world: World) -> None:
    world.book.new_document(
        "salesQuotes", {"customerId": world.customer("C1")["id"], "externalDocumentNumber": "PRICE-CHECK"}, ()
    )
    erp = world.erp()
    assert "DRAFT" not in {one.number for one in all_of(erp, "invoices")}
    assert {one.kind for one in all_of(erp, "invoices")} == {"invoice", "credit"}
    assert len(all_of(erp, "quotes")) == len(set(erp.keys("quotes", deadline_s=SECONDS))) == 1


def test_payments_of_a_journal_are_positive_and_travel_whole(world: World) -> None:
    payments = all_of(world.erp(), "payments")
    assert sorted(one.amount for one in payments) == [10, 11, 12]
    assert {one.reference for one in payments} == {"P0", "P1", "P2"}


def test_a_place_that_is_none_is_refused(world: World) -> None:
    for last_id in ("9::", "x", "0:abc:1", "-1::"):
        with pytest.raises(ErpBroken):
            world.erp().pull("items", r.Cursor(None, last_id), limit=2, deadline_s=SECONDS)
    assert str(pulls.Position(0, YEAR_ONE, "a")) == "0:0:a"


def _as_token(world: World, request: httpx2.Request) -> httpx2.Response:
    request.headers["Authorization"] = f"Bearer token-{world.stub.tokens}"
    return world.stub(request)


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "America/Bogota", "Europe/Madrid", "Australia/Sydney"])
def test_a_day_is_the_same_day_where_the_company_is(zone: str) -> None:
    day = dt.date(2026, 12, 1)
    assert noon(day).astimezone(ZoneInfo(zone)).date() == day
