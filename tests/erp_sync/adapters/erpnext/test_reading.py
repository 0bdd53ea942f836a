"""Reading ERPNext on bad days: pulls that are cut, clocks that go back, prices that cannot be had."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.errors import ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.mirror import sync
from erp_sync.mirror.models import Address
from tests.erp_stubs.transport import Fault, StubLine, sends
from tests.erp_sync.adapters.erpnext.erpnext_sample import erp_at, line_to
from tests.erp_sync.adapters.erpnext.meanwhile import Told
from tests.erp_sync.adapters.erpnext.stub import wholesaler as w
from tests.erp_sync.adapters.erpnext.stub.site import Site
from tests.erp_sync.adapters.samples import new_order

SECONDS = 30.0
CONTEXT = r.PriceContext("Acme", "Standard Selling", "EUR")


# --- pulls ---


@pytest.mark.parametrize(("fault", "error"), [(Fault.UNAUTHORIZED, ErpMisconfigured), (Fault.TOO_MANY, ErpUnavailable)])
def test_a_pull_that_is_refused_in_the_middle_goes_on_where_it_stood(
    site: Site, line: StubLine, erp: ErpNextErp, fault: Fault, error: type[Exception]
) -> None:
    # All of one moment: only the name tells where the page ended.
    for doc in site.docs["Sales Order"].values():
        doc["modified"] = "2026-11-21 22:14:10.176362"
    line.next(fault, at=3, when=sends("GET", "/api/resource/Sales%20Order?"))
    seen: list[str] = []
    failures = 0
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        try:
            page = erp.pull("orders", cursor, limit=2, deadline_s=SECONDS)
        except error:
            failures += 1
            continue
        seen += [one.erp_id for one in page.records]
        cursor = page.next
    assert failures == 1
    assert seen == sorted(site.docs["Sales Order"])


def test_a_row_that_makes_no_sense_is_set_aside_and_the_others_go_on(site: Site, erp: ErpNextErp) -> None:
    name = next(iter(site.docs["Sales Invoice"]))
    site.docs["Sales Invoice"][name]["posting_date"] = "soon"
    page = erp.pull("invoices", r.Cursor(), limit=50, deadline_s=SECONDS)
    assert [(one.erp_id, "not a day" in one.reason) for one in page.broken] == [(name, True)]
    assert len(page.records) == len(site.docs["Sales Invoice"]) - 1


def test_what_is_kept_beside_a_record_brings_it_again(site: Site, erp: ErpNextErp) -> None:
    since = r.Cursor(changed_at=erp.now(deadline_s=SECONDS) + dt.timedelta(seconds=2))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    site.clock = lambda: later
    site.touch("Address", "Beta yard-Shipping", city="Toledo")
    site.touch("Contact", "Ana-Small SA", phone="+34 911")
    price = next(one for one in site.docs["Item Price"].values() if one["item_code"] == "LAM-0001")
    site.touch("Item Price", price["name"], price_list_rate=Decimal("15.5"))
    places = {one.erp_id: {place.city for place in one.addresses} for one in _all(erp, "customers", since)}
    assert places == {"Beta": {"Madrid", "Toledo"}, "Small SA": {"Madrid"}}
    assert [(one.sku, one.list_price) for one in _all(erp, "items", since)] == [("LAM-0001", Decimal("15.5"))]


@pytest.mark.django_db
def test_an_address_that_is_linked_to_several_customers_is_each_ones(site: Site, erp: ErpNextErp) -> None:
    links = site.get("Address", "Beta yard-Shipping")["links"]
    links += [{"link_doctype": "Customer", "link_name": "Acme"}, {"link_doctype": "Supplier", "link_name": "Acme"}]

    sync.pull(kind="customers", now=dt.datetime.now(dt.UTC), erp=erp)

    whose = Address.objects.filter(erp_id="Beta yard-Shipping").values_list("customer__erp_id", flat=True)
    assert sorted(whose) == ["Acme", "Beta"]


def test_a_country_is_told_by_its_code_and_one_that_nobody_knows_not_at_all(site: Site, erp: ErpNextErp) -> None:
    site.touch("Address", "Beta yard-Shipping", country="Atlantis")
    found = {one.erp_id: {place.country for place in one.addresses} for one in _all(erp, "customers", r.Cursor())}
    assert (found["Acme"], found["Beta"]) == ({"ES"}, {"ES", ""})


@pytest.mark.parametrize(
    ("coin", "rounded", "billed"),
    [(0.01, "21.61", "17.86"), (0.05, "21.60", "17.85"), (0.1, "21.60", "17.90"), (0, "22.00", "18.00")],
)
def test_a_total_is_what_is_to_be_paid_in_the_coins_of_its_currency(
    site: Site, coin: float, rounded: str, billed: str
) -> None:
    site.touch("Currency", "EUR", smallest_currency_fraction_value=Decimal(str(coin)))
    erp = erp_at(line_to(site))
    order = new_order(erp, CONTEXT, [r.Ask("TOR-0440", "TOR-0440", Decimal(2))])  # 17.86 and 3.75 of tax
    told = erp.totals(order, deadline_s=SECONDS)
    assert (told.untaxed + told.tax, told.tax, told.total) == (told.total, Decimal("3.75"), Decimal(rounded))
    assert told.freight == told.total - Decimal("21.61")

    written = erp.create_order(order, deadline_s=SECONDS)

    assert written.totals == told
    assert {one.total for one in _all(erp, "orders", r.Cursor()) if one.erp_id == written.erp_id} == {told.total}
    invoice = w.invoice(site, w.deliver(site, written.erp_id))  # the staff's, without tax
    pulled = next(one for one in _all(erp, "invoices", r.Cursor()) if one.erp_id == invoice)
    assert (pulled.total, pulled.amount_due) == (Decimal(billed), Decimal(billed))


def test_a_site_that_rounds_no_totals_has_the_plain_ones(site: Site) -> None:
    site.touch("Currency", "EUR", smallest_currency_fraction_value=Decimal(0))
    site.rounds_totals = False
    erp = erp_at(line_to(site))
    order = new_order(erp, CONTEXT, [r.Ask("TOR-0440", "TOR-0440", Decimal(2))])
    assert erp.totals(order, deadline_s=SECONDS).total == Decimal("21.61")
    assert erp.create_order(order, deadline_s=SECONDS).totals.total == Decimal("21.61")


def test_how_the_site_rounds_is_compared_with_the_options_where_it_may_be_read(site: Site) -> None:
    site.forbidden.clear()
    missing = [(one.name, one.cure) for one in erp_at(line_to(site)).needs(deadline_s=SECONDS) if not one.is_there]
    assert missing == []
    site.touch(
        "System Settings", "System Settings", number_format="#.###", rounding_method="Banker's Rounding (legacy)"
    )
    missing = [(one.name, one.cure) for one in erp_at(line_to(site)).needs(deadline_s=SECONDS) if not one.is_there]
    assert missing == [
        ("System Settings: money_digits 2", "set money_digits to 0 in ERP_OPTIONS"),
        ("System Settings: halves 'even'", "set halves to 'up' in ERP_OPTIONS"),
    ]


def _all(erp: ErpNextErp, kind: str, since: r.Cursor) -> list[Any]:
    found: list[Any] = []
    cursor: r.Cursor | None = since
    while cursor is not None:
        page = erp.pull(kind, cursor, limit=2, deadline_s=SECONDS)
        assert not page.broken
        found += page.records
        cursor = page.next
    return found


def test_in_the_night_when_an_hour_comes_twice_no_change_is_missed() -> None:
    """At 01:00 UTC the clock in Madrid goes from 02:59:59 back to 02:00."""
    site = w.wholesaler(Site("Europe/Madrid"))
    erp = erp_at(line_to(site))
    erp.credit("Acme", deadline_s=SECONDS)
    name = next(iter(site.docs["Sales Order"]))
    versions = []
    for told in ("00:50", "01:10", "01:40", "02:20"):
        now = dt.datetime.fromisoformat(f"2026-10-25T{told}:00+00:00")
        _set_back(site, now)
        site.touch("Sales Order", name, po_no=told)
        # The last run began ten minutes ago, in the first hour or in the second.
        pulled = {one.erp_id: one for one in _all(erp, "orders", r.Cursor(changed_at=now - dt.timedelta(minutes=10)))}
        assert pulled[name].customer_reference == told
        versions.append(pulled[name].version)
    assert versions == sorted(set(versions))
    assert versions[-1] == dt.datetime(2026, 10, 25, 2, 20, tzinfo=dt.UTC)


def _set_back(site: Site, now: dt.datetime) -> None:
    """Let it be another time there, whatever time it was before."""
    site.clock = lambda: now
    site.set_back()


def test_names_that_are_long_and_strange_fit_into_requests(site: Site, erp: ErpNextErp) -> None:
    codes = [f"Ñandú/Ø {number:02} {'x' * 100}" for number in range(60)]
    for code in codes:
        values = {"item_code": code, "item_name": code[:20], "item_group": "Bolts", "stock_uom": "Nos"}
        site.insert("Item", {**values, "is_sales_item": 1, "is_stock_item": 1}, is_staff=True)
        price = {"item_code": code, "price_list": "Standard Selling", "price_list_rate": 2.5, "selling": 1}
        site.insert("Item Price", price, is_staff=True)
    offers = erp.offers(CONTEXT, [r.Ask(code, code) for code in codes], ladders=True, deadline_s=SECONDS)
    assert {one.net_price for one in offers} == {Decimal("2.5")}
    assert {one.sku for one in _all(erp, "items", r.Cursor())} >= set(codes)


# --- prices ---


def test_two_rules_in_conflict_cost_one_item_its_price_and_no_other(
    site: Site, line: StubLine, erp: ErpNextErp
) -> None:
    rule = {"title": "again", "apply_on": "Item Code", "items": [{"item_code": "CAB-0025"}], "selling": 1}
    for name in ("one", "two"):
        site.insert("Pricing Rule", {**rule, "name": name, "discount_percentage": 3.0, "priority": "1"}, is_staff=True)
    asks = [r.Ask(sku, sku) for sku, *_ in w.ITEMS]
    offers = {one.sku: one for one in erp.offers(CONTEXT, asks, deadline_s=SECONDS)}
    assert {sku for sku, one in offers.items() if one.net_price is None} == {"CAB-0025"}
    assert offers["CAB-0025"].is_salable
    assert len(line.sent("POST", "/api/method/run_doc_method")) <= 2 * len(asks)


def test_a_customer_that_the_erp_will_not_serve_is_refused_soon_and_in_words(
    site: Site, line: StubLine, erp: ErpNextErp
) -> None:
    site.docs["Customer"]["Acme"]["disabled"] = 1
    asks = [r.Ask(sku, sku, Decimal(many)) for sku, *_ in w.ITEMS for many in range(1, 9)]
    with pytest.raises(ErpRejected, match="Customer Acme is disabled"):
        erp.offers(CONTEXT, asks, deadline_s=SECONDS)
    assert len(line.sent("POST", "/api/method/run_doc_method")) < 40


def test_without_its_price_list_an_item_has_the_customers_own(erp: ErpNextErp) -> None:
    offer = erp.offers(r.PriceContext("Contract SL", "", "EUR"), [r.Ask("LAM-0001", "LAM-0001")], deadline_s=SECONDS)[0]
    assert offer.net_price == Decimal("11.24")


def test_a_price_of_another_unit_than_the_item_is_sold_in_is_none(line: StubLine, erp: ErpNextErp) -> None:
    def by_the_piece(told: Any) -> None:
        for doc in told.get("docs") or ():
            for row in doc.get("items") or ():
                row["uom"] = "Nos"

    line.application = Told(line.application, by_the_piece)
    asks = [r.Ask(sku, sku) for sku in ("TUE-0004", "TOR-0440")]
    box, piece = erp.offers(CONTEXT, asks, ladders=True, deadline_s=SECONDS)
    assert (box.net_price, box.steps, box.unit) == (None, (), "Box")
    assert piece.net_price == Decimal("8.93")


def test_a_cost_that_the_user_may_not_read_leaves_its_order_readable(
    site: Site, line: StubLine, erp: ErpNextErp
) -> None:
    """ERPNext leaves out of a list, without a word, what stands at a permission level that the user has not."""

    def without_costs(told: Any) -> None:
        for row in told["data"] if isinstance(told.get("data"), list) else ():
            row.pop("valuation_rate", None)
            row.pop("incoming_rate", None)

    line.application = Told(line.application, without_costs)
    for kind, doctype in (("orders", "Sales Order"), ("invoices", "Sales Invoice")):
        page = erp.pull(kind, r.Cursor(), limit=50, deadline_s=SECONDS)
        assert not page.broken
        assert len(page.records) == len(site.docs[doctype])
        assert {one.unit_cost for record in page.records for one in record.lines} == {None}
