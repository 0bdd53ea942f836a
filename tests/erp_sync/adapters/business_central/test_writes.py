"""What an order carries, where it goes, and quotes that the staff touched; papers, settings, remarks, values."""

import contextlib
import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import remarks
from erp_sync.adapters.business_central.access import ClientCredentials
from erp_sync.adapters.business_central.adapter import BusinessCentralErp
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.metadata import parsed
from erp_sync.adapters.business_central.remarks import Remark
from erp_sync.adapters.business_central.setup import Options
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import ErpHttp
from tests.erp_stubs.transport import Fault, Killed, Seen, sends
from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.sample import SECONDS, World, all_of

ONLINE = "https://api.businesscentral.dynamics.com/v2.0/7a1b/production"


@pytest.fixture
def world() -> World:
    return World()


def pulled(world: World, number: str) -> r.OrderRecord:
    found: r.OrderRecord = next(one for one in all_of(world.erp(), "orders") if one.number == number)
    return found


def test_an_order_carries_what_the_buyer_said(world: World) -> None:
    place = world.book.find("shipToAddresses", code="PLANT")
    long = "Ring twice. " * 20
    order = world.order(
        "WEB-WORDS", ship_to_erp_id=place["id"], requested_on=dt.date(2026, 3, 9), note=long, placed_by="Laura Gil"
    )
    made = world.erp().create_order(order, deadline_s=SECONDS)
    row = world.book.find("salesOrders", number=made.number)
    assert (row["shipToName"], row["shipToCity"], row["requestedDeliveryDate"]) == (
        "Plant of C1",
        "Getxo",
        "2026-03-09",
    )
    lines = world.book.lines("salesOrders", row)
    assert remarks.first(lines, Remark.NOTE) == long.strip()
    record = pulled(world, made.number)
    assert (record.customer_reference, record.placed_by, record.web_reference) == ("PO 4711", "Laura Gil", "WEB-WORDS")
    assert record.allowed == ("cancel", "requested_on", "ship_to", "customer_reference", "lines")
    assert [one.sku for one in record.lines] == ["A", "B"]


def test_an_order_is_delivered_from_the_location_of_the_settings(world: World) -> None:
    place = world.book.put("locations", code="NORTH")
    made = world.erp(location="NORTH").create_order(world.order("WEB-LOC"), deadline_s=SECONDS)
    lines = world.book.lines("salesOrders", world.book.find("salesOrders", number=made.number))
    assert [one["locationId"] for one in lines if one["lineType"] == "Item"] == [place["id"]] * 2
    with pytest.raises(ErpMisconfigured, match="SOUTH"):
        world.erp(location="SOUTH").create_order(world.order("WEB-LOC2"), deadline_s=SECONDS)


def test_an_address_of_somebody_else_is_refused_and_nothing_is_written(world: World) -> None:
    foreign = next(row for row in world.book.rows["shipToAddresses"].values() if row["name"] == "Plant of C2")
    for source in ("bridge", "list"):
        with pytest.raises(ErpRejected, match="does not belong"):
            world.erp(price_source=source).create_order(
                world.order("WEB-PLACE", ship_to_erp_id=foreign["id"]), deadline_s=SECONDS
            )
    assert world.orders("WEB-PLACE") == []


@pytest.mark.parametrize(
    ("fault", "method", "is_nothing_sent"),
    [
        (Fault.TOO_MANY, "POST", True),
        (Fault.REFUSED, "POST", True),
        (Fault.UNAVAILABLE, "POST", False),
        (Fault.SLOW, "POST", False),
        (Fault.TOO_MANY, "PATCH", False),
        (Fault.REFUSED, "PATCH", False),
    ],
)
def test_nothing_was_sent_is_said_only_when_it_is_sure(
    world: World, fault: Fault, method: str, *, is_nothing_sent: bool
) -> None:
    world.line.next(fault, when=sends(method, f"{stub.ROOT}/api/"))
    with pytest.raises(ErpUnavailable) as caught:
        world.erp().create_order(world.order("WEB-SURE"), deadline_s=20)
    assert caught.value.nothing_sent is is_nothing_sent


