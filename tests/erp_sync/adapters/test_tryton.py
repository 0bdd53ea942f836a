"""What only a real Tryton shows: partial deliveries, tax rules, papers, log-ins, calls a page."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.tryton.adapter import TrytonErp
from erp_sync.adapters.tryton.setup import Options
from erp_sync.errors import ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import counted_calls
from tests.erp_sync.adapters.samples import SECONDS, Cut, TrytonAt, TrytonSample, new_order

pytestmark = pytest.mark.tryton


def _pulled_since(sample: TrytonSample, kind: str, since: dt.datetime) -> list[Any]:
    page = sample.tryton.pull(kind, r.Cursor(since), limit=100, deadline_s=SECONDS)
    assert page.next is None
    assert not page.broken
    return list(page.records)


def test_a_page_of_24_items_is_one_call_and_a_basket_one_for_each_step(tryton_sample: TrytonSample) -> None:
    asks = [r.Ask(sku, item.erp_id) for sku, item in list(tryton_sample.items.items())[:24]]
    tryton_sample.tryton.offers(tryton_sample.context, asks[:1], deadline_s=SECONDS)
    with counted_calls() as page:
        offers = tryton_sample.tryton.offers(tryton_sample.context, asks, deadline_s=SECONDS)
    assert page.count == 1
    assert all(offer.net_price and offer.stock for offer in offers)
    basket = [replace(ask, quantity=Decimal(n)) for n, ask in zip((1, 2, 12, 15, 60), asks, strict=False)]
    tryton_sample.tryton.offers(tryton_sample.context, basket, deadline_s=SECONDS)
    with counted_calls() as calls:
        tryton_sample.tryton.offers(tryton_sample.context, basket, deadline_s=SECONDS)
    assert calls.count == 3


def test_a_second_partial_shipment_is_pulled(tryton_sample: TrytonSample) -> None:
    asks = [tryton_sample.ask("CAB-0025-NG", 4), tryton_sample.ask("ESM-0750-BL")]
    order = new_order(tryton_sample.tryton, tryton_sample.context, asks)
    written = tryton_sample.tryton.create_order(order, deadline_s=SECONDS)
    assert _ship(tryton_sample, written.erp_id, half=True) == 1
    since = tryton_sample.tryton.now(deadline_s=SECONDS)
    first = tryton_sample.tryton.pull(
        "orders", r.Cursor(None, str(int(written.erp_id) - 1)), limit=1, deadline_s=SECONDS
    ).records[0]
    assert isinstance(first, r.OrderRecord)
    assert (first.lines[0].quantity_delivered, first.step) == (Decimal(2), "shipped")

    assert _ship(tryton_sample, written.erp_id, half=False) == 1
    order_now = {one.erp_id: one for one in _pulled_since(tryton_sample, "orders", since)}[written.erp_id]
    assert order_now.lines[0].quantity_delivered == Decimal(4)
    assert order_now.step == "delivered"
    assert order_now.version > first.version
    deliveries = _pulled_since(tryton_sample, "deliveries", since)
    lines = [line for one in deliveries for line in one.lines]
    assert {line.order_erp_id for line in lines} == {written.erp_id}


def test_texts_that_are_kept_in_one_language_come_in_the_one_of_the_settings(tryton_sample: TrytonSample) -> None:
    at = tryton_sample.at
    where = {"url": at.url, "database": at.database, "user": at.user, "password": at.password}
    spanish = TrytonErp.from_settings(**where, options={"text_language": "es"})
    page = spanish.pull("customers", r.Cursor(), limit=100, deadline_s=SECONDS)
    terms = {one.erp_id: one.payment_term for one in page.records if isinstance(one, r.CustomerRecord)}
    english = {one.erp_id: one.payment_term for one in tryton_sample.customers}
    both = {(english[erp_id], terms[erp_id]) for erp_id in english}
    assert ("30 days", "30 días") in both
    assert ("30/60 days", "30/60 días") in both


def _ship(sample: TrytonSample, sale: str, *, half: bool) -> int:
    """Ship what waits for an order (half of the first line), as the warehouse does; return how many."""
    rows = sample.staff("sale.sale.read", [int(sale)], ["shipments"])
    shipments = sample.staff("stock.shipment.out.read", rows[0]["shipments"], ["state", "inventory_moves"])
    waiting = [one for one in shipments if one["state"] == "waiting"]
    for one in waiting:
        if half:
            moves = sample.staff("stock.move.read", one["inventory_moves"], ["quantity"])
            big = max(moves, key=lambda move: move["quantity"])
            sample.staff("stock.move.write", [big["id"]], {"quantity": float(big["quantity"]) / 2})
        sample.staff("stock.shipment.out.assign_force", [one["id"]])
        for button in ("pick", "pack", "do"):
            sample.staff(f"stock.shipment.out.{button}", [one["id"]])
    return len(waiting)


def test_what_the_staff_takes_back_is_a_return_and_an_exchange_stays_an_order(tryton_sample: TrytonSample) -> None:
    asks = [tryton_sample.ask("CAB-0025-NG", 4), tryton_sample.ask("ESM-0750-BL")]
    written = tryton_sample.tryton.create_order(
        new_order(tryton_sample.tryton, tryton_sample.context, asks), deadline_s=SECONDS
    )
    since = tryton_sample.tryton.now(deadline_s=SECONDS)
    only_back, exchange = (_taken_back(tryton_sample, written.erp_id, count) for count in (2, 1))
    orders = {one.erp_id: one for one in _pulled_since(tryton_sample, "orders", since)}
    assert (orders[only_back].is_return, orders[exchange].is_return) == (True, False)

    returns = {one.erp_id: one for one in tryton_sample.all_of("returns")}
    found = sorted((one for one in returns.values() if one.order_erp_id == written.erp_id), key=lambda one: one.erp_id)
    numbers = [orders[only_back].number, orders[exchange].number]
    assert [one.number for one in found] == [f"{numbers[0]}-1", f"{numbers[0]}-2", numbers[1]]
    assert [(one.sku, one.quantity, one.state) for one in found] == [
        ("CAB-0025-NG", Decimal(1), "approved"), ("ESM-0750-BL", Decimal(1), "approved"),
        ("CAB-0025-NG", Decimal(1), "approved"),
    ]  # fmt: skip
    of_the_order = tryton_sample.staff("sale.line.search", [["sale", "=", int(written.erp_id)]])
    assert {int(one.order_line_erp_id) for one in found} <= set(of_the_order)
    assert set(returns) == set(tryton_sample.tryton.keys("returns", deadline_s=SECONDS))


def _taken_back(sample: TrytonSample, sale: str, count: int) -> str:
    """Return the sale that takes one of the first lines of another back, as the button "Return" makes it."""
    (made,) = sample.staff("sale.sale.copy", [int(sale)], {"origin": f"sale.sale,{sale}"})
    lines = sample.staff("sale.line.search", [["sale", "=", made], ["product.type", "=", "goods"]])
    sample.staff("sale.line.write", lines[:count], {"quantity": -1.0})
    for button in ("quote", "confirm"):
        sample.staff(f"sale.sale.{button}", [made])
    return str(made)


def test_a_customers_tax_rule_counts_in_the_totals(tryton_sample: TrytonSample) -> None:
    taxes = {
        row["name"]: row["id"] for row in tryton_sample.call("account.tax.search_read", [], 0, None, None, ["name"])
    }
    line = {"origin_tax": taxes["IVA 21%"], "tax": taxes["IVA 10%"]}
    values = {"name": "Reduced", "kind": "sale", "company": 1, "lines": [["create", [line]]]}
    rule = tryton_sample.staff("account.tax.rule.create", [values])[0]
    party = int(tryton_sample.context.customer_erp_id)
    tryton_sample.staff("party.party.write", [party], {"customer_tax_rule": rule})
    try:
        order = tryton_sample.order()
        said = tryton_sample.tryton.totals(order, deadline_s=SECONDS)
        written = tryton_sample.tryton.create_order(order, deadline_s=SECONDS)
    finally:
        tryton_sample.staff("party.party.write", [party], {"customer_tax_rule": None})
    assert said == written.totals
    assert abs(said.tax - said.untaxed / 10) < Decimal("0.02")


def test_a_refused_connection_after_the_creation_is_not_nothing_sent(tryton_sample: TrytonSample) -> None:
    order = tryton_sample.order()
    network = Cut("model.sale.sale.confirm", sent=False)
    with pytest.raises(ErpUnavailable) as caught:
        tryton_sample.at.erp(network).create_order(order, deadline_s=SECONDS)
    assert network.cuts == 1
    assert not caught.value.nothing_sent
    assert [one.state for one in tryton_sample.tryton.find_order(order.reference, deadline_s=SECONDS)] == ["quotation"]


def test_the_order_in_tryton_carries_what_the_buyer_gave(tryton_sample: TrytonSample) -> None:
    order = replace(
        tryton_sample.order(),
        channel="web_assisted",
        requested_on=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9),
    )
    written = tryton_sample.tryton.create_order(order, deadline_s=SECONDS)
    row = tryton_sample.call(
        "sale.sale.read",
        [int(written.erp_id)],
        ["reference", "comment", "shipping_date", "marketing_medium.name", "web_id", "shipment_address"],
    )[0]
    assert row["reference"] == order.customer_reference
    assert row["comment"] == "Gate 3\nLaura Gil"
    assert row["shipping_date"] == order.requested_on
    assert row["marketing_medium."]["name"] == "rep"
    assert row["web_id"] == order.reference
    assert str(row["shipment_address"]) == order.ship_to_erp_id


def test_a_ship_to_of_somebody_else_is_refused(tryton_sample: TrytonSample) -> None:
    other = next(c for c in tryton_sample.customers if c.erp_id != tryton_sample.customer.erp_id)
    order = replace(tryton_sample.order(), ship_to_erp_id=other.addresses[0].erp_id)
    with pytest.raises(ErpRejected):
        tryton_sample.tryton.create_order(order, deadline_s=SECONDS)
    assert all(o.state == "draft" for o in tryton_sample.tryton.find_order(order.reference, deadline_s=SECONDS))


def test_a_withdrawn_item_is_refused_by_name(tryton_sample: TrytonSample) -> None:
    page = tryton_sample.tryton.pull("items", r.Cursor(), limit=500, deadline_s=SECONDS)
    gone = next(i for i in page.records if isinstance(i, r.ItemRecord) and not i.is_active)
    assert gone.replaced_by in tryton_sample.items
    order = tryton_sample.order()
    line = replace(order.lines[0], sku=gone.sku, item_erp_id=gone.erp_id)
    with pytest.raises(ErpRejected, match=gone.sku):
        tryton_sample.tryton.create_order(replace(order, lines=(line,)), deadline_s=SECONDS)
    assert tryton_sample.tryton.find_order(order.reference, deadline_s=SECONDS) == []
    offer = tryton_sample.tryton.offers(tryton_sample.context, [r.Ask(gone.sku, gone.erp_id)], deadline_s=SECONDS)[0]
    assert not offer.is_salable


def test_the_refusal_comes_in_the_language_of_the_setting(tryton: TrytonAt, tryton_sample: TrytonSample) -> None:
    words = {}
    for language in ("en", "es"):
        erp = TrytonErp(tryton.client(), Options(message_language=language))
        with pytest.raises(ErpRejected) as caught:
            erp.create_order(tryton_sample.over_limit(), deadline_s=SECONDS)
        words[language] = caught.value.message
    assert "credit limit" in words["en"]
    assert "límite" in words["es"]


def test_a_wrong_password_is_a_wrong_setting(tryton: TrytonAt) -> None:
    erp = replace(tryton, password="wrong").erp()
    with pytest.raises(ErpMisconfigured, match="ERP_PASSWORD"):
        erp.credit("1", deadline_s=SECONDS)


def test_a_wrong_database_is_a_wrong_setting(tryton: TrytonAt) -> None:
    with pytest.raises(ErpMisconfigured):
        replace(tryton, database="nosuch").erp().credit("1", deadline_s=SECONDS)


def test_the_settings_are_checked(tryton: TrytonAt) -> None:
    given = {"url": tryton.url, "database": tryton.database, "user": tryton.user, "password": tryton.password}
    with pytest.raises(ErpMisconfigured, match="web_shops"):
        TrytonErp.from_settings(**given, options={"web_shops": "x"})
    with pytest.raises(ErpMisconfigured, match="nosuch"):
        TrytonErp.from_settings(**given, options={"channels": [["web_id", "*", "nosuch"]]})
    with pytest.raises(ErpMisconfigured, match="B2B"):
        TrytonErp.from_settings(**given, options={"web_shop": "Another"}).health(deadline_s=SECONDS)


def test_items_have_both_languages_packs_and_papers(tryton_sample: TrytonSample) -> None:
    item = tryton_sample.items["TOR-0320-ZN"]
    assert item.texts["en"].name != item.texts["es"].name
    assert item.sales_unit.names == {"en": "Box of 100", "es": "Caja de 100"}
    assert item.sales_unit.factor == 100
    assert item.attributes["material"] == {"en": "Steel", "es": "Acero"}
    assert item.attribute_labels["finish"] == {"en": "Finish", "es": "Acabado"}
    assert item.brand
    paper = tryton_sample.tryton.item_document(item.documents[0].erp_id, deadline_s=SECONDS)
    assert (paper.media_type, paper.content[:4]) == ("application/pdf", b"%PDF")
    picture = tryton_sample.tryton.item_image(item.erp_id, deadline_s=SECONDS)
    assert picture.media_type in {"image/jpeg", "image/png"}


def test_an_attachment_of_anything_but_an_item_does_not_exist(tryton_sample: TrytonSample) -> None:
    values = {"name": "secret.txt", "type": "data", "resource": f"party.party,{tryton_sample.context.customer_erp_id}"}
    attachment = tryton_sample.call("ir.attachment.create", [values])[0]
    with pytest.raises(ErpRejected):
        tryton_sample.tryton.item_document(str(attachment), deadline_s=SECONDS)


def test_goods_on_their_way_are_told_by_day(tryton_sample: TrytonSample) -> None:
    moves = tryton_sample.call(
        "stock.move.search_read",
        [["from_location.type", "=", "supplier"], ["state", "=", "draft"]],
        0,
        None,
        None,
        ["product.code", "planned_date", "quantity"],
    )
    move = moves[0]
    ask = tryton_sample.ask(move["product."]["code"])
    offer = tryton_sample.tryton.offers(tryton_sample.context, [ask], warehouses=True, deadline_s=SECONDS)[0]
    units = tryton_sample.items[ask.sku].sales_unit.factor
    assert r.Expected(Decimal(move["quantity"]) / units, move["planned_date"]) in offer.expected


def test_a_confirmed_order_is_no_longer_available(tryton_sample: TrytonSample) -> None:
    ask = tryton_sample.ask("AMO-0125-DM")

    def available() -> Decimal:
        offer = tryton_sample.tryton.offers(tryton_sample.context, [ask], warehouses=True, deadline_s=SECONDS)[0]
        return sum((s.available for s in offer.stock or ()), Decimal(0))

    before = available()
    order = new_order(tryton_sample.tryton, tryton_sample.context, [ask])
    tryton_sample.tryton.create_order(order, deadline_s=SECONDS)
    assert available() == before - 1


def test_paid_invoices_have_their_payment_and_orders_their_channel(tryton_sample: TrytonSample) -> None:
    page = tryton_sample.tryton.pull("invoices", r.Cursor(), limit=100, deadline_s=SECONDS)
    paid = [i for i in page.records if isinstance(i, r.InvoiceRecord) and i.state == "paid" and i.kind == "invoice"]
    payments: list[r.PaymentRecord] = []
    cursor: r.Cursor | None = r.Cursor()
    while cursor is not None:
        found = tryton_sample.tryton.pull("payments", cursor, limit=500, deadline_s=SECONDS)
        payments.extend(one for one in found.records if isinstance(one, r.PaymentRecord))
        cursor = found.next
    sums: dict[str, Decimal] = {}
    for payment in payments:
        sums[payment.invoice_erp_id] = sums.get(payment.invoice_erp_id, Decimal(0)) + payment.amount
    assert paid
    assert {i.number: sums.get(i.erp_id) for i in paid} == {i.number: i.total for i in paid}
    orders = tryton_sample.tryton.pull("orders", r.Cursor(), limit=200, deadline_s=SECONDS)
    channels = {one.channel_hint for one in orders.records if isinstance(one, r.OrderRecord)}
    assert channels >= {r.Channel.PHONE, r.Channel.EMAIL}
    assert r.Channel.UNKNOWN not in channels
