"""Prices of files: which one counts, of when it is, and what the shop says about it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters.files.adapter import FilesErp
from erp_sync.adapters.files.setup import Options, folders_of
from erp_sync.errors import ErpRejected, ErpUnavailable
from shop.pricing.price_view import stamp_view
from shop.pricing.receipts import receipt_of
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import OPTIONS, connected

SECONDS = 60.0
D = Decimal
HEAD = "sku,price_list,account_id,quantity_from,unit,price,currency,valid_from,valid_to\n"
EXPORTED = dt.datetime(2026, 3, 1, 22, 10, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
C1 = r.PriceContext("c1", "breaks", "EUR")


def at_time(side: OtherSide, now: dt.datetime, **options: Any) -> FilesErp:
    """Return an adapter whose clock stands."""
    made = Options.of(OPTIONS | options)
    return FilesErp(folders_of(side.root.as_uri(), made), made, clock=lambda: now)


def offer(erp: FilesErp, sku: str = "TOR-0440", quantity: int = 1, context: r.PriceContext = C1) -> r.Offer:
    (found,) = erp.offers(context, [r.Ask(sku, sku, D(quantity))], ladders=True, deadline_s=SECONDS)
    return found


def priced(side: OtherSide, rows: str) -> FilesErp:
    side.export({"prices": HEAD + rows})
    erp = connected(side)
    erp.now(deadline_s=SECONDS)
    return erp


def test_the_customers_own_price_comes_before_his_list_and_the_list_before_the_items(side: OtherSide) -> None:
    erp = priced(side, "TOR-0440,breaks,,,,1.20,EUR,,\nTOR-0440,,c1,50,,0.80,EUR,,")
    assert [offer(erp, quantity=n).net_price for n in (1, 49, 50)] == [D("1.2"), D("1.2"), D("0.8")]
    assert offer(erp).steps == (r.PriceStep(D(1), D("1.2000")), r.PriceStep(D(50), D("0.8000")))
    assert offer(erp).list_price == D("1.3333")
    assert offer(erp, context=r.PriceContext("c3", "", "EUR")).net_price == D("1.3333")
    assert offer(erp, quantity=50).rule == "customer c1"


def test_a_price_of_a_pack_is_told_for_the_unit_from_so_many_units_on(side: OtherSide) -> None:
    erp = priced(side, "TOR-0440,breaks,,2,BOX,99.99,EUR,,")
    assert [offer(erp, quantity=n).net_price for n in (199, 200)] == [D("1.3333"), D("0.9999")]


def test_prices_hold_on_their_days_by_the_companys_calendar(side: OtherSide) -> None:
    priced(
        side,
        "TOR-0440,breaks,,,,1.00,EUR,2026-03-01,2026-03-01\nTOR-0440,breaks,,,,2.00,EUR,2026-03-02,\n"
        "TOR-0440,breaks,,,,3.00,USD,,",
    )
    late, later = (dt.datetime(2026, 3, 1, hour, 30, tzinfo=dt.UTC) for hour in (22, 23))
    assert offer(at_time(side, late)).net_price == 1
    assert offer(at_time(side, later)).net_price == 2, "half past midnight in Madrid"
    assert offer(at_time(side, later), context=r.PriceContext("c1", "breaks", "USD")).net_price == 3


def test_a_price_in_another_currency_is_none(side: OtherSide, erp: FilesErp) -> None:
    found = offer(erp, context=r.PriceContext("c1", "breaks", "USD"))
    assert (found.net_price, found.list_price, found.is_salable) == (None, None, True)


def test_a_row_for_a_list_and_a_customer_at_once_is_told_and_does_not_count(side: OtherSide) -> None:
    erp = priced(side, "TOR-0440,breaks,c1,,,0.01,EUR,,")
    (told,) = erp.pull("items", r.Cursor(), limit=50, deadline_s=SECONDS).broken
    assert told.reason == "prices.csv, line 2, only one of account_id and price_list may be filled"
    assert offer(erp).net_price == D("1.3333")


def test_an_offer_is_of_the_export_and_not_of_the_answer(side: OtherSide) -> None:
    side.export({"prices": HEAD + "TOR-0440,breaks,,,,1.20,EUR,,"}, exported_at=EXPORTED.isoformat())
    erp = at_time(side, MORNING)
    erp.now(deadline_s=SECONDS)
    assert offer(erp).as_of == EXPORTED


def test_prices_that_are_too_old_are_not_shown(side: OtherSide) -> None:
    side.export({"prices": HEAD + "TOR-0440,breaks,,,,1.20,EUR,,"}, exported_at=EXPORTED.isoformat())
    at_time(side, MORNING).now(deadline_s=SECONDS)
    three_days = dt.timedelta(hours=72)
    assert offer(at_time(side, EXPORTED + three_days)).net_price == D("1.2")
    with pytest.raises(
        ErpUnavailable, match=r"the prices are of 2026-03-01 22:10 UTC, older than max_age_hours \(72\)"
    ):
        offer(at_time(side, EXPORTED + three_days + dt.timedelta(seconds=1)))
    assert offer(at_time(side, EXPORTED + 99 * three_days, max_age_hours=0)).net_price == D("1.2")


def test_totals_follow_the_tax_of_each_item_and_the_declared_rounding(side: OtherSide) -> None:
    rows = "sku,name,unit,tax_rate\nTOR-0440,Bolt,pc,21\nCAB-0025,Book,pc,4\nAMO-0115,Saw,pc,21"
    side.export({"items": rows}, content="changes")
    lines = tuple(
        r.NewOrderLine(number, sku, sku, D(1), D("0.12"))
        for number, sku in enumerate(("TOR-0440", "CAB-0025", "AMO-0115"), 1)
    )
    order = r.NewOrder("WEB-T1", "c1", "breaks", "EUR", lines)
    by_document, by_line = connected(side), connected(side, rounding="line")
    by_document.now(deadline_s=SECONDS)
    assert by_document.totals(order, deadline_s=SECONDS).tax == D("0.05"), "0.24 at 21 %, nothing at 4 %"
    assert by_line.totals(order, deadline_s=SECONDS).tax == D("0.06")
    side.export({"accounts": "account_id,name,is_tax_free\nc1,Uno,1"}, content="changes")
    by_line.now(deadline_s=SECONDS)
    assert by_line.totals(order, deadline_s=SECONDS).tax == 0


def test_what_is_not_sold_any_more_cannot_be_ordered(side: OtherSide) -> None:
    side.export({"items": "sku,name,unit,tax_rate,is_active\nTOR-0440,Bolt,pc,21,0"}, content="changes")
    erp = connected(side)
    erp.now(deadline_s=SECONDS)
    assert not offer(erp).is_salable
    order = r.NewOrder("WEB-T1", "c1", "breaks", "EUR", (r.NewOrderLine(1, "TOR-0440", "TOR-0440", D(1), D(1)),))
    with pytest.raises(ErpRejected, match="Item TOR-0440 is not sold"):
        erp.create_order(order, deadline_s=SECONDS)


@pytest.fixture
def stamped(side: OtherSide, settings: Settings) -> gateway.StampedOffer:
    settings.ERP_ADAPTER = "erp_sync.adapters.files.adapter.FilesErp"
    settings.ERP_URL, settings.ERP_OPTIONS = side.root.as_uri(), OPTIONS | {"max_age_hours": 0}
    settings.ERP_LIMITS = {"refresh_threads": 0}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    side.export({"prices": HEAD + "TOR-0440,breaks,,,,1.20,EUR,,"}, exported_at=EXPORTED.isoformat())
    connected(side).now(deadline_s=SECONDS)
    gateway.forget()
    found = gateway.offers(C1, [r.Ask("TOR-0440", "TOR-0440")], live=True)
    gateway.forget()
    return found["TOR-0440"]


def test_the_stamp_tells_the_export_and_that_the_order_confirms_the_price(stamped: gateway.StampedOffer) -> None:
    assert (stamped.stamp.as_of, stamped.stamp.is_list, stamped.stamp.source) == (EXPORTED, True, gateway.LIVE)
    page = render_to_string("partials/_stamp.html", {"stamp": stamp_view(stamped, MORNING)})
    summary = " ".join(page.partition("<summary>")[2].partition("</summary>")[0].split())
    assert summary == "<span>Price list of 1 Mar 2026, 23:10,<br>confirmed with the order</span>"
    assert "ERP · " not in page


def test_a_price_list_of_last_night_is_fresh_and_one_of_the_night_before_late(stamped: gateway.StampedOffer) -> None:
    assert stamp_view(stamped, MORNING).tone == "fresh"
    assert stamp_view(stamped, MORNING + dt.timedelta(days=2)).tone == "late"


def test_the_receipt_keeps_that_it_was_a_list_price(stamped: gateway.StampedOffer) -> None:
    receipt = receipt_of(stamped, D(1), price_list="breaks")
    assert receipt is not None
    assert (receipt.price_source, receipt.price_as_of, receipt.net_price) == ("list", EXPORTED, D("1.2"))