def test_an_answer_that_is_cut_at_any_write_is_given_whole() -> None:
    for step in range(1, 20):
        world = World()
        erp = world.erp()
        item = r.NewQuoteLine(1, "A", world.ask("A").erp_id, Decimal(10), Decimal("1.0000"))
        wish = r.NewQuoteLine(2, "", "", Decimal(3), Decimal(0), "special bracket")
        quote = r.NewQuote("RFQ-1", world.customer("C1")["id"], "", "EUR", (item, wish), note="By noon.")
        made = erp.write(quote, deadline_s=SECONDS)
        offered = (r.NewQuoteLine(1, "B", world.ask("B").erp_id, Decimal(4), Decimal("1.5000")), item)
        answer = r.QuoteAnswer(
            "RFQ-1-V1", "RFQ-1", made.erp_id, quote.customer_erp_id, "", "EUR", offered, dt.date(2030, 1, 1), "30 days"
        )
        plan = world.line.next(Fault.LOST_AFTER, at=step, when=is_write)
        with contextlib.suppress(ErpUnavailable):
            erp.write(answer, deadline_s=SECONDS)
        is_cut = plan.struck
        world.line.plans.clear()
        assert erp.write(answer, deadline_s=SECONDS).state == "quoted"
        record = next(one for one in all_of(erp, "quotes") if one.reference == "RFQ-1")
        assert [(one.sku, one.quantity, one.net_price) for one in record.lines] == [
            ("B", 4, Decimal("1.5")),
            ("A", 10, 1),
        ]
        assert (record.terms, record.note, record.valid_until) == ("30 days", "", dt.date(2030, 1, 1))
        if not is_cut:
            break
    assert step > 6


def test_a_released_order_is_not_changed_any_more(world: World) -> None:
    erp = world.erp()
    made = erp.create_order(world.order("WEB-REL"), deadline_s=SECONDS)
    world.book.release(world.book.order("WEB-REL"))
    assert pulled(world, made.number).allowed == ()
    with pytest.raises(ErpRejected, match="being worked on"):
        erp.write(r.Cancellation("WEB-REL-C", made.erp_id, "", ""), deadline_s=SECONDS)


def test_a_cancellation_that_was_cut_in_the_middle_is_finished(world: World) -> None:
    erp = world.erp()
    made = erp.create_order(world.order("WEB-CUT"), deadline_s=SECONDS)
    wish = r.Cancellation("WEB-CUT-C", made.erp_id, "WEB-CUT", "", "not needed")
    world.line.next(Fault.LOST_AFTER, at=2, when=sends("PATCH", stub.ROOT))
    with pytest.raises(ErpUnavailable) as caught:
        erp.write(wish, deadline_s=SECONDS)
    assert not caught.value.nothing_sent
    assert erp.write(wish, deadline_s=SECONDS).state == "cancelled"
    assert erp.find_order("WEB-CUT", deadline_s=SECONDS)[0].state == "cancelled"
    assert erp.create_order(world.order("WEB-CUT"), deadline_s=SECONDS).state == "cancelled", "it is not made again"
    assert len(world.orders("WEB-CUT")) == 1


def quote_of_the_staff(world: World) -> r.QuoteRecord:
    found: r.QuoteRecord
    (found,) = all_of(world.erp(), "quotes")
    return found


def acceptance(world: World, quote: r.QuoteRecord, reference: str) -> r.QuoteAcceptance:
    lines = tuple(
        r.NewQuoteLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price or Decimal(0))
        for one in quote.lines
    )
    return r.QuoteAcceptance(reference, "", quote.erp_id, quote.customer_erp_id, quote.currency, lines)


def test_a_quote_of_the_staff_is_accepted_once_and_refused_when_it_was_changed(world: World) -> None:
    row = next(iter(world.book.rows["salesQuotes"].values()))
    row["validUntilDate"] = "2030-01-31"
    quote = quote_of_the_staff(world)
    assert (quote.state, quote.reference, quote.valid_until) == ("quoted", "", dt.date(2030, 1, 31))
    line = world.book.lines("salesQuotes", row)[0]
    world.book.change_line("salesQuotes", row, line, {"unitPrice": line["unitPrice"] + 1})
    with pytest.raises(ErpRejected, match="changed in the meantime"):
        world.erp().accept_quote(acceptance(world, quote, "WEB-Q1"), deadline_s=SECONDS)
    fresh = quote_of_the_staff(world)
    order = world.erp().accept_quote(acceptance(world, fresh, "WEB-Q1"), deadline_s=SECONDS)
    assert (order.state, order.lines[0][2]) == ("confirmed", fresh.lines[0].net_price)
    assert quote_of_the_staff(world).state == "accepted"
    placed = world.book.find("salesOrders", number=order.number)
    world.book.ship(placed)
    world.book.bill(placed)
    assert [(one.erp_id, one.state) for one in all_of(world.erp(), "quotes")] == [(quote.erp_id, "accepted")]
    assert list(world.erp().keys("quotes", deadline_s=SECONDS)) == [quote.erp_id]


