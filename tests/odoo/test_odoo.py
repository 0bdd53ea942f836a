"""What only a real Odoo shows: the trap of the price list, rights, deliveries, papers, untrusted words."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.odoo.adapter import OdooErp
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import counted_calls
from tests.erp_sync.adapters.odoo_sample import DISCOUNT, SECONDS, OdooAt, OdooSample, expected_price
from tests.erp_sync.adapters.samples import new_reference
from tests.odoo import wholesaler as w

pytestmark = pytest.mark.odoo


def _changed(sample: OdooSample, kind: str, erp_id: str) -> Any:
    since = sample.erp.now(deadline_s=SECONDS) - dt.timedelta(seconds=30)
    page = sample.erp.pull(kind, r.Cursor(since), limit=200, deadline_s=SECONDS)
    assert not page.broken
    return next(one for one in page.records if getattr(one, "erp_id", "") == erp_id)


def _ask(sample: OdooSample, sku: str, quantity: int = 1) -> r.Ask:
    return r.Ask(sku, sample.items[sku].erp_id, Decimal(quantity))


def test_a_page_with_ladders_is_one_call_however_many_steps(odoo_sample: OdooSample) -> None:
    asks = [r.Ask(sku, item.erp_id) for sku, item in list(odoo_sample.items.items())[:24]]
    odoo_sample.erp.offers(odoo_sample.context, asks, ladders=True, deadline_s=SECONDS)  # the steps are kept a minute
    with counted_calls() as calls:
        offers = odoo_sample.erp.offers(odoo_sample.context, asks, ladders=True, deadline_s=SECONDS)
    assert calls.operations == ["sale.order.onchange"]
    assert all(one.net_price and one.stock and len(one.steps) > 1 for one in offers)


def test_without_its_price_list_nothing_has_a_price(odoo_sample: OdooSample) -> None:
    bare = replace(odoo_sample.context, price_list="")
    ask = _ask(odoo_sample, "TOR-0440-ZN", 100)
    offer = odoo_sample.erp.offers(bare, [ask], ladders=True, deadline_s=SECONDS)[0]
    assert (offer.net_price, offer.steps) == (None, ())
    priced = odoo_sample.erp.offers(odoo_sample.context, [ask], deadline_s=SECONDS)[0]
    assert priced.net_price == expected_price(w.BREAKS, ask.sku, 100)
    order = replace(odoo_sample.order(), price_list="")
    for refused in (odoo_sample.erp.totals, odoo_sample.erp.create_order):
        with pytest.raises(ErpRejected, match="price list"):
            refused(order, deadline_s=SECONDS)
    assert not odoo_sample.erp.find_order(order.reference, deadline_s=SECONDS)


def test_a_price_that_the_buyer_accepted_is_the_price_of_the_order(odoo_sample: OdooSample) -> None:
    order = odoo_sample.order()
    lines = tuple(replace(one, net_price=one.net_price + Decimal("0.0123")) for one in order.lines)
    written = odoo_sample.erp.create_order(replace(order, lines=lines), deadline_s=SECONDS)
    assert [one[2] for one in written.lines] == [one.net_price for one in lines]


def test_a_discount_bears_the_taxes_of_what_it_is_taken_from(odoo_sample: OdooSample) -> None:
    erp, base = odoo_sample.erp, odoo_sample.order()
    lines = tuple(
        replace(base.lines[0], line_no=number, sku=sku, item_erp_id=odoo_sample.items[sku].erp_id, net_price=price)
        for number, (sku, price) in enumerate([("AGU-0005-TT", Decimal("33.3333")), ("MAR-0500-FV", Decimal(50))], 1)
    )
    whole = replace(base, lines=lines, expected_total=None)
    before = erp.totals(whole, deadline_s=SECONDS)
    taken_off = r.NewDiscount(Decimal("7.77"), "Autumn")
    for of_lines, rates in (((), {"0.10", "0.21"}), ((1,), {"0.10"}), ((2,), {"0.21"})):
        discount = replace(taken_off, line_nos=of_lines)
        order = replace(whole, reference=new_reference(), discount=discount)
        less = erp.totals(order, deadline_s=SECONDS)
        assert before.untaxed - less.untaxed == taken_off.amount
        assert less.line_amounts == before.line_amounts
        written = erp.create_order(replace(order, expected_total=less.total), deadline_s=SECONDS)
        assert (written.state, written.totals) == ("confirmed", less)
        (row,) = odoo_sample.staff("sale.order", "read", ids=[int(written.erp_id)], fields=["order_line"])
        fields = ["product_id", "name", "price_subtotal", "tax_ids"]
        rows = odoo_sample.staff("sale.order.line", "read", ids=row["order_line"], fields=fields)
        found = [one for one in rows if one["price_subtotal"] < 0]
        taxes = odoo_sample.staff("account.tax", "read", ids=[one["tax_ids"][0] for one in found], fields=["amount"])
        assert {f"{Decimal(str(one['amount'])) / 100:.2f}" for one in taxes} == rates
        assert {one["name"] for one in found} == {"Autumn"}


def test_a_discount_without_its_service_is_refused_before_anything_is_written(odoo: OdooAt) -> None:
    bare = OdooSample(odoo)
    erp = odoo.erp(discount_product="NO-SUCH")
    assert erp.capabilities.has_discount_lines
    assert not odoo.erp().capabilities.has_discount_lines
    assert [one.name for one in erp.needs(deadline_s=SECONDS) if not one.is_there] == ["NO-SUCH"]
    order = replace(bare.order(), discount=r.NewDiscount(Decimal(1), "Autumn"))
    with pytest.raises(ErpMisconfigured, match="discount_product"):
        erp.create_order(order, deadline_s=SECONDS)
    assert not erp.find_order(order.reference, deadline_s=SECONDS)


def test_the_service_for_discounts_is_no_item(odoo_sample: OdooSample) -> None:
    assert DISCOUNT not in odoo_sample.items


def test_four_hundred_lines_are_priced_in_two_parts(odoo_sample: OdooSample) -> None:
    asks = [_ask(odoo_sample, sku, many) for sku in list(odoo_sample.items)[:38] for many in range(1, 12)]
    with counted_calls() as calls:
        offers = odoo_sample.erp.offers(odoo_sample.context, asks, deadline_s=SECONDS)
    assert calls.operations == ["sale.order.onchange"] * 2
    assert [(one.sku, one.quantity) for one in offers] == [(one.sku, one.quantity) for one in asks]
    assert all(one.net_price for one in offers)


def test_somebody_elses_address_is_refused(odoo_sample: OdooSample) -> None:
    other = next(one for one in odoo_sample.customers if one.erp_id != odoo_sample.customer.erp_id)
    order = replace(odoo_sample.order(), ship_to_erp_id=other.addresses[0].erp_id)
    with pytest.raises(ErpRejected, match="not one of this customer"):
        odoo_sample.erp.create_order(order, deadline_s=SECONDS)
    assert not odoo_sample.erp.find_order(order.reference, deadline_s=SECONDS)


def test_an_item_out_of_the_range_is_refused_by_name(odoo_sample: OdooSample) -> None:
    page = odoo_sample.erp.pull("items", r.Cursor(), limit=200, deadline_s=SECONDS)
    gone = next(one for one in page.records if isinstance(one, r.ItemRecord) and not one.is_active)
    assert gone.sku == w.OUT_OF_RANGE
    order = odoo_sample.order()
    line = replace(order.lines[0], sku=gone.sku, item_erp_id=gone.erp_id)
    with pytest.raises(ErpRejected, match=gone.sku):
        odoo_sample.erp.create_order(replace(order, lines=(line,)), deadline_s=SECONDS)
    offer = odoo_sample.erp.offers(odoo_sample.context, [r.Ask(gone.sku, gone.erp_id)], deadline_s=SECONDS)[0]
    assert not offer.is_salable


def test_an_order_that_a_person_confirmed_is_not_loaded_again(odoo_sample: OdooSample) -> None:
    order = odoo_sample.order()
    written = odoo_sample.erp.create_order(order, deadline_s=SECONDS)
    with counted_calls() as calls:
        again = odoo_sample.erp.create_order(order, deadline_s=SECONDS)
    assert again == written
    assert "sale.order.load" not in calls.operations


def test_a_copy_that_the_staff_makes_of_our_order_is_not_ours(odoo_sample: OdooSample) -> None:
    order = odoo_sample.order()
    written = odoo_sample.erp.create_order(order, deadline_s=SECONDS)
    copies = odoo_sample.staff("sale.order", "copy", ids=[int(written.erp_id)])
    assert len(odoo_sample.erp.find_order(order.reference, deadline_s=SECONDS)) == 1
    copied = _changed(odoo_sample, "orders", str(copies[0]))
    assert (copied.web_reference, copied.channel_hint) == ("", r.Channel.UNKNOWN)


def test_the_order_in_odoo_carries_what_the_buyer_gave(odoo_sample: OdooSample) -> None:
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)
    order = replace(odoo_sample.order(), requested_on=day, customer_reference="PO 4711", note="Gate 3", placed_by="Ana")
    written = odoo_sample.erp.create_order(order, deadline_s=SECONDS)
    number = int(written.erp_id)
    fields = ["client_order_ref", "origin", "team_id", "commitment_date", "partner_shipping_id"]
    row = odoo_sample.staff("sale.order", "read", ids=[number], fields=fields)[0]
    assert (row["client_order_ref"], row["origin"], row["team_id"][1]) == ("PO 4711", order.reference, w.TEAM)
    assert row["commitment_date"].startswith(day.isoformat())
    assert str(row["partner_shipping_id"][0]) == order.ship_to_erp_id
    domain = [["order_id", "=", number], ["display_type", "=", "line_note"]]
    texts = odoo_sample.staff("sale.order.line", "search_read", domain=domain, fields=["name"])
    assert [one["name"] for one in texts] == ["Gate 3\nAna"]


def test_a_partial_delivery_its_backorder_and_the_rest_are_pulled(odoo_sample: OdooSample) -> None:
    written = odoo_sample.erp.create_order(replace(odoo_sample.order(factor=4)), deadline_s=SECONDS)
    _ship(odoo_sample, written.erp_id, half=True)
    first = _changed(odoo_sample, "orders", written.erp_id)
    assert first.step == "shipped"
    assert [one.quantity_delivered * 2 for one in first.lines] == [one.quantity for one in first.lines]
    _ship(odoo_sample, written.erp_id, half=False)
    now = _changed(odoo_sample, "orders", written.erp_id)
    assert [one.quantity_delivered for one in now.lines] == [one.quantity for one in now.lines]
    since = odoo_sample.erp.now(deadline_s=SECONDS) - dt.timedelta(seconds=30)
    page = odoo_sample.erp.pull("deliveries", r.Cursor(since), limit=200, deadline_s=SECONDS)
    mine = [one for one in page.records if isinstance(one, r.DeliveryRecord) and _is_of(one, written.erp_id)]
    assert [one.state for one in mine] == ["shipped", "shipped"]
    assert {one.tracking_number for one in mine} == {"TRACK-1"}


def _is_of(delivery: r.DeliveryRecord, order: str) -> bool:
    return any(line.order_erp_id == order for line in delivery.lines)


def _ship(sample: OdooSample, order: str, *, half: bool) -> None:
    """Ship what waits for an order, as the warehouse does."""
    domain = [["sale_id", "=", int(order)], ["state", "not in", ["done", "cancel"]]]
    picking = sample.staff("stock.picking", "search", domain=domain)
    moves = sample.staff(
        "stock.move", "search_read", domain=[["picking_id", "in", picking]], fields=["product_uom_qty"]
    )
    for move in moves:
        many = float(move["product_uom_qty"]) / (2 if half else 1)
        sample.staff("stock.move", "write", ids=[move["id"]], vals={"quantity": many, "picked": True})
    sample.staff("stock.picking", "write", ids=picking, vals={"carrier_tracking_ref": "TRACK-1"})
    context = {"skip_sms": True, "skip_backorder": True, "picking_ids_not_to_backorder": []}
    assert sample.staff("stock.picking", "button_validate", ids=picking, context=context) is True


def test_a_part_that_is_given_back_opens_the_invoice_by_that_much(odoo_sample: OdooSample) -> None:
    invoice, other = odoo_sample.open_invoices()
    due = invoice.amount_due
    share = (r.Allocation(invoice.erp_id, due),)
    day = invoice.invoiced_on
    payment = r.NewPayment("PAY-PART", invoice.customer_erp_id, "EUR", due, day, allocations=share)
    odoo_sample.erp.write(payment, deadline_s=SECONDS)
    # A later entry in the same journal: Odoo forbids to delete the earlier one then.
    share = (r.Allocation(other.erp_id, Decimal("1.00")),)
    later = r.NewPayment("PAY-LATER", other.customer_erp_id, "EUR", Decimal("1.00"), day, allocations=share)
    odoo_sample.erp.write(later, deadline_s=SECONDS)
    back = r.PaymentReversal(
        "PAY-PART-R",
        payment.reference,
        invoice.customer_erp_id,
        "EUR",
        Decimal("1.25"),
        day,
        kept=due - Decimal("1.25"),
    )
    assert not odoo_sample.erp.find_written(back, deadline_s=SECONDS)
    for _time in range(2):
        written = odoo_sample.erp.write(back, deadline_s=SECONDS)
        assert (written.state, written.total) == ("reversed", due - Decimal("1.25"))
    assert len(odoo_sample.erp.find_written(back, deadline_s=SECONDS)) == 1
    assert _changed(odoo_sample, "invoices", invoice.erp_id).amount_due == Decimal("1.25")


def test_items_have_both_languages_boxes_facts_and_papers(odoo_sample: OdooSample) -> None:
    item = odoo_sample.items["AMO-0115-DM"]
    assert (item.texts["en"].name, item.texts["es"].name) == ("Angle grinder 115 mm", "Amoladora 115 mm")
    assert item.brand == "Delmar"
    screw = odoo_sample.items["TOR-0440-ZN"]
    assert [(pack.factor, pack.names) for pack in screw.packs] == [
        (Decimal(100), {"en": "Box of 100", "es": "Caja de 100"})
    ]
    assert screw.attributes["Material"]["en"] == "Steel"
    paper = odoo_sample.erp.item_document(item.documents[0].erp_id, deadline_s=SECONDS)
    assert (paper.media_type, paper.content[:4]) == ("application/pdf", b"%PDF")
    assert item.image_url
    assert odoo_sample.erp.item_image(item.erp_id, deadline_s=SECONDS).media_type == "image/png"
    assert not screw.image_url


def test_an_attachment_of_anything_but_an_item_does_not_exist(odoo_sample: OdooSample) -> None:
    customer = int(odoo_sample.context.customer_erp_id)
    values = {"name": "secret.txt", "res_model": "res.partner", "res_id": customer, "datas": "c2VjcmV0"}
    attachment = odoo_sample.staff("ir.attachment", "create", vals_list=[values])[0]
    with pytest.raises(ErpRejected):
        odoo_sample.erp.item_document(str(attachment), deadline_s=SECONDS)


def test_words_of_the_erp_come_without_control_signs_and_markup(odoo_sample: OdooSample) -> None:
    partner = int(odoo_sample.customer.erp_id)
    nasty = "Evil\x1b[31m <script>alert(1)</script>\u0007" + "x" * 400
    odoo_sample.staff("res.partner", "write", ids=[partner], vals={"name": nasty})
    try:
        record = _changed(odoo_sample, "customers", odoo_sample.customer.erp_id)
    finally:
        odoo_sample.staff("res.partner", "write", ids=[partner], vals={"name": odoo_sample.customer.name})
    assert "\x1b" not in record.name
    assert "\x07" not in record.name
    assert len(record.name) <= 200


def test_a_user_who_may_only_sell_is_told_which_right_is_missing(odoo: OdooAt, odoo_sample: OdooSample) -> None:
    seller = OdooErp(odoo.client("seller"), odoo_sample.odoo._setup.options)  # noqa: SLF001 (the same options)
    missing = {one.name for one in seller.needs(deadline_s=SECONDS) if not one.is_there}
    assert "create account.payment" in missing
    assert not any("sale.order" in name for name in missing)
    with pytest.raises(ErpMisconfigured):
        seller.credit(odoo_sample.context.customer_erp_id, deadline_s=SECONDS)
    assert seller.offers(odoo_sample.context, odoo_sample.asks, deadline_s=SECONDS)[0].net_price


def test_the_refusal_comes_in_the_language_of_the_setting(odoo: OdooAt, odoo_sample: OdooSample) -> None:
    order = odoo_sample.over_limit()
    said = {}
    for language in ("en", "es"):
        with pytest.raises(ErpRejected) as caught:
            odoo.erp(message_language=language).create_order(order, deadline_s=SECONDS)
        assert caught.value.warning
        said[language] = caught.value.message
    assert "credit limit" in said["en"]
    assert "crédito concedido" in said["es"]


def test_wrong_settings_are_told_as_such(odoo: OdooAt) -> None:
    with pytest.raises(ErpMisconfigured, match="ERP_PASSWORD"):
        replace(odoo, keys={"webshop": "wrong"}).erp().credit("1", deadline_s=SECONDS)
    with pytest.raises(ErpMisconfigured):
        replace(odoo, database="nosuch").erp().credit("1", deadline_s=SECONDS)
    given = {"url": odoo.url, "database": odoo.database, "user": "webshop", "password": odoo.keys["webshop"]}
    with pytest.raises(ErpMisconfigured, match="warehouse"):
        OdooErp.from_settings(**given, options={"warehouses": ["nosuch"]}).health(deadline_s=SECONDS)
    with pytest.raises(ErpMisconfigured, match="web_shops"):
        OdooErp.from_settings(**given, options={"web_shops": "x"})
    assert OdooErp.from_settings(**given, options={"warehouses": ["BIO"]}).health(deadline_s=SECONDS).version