def test_an_acceptance_that_is_refused_leaves_the_quote_open_for_another(world: World) -> None:
    row = next(iter(world.book.rows["salesQuotes"].values()))
    row["validUntilDate"] = "2030-01-31"
    wish = acceptance(world, quote_of_the_staff(world), "WEB-Q3")
    world.customer("C1")["creditLimit"] = Decimal(13)
    foreign = world.book.find("shipToAddresses", name="Plant of C2")["id"]
    dear = replace(wish, expected_total=Decimal("0.01"))
    for refused, words in (
        (wish, "credit limit of 13.00 EUR"),
        (replace(wish, ship_to_erp_id=foreign), "does not belong"),
        (dear, "total is"),
    ):
        with pytest.raises(ErpRejected, match=words):
            world.erp().accept_quote(refused, deadline_s=SECONDS)
        assert world.orders("WEB-Q3") == []
        assert quote_of_the_staff(world).state == "quoted"
        assert row["externalDocumentNumber"] == ""
    world.customer("C1")["creditLimit"] = Decimal(0)
    assert world.erp().accept_quote(replace(wish, reference="WEB-Q4"), deadline_s=SECONDS).state == "confirmed"


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.KILLED_AFTER])
def test_an_acceptance_that_is_cut_at_any_write_is_one_order(fault: Fault) -> None:
    for step in range(1, 20):
        world = World()
        next(iter(world.book.rows["salesQuotes"].values()))["validUntilDate"] = "2030-01-31"
        wish = acceptance(world, quote_of_the_staff(world), "WEB-Q2")
        wish = replace(wish, requested_on=dt.date(2030, 5, 6), customer_reference="PO 9")
        plan = world.line.next(fault, at=step, when=is_write)
        with contextlib.suppress(ErpUnavailable, Killed):
            world.erp().accept_quote(wish, deadline_s=20)
        is_cut = plan.struck
        world.line.plans.clear()
        order = world.erp().accept_quote(wish, deadline_s=20)
        row = world.book.find("salesOrders", number=order.number)
        assert world.orders("WEB-Q2") == [order.number]
        assert (order.state, row["requestedDeliveryDate"]) == ("confirmed", "2030-05-06")
        assert not world.book.rows["salesQuotes"]
        if not is_cut:
            break
    assert step > 4


def is_write(seen: Seen) -> bool:
    return seen.method in {"POST", "PATCH", "DELETE"} and seen.path.startswith(f"{stub.ROOT}/api/")


def test_what_it_cannot_write_is_refused_in_words(world: World) -> None:
    wish = r.NewReturn("RET-1", "c", "o", "l", "i", Decimal(1), "PCS", "damaged")
    for call in (world.erp().write, world.erp().find_written):
        with pytest.raises(ErpRejected, match="staff enters it"):
            call(wish, deadline_s=SECONDS)


def test_papers_and_pictures_come_with_their_kind(world: World) -> None:
    erp = world.erp(item_documents=True)
    item = world.book.find("items", number="A")
    world.book.put("documentAttachments", parentId=item["id"], parentType="Item", fileName="sheet.pdf")
    inner = world.book.put("documentAttachments", parentId=item["id"], parentType="Customer", fileName="secret.pdf")
    (sheet, secret) = next(one for one in all_of(erp, "items") if one.sku == "A").documents
    assert erp.item_document(sheet.erp_id, deadline_s=SECONDS).media_type == "application/pdf"
    with pytest.raises(ErpRejected):
        erp.item_document(secret.erp_id, deadline_s=SECONDS)
    assert erp.item_image(item["id"], deadline_s=SECONDS).media_type == "image/png"
    made = erp.create_order(world.order("WEB-PDF"), deadline_s=SECONDS)
    assert erp.order_pdf(made.erp_id, deadline_s=SECONDS).content == stub.PDF
    credit = next(one for one in all_of(erp, "invoices") if one.kind == "credit")
    assert erp.invoice_pdf(credit.erp_id, deadline_s=SECONDS).filename == "CM1.pdf"
    with pytest.raises(ErpRejected):
        erp.invoice_pdf(inner["id"], deadline_s=SECONDS)
    with pytest.raises(ErpBroken):
        erp.invoice_pdf("../companies", deadline_s=SECONDS)
    assert not next(one for one in all_of(world.erp(), "items") if one.sku == "A").documents, "off unless asked for"


# --- settings ---


def test_the_address_tells_how_to_log_in() -> None:
    assert Options().token_place(ONLINE) == ("https://login.microsoftonline.com", "/7a1b/oauth2/v2.0/token")
    assert not Options().is_basic(ONLINE)
    assert Options().is_basic("https://erp.local:7048/BC")
    assert not Options(token_url="https://login.local/t").is_basic("https://erp.local:7048/BC")
    erp = BusinessCentralErp.from_settings(url=ONLINE, database="", user="id", password="x", options={})
    assert erp.capabilities.price_source == "engine"


@pytest.mark.parametrize(
    "options",
    [
        {"colour": "red"},
        {"auth": "ntlm"},
        {"price_source": "magic"},
        {"order_prefix": ""},
        {"draft_lines": 500},
        {"channels": [["salesperson", "x", "pigeon"]]},
        {"channels": [["shopSize", "x", "edi"]]},
    ],
)
def test_settings_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ErpMisconfigured):
        Options.of(options)


@pytest.mark.parametrize("url", ["http://login.local/t", "https://login.local", "ftp://x/t"])
def test_a_token_comes_over_https_only(url: str) -> None:
    with pytest.raises(ErpMisconfigured):
        Options(token_url=url).token_place("https://erp.local:7048/BC")


def test_a_wrong_secret_or_company_says_what_to_correct(world: World) -> None:
    world.book.prices.clear()
    erp = world.erp()
    world.line.application = lambda request: (
        httpx2.Response(401, json={"error": "invalid_client"})
        if request.url.host == stub.LOGIN
        else world.stub(request)
    )
    with pytest.raises(ErpMisconfigured, match="client secret"):
        erp.health(deadline_s=SECONDS)
    world.line.application = world.stub
    with pytest.raises(ErpMisconfigured, match="Norte"):
        _of_company(world, "Sur").health(deadline_s=SECONDS)


def _of_company(world: World, company: str) -> BusinessCentralErp:
    login = ErpHttp(f"https://{stub.LOGIN}", transport=world.line)
    access = ClientCredentials(login, "/tenant/oauth2/v2.0/token", stub.CLIENT, stub.SECRET)
    return BusinessCentralErp(BcClient(ErpHttp(stub.URL, transport=world.line), access, company=company), Options())


@pytest.mark.parametrize("place", ["login.test", "companyInformation"])
def test_nobody_waits_longer_than_he_may_for_what_another_one_fetches(world: World, place: str) -> None:
    held, told = threading.Event(), threading.Event()

    def hangs(request: httpx2.Request) -> httpx2.Response:
        if place in str(request.url):
            held.set()
            assert told.wait(30)
        return world.stub(request)

    erp = world.erp(transport=httpx2.MockTransport(hangs))
    other = threading.Thread(target=lambda: erp.credit(world.customer("C1")["id"], deadline_s=SECONDS))
    other.start()
    assert held.wait(30)
    with pytest.raises(ErpUnavailable):
        erp.credit(world.customer("C1")["id"], deadline_s=0.2)
    told.set()
    other.join()


# --- values ---


@pytest.mark.parametrize(
    ("value", "told"), [("In_x0020_Review", "In Review"), ("_x0020_", ""), ("Open", "Open"), (None, "")]
)
def test_words_of_an_enumeration_are_decoded(value: object, told: str) -> None:
    assert to.word(value) == told


def test_numbers_days_and_times_are_exact_or_refused() -> None:
    row = {"unitPrice": Decimal("12.1"), "discountPercent": 0, "quantity": 3, "amountExcludingTax": Decimal(30)}
    assert to.net_price(row) == Decimal("10.0000"), "prices that include tax are told without it"
    assert to.net_price({**row, "unitPrice": Decimal("10.00"), "discountPercent": 50, "amountExcludingTax": 15}) == 5
    assert (to.day("0001-01-01"), to.day("2026-01-31")) == (None, dt.date(2026, 1, 31))
    assert to.instant("2026-01-31T01:02:03.4567891Z").microsecond == 456789
    assert (to.amount(Decimal("1.5")), to.amount(Decimal("1.234"))) == (Decimal("1.50"), Decimal("1.234"))
    for call, value in ((to.number, "1"), (to.number, True), (to.instant, "x"), (to.instant, "2026-01-01T00:00:00")):
        with pytest.raises(ErpBroken):
            call(value)


@pytest.mark.parametrize("reference", ["", "x" * 32, "a'b", "a b", "a*", "a|b"])
def test_a_reference_that_a_filter_could_read_otherwise_is_refused(reference: str) -> None:
    with pytest.raises(ErpBroken):
        to.reference(reference)


def test_long_remarks_go_on_in_further_lines_and_come_back_whole() -> None:
    words = " ".join(f"word{n}" for n in range(80))
    lines = [
        {"lineType": "Item", "description": "Note: not ours"},
        *remarks.said((Remark.NOTE, words), (Remark.TERMS, "30 days")),
    ]
    assert all(len(one["description"]) <= 100 for one in lines)
    assert remarks.first(lines, Remark.NOTE).replace(" ", "") == words.replace(" ", "")
    assert remarks.read(lines, Remark.TERMS) == ["30 days"]
    assert remarks.wish(remarks.wanted(Decimal("2.50"), "special bracket")) == (Decimal("2.5"), "special bracket")
    assert remarks.wish("something") == (1, "something")


def test_metadata_with_entities_of_its_own_is_refused() -> None:
    with pytest.raises(ErpBroken):
        parsed(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(ErpBroken):
        parsed(b"<html>")
