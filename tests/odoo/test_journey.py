"""The shop on a real Odoo: mirror, price, basket, order, once, seen again, the invoice's paper."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Eligibility, SoldTo
from accounts.selectors import price_context
from erp_sync import adapters, gateway
from erp_sync import records as r
from erp_sync.faults import LineFault, broken_line
from erp_sync.mirror import sync
from erp_sync.mirror.models import Customer, Invoice, Item, Order
from erp_sync.outbox import exporter
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.ports import MIRRORED
from shop.carts import services as carts
from shop.orders.checkout import checkout
from shop.orders.services import CheckoutData
from tests.builders import people
from tests.builders.orders import place_order
from tests.erp_sync.adapters.odoo_sample import SECONDS, OdooAt, expected_price
from tests.odoo import wholesaler as w

pytestmark = [pytest.mark.odoo, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _shop_on_odoo(odoo: OdooAt, settings: Any) -> Iterator[None]:
    """Name Odoo in the settings: choosing the adapter is one of them."""
    settings.ERP_ADAPTER = "erp_sync.adapters.odoo.adapter.OdooErp"
    settings.ERP_URL, settings.ERP_DATABASE = odoo.url, odoo.database
    settings.ERP_USER, settings.ERP_PASSWORD, settings.ERP_OPTIONS = "webshop", odoo.keys["webshop"], {}
    # The machine runs tests, not a shop: a page may wait longer.
    settings.ERP_LIMITS = {"page_deadline_s": 10.0, "totals_deadline_s": 10.0, "document_deadline_s": 60.0}
    gateway.forget()
    yield
    gateway.forget()


@pytest.fixture
def buyer() -> Actor:
    """Pull everything, and return a buyer of a customer that Odoo has."""
    for progress in sync.pull_all(now=timezone.now()):
        assert progress.error is None, f"{progress.kind}: {progress.error}"
        assert not progress.quarantined, progress.kind
    customer = Customer.objects.get(number="C0002")
    company = SoldTo.objects.create(erp_id=customer.erp_id, number=customer.number, name=customer.name)
    Eligibility.objects.create(sold_to=company, from_on=timezone.now().date() - dt.timedelta(days=30))
    return people.buyer(company)


def _placed(actor: Actor, *lines: tuple[str, int]) -> str:
    for sku, quantity in lines:
        carts.add_line(actor=actor, sku=sku, quantity=Decimal(quantity), language="en", now=timezone.now())
    current = checkout(actor=actor, now=timezone.now())
    data = CheckoutData(current.places[0].erp_id, "PO-77", None, "Gate 3", str(current.fingerprint))
    return place_order(actor=actor, key=uuid.uuid4(), data=data, now=timezone.now()).reference


def test_a_buyer_sees_his_price_orders_once_finds_the_order_and_the_paper(buyer: Actor, client: Client) -> None:
    people.log_in(client, buyer)
    page = client.get(reverse("item-detail", args=["MAR-0500-FV"]), {"wait": "1"}).content.decode()
    assert "Claw hammer 500 g" in page
    offer = adapters.load().offers(*_question(buyer, "MAR-0500-FV", 10), deadline_s=SECONDS)[0]
    assert offer.net_price == expected_price(w.BREAKS, "MAR-0500-FV", 10)

    reference = _placed(buyer, ("MAR-0500-FV", 10), ("TOR-0440-ZN", 200))
    # The answer to the order is lost; the next try finds it instead of writing it again.
    with broken_line(LineFault.LOST, step=5) as line:
        exporter.export_due(now=timezone.now())
    assert line.struck
    for later in (5, 40):
        exporter.export_due(now=timezone.now() + dt.timedelta(minutes=later))
    row = OutboxRow.objects.get(reference=reference)
    assert row.state == OutboxState.DONE
    found = adapters.load().find_order(reference, deadline_s=SECONDS)
    assert [(one.state, one.number) for one in found] == [("confirmed", row.erp_number)]

    sync.pull_all(kinds=MIRRORED, now=timezone.now())
    order = Order.objects.get(web_reference=reference)
    assert (order.number, order.channel_hint, order.total) == (row.erp_number, "shop", found[0].totals.total)
    listed = client.get(reverse("order-list")).content.decode()
    assert order.number in listed

    invoice = Invoice.objects.filter(customer_erp_id=buyer.sold_to.erp_id).first()
    assert invoice is not None
    paper = client.get(reverse("invoice-pdf", args=[invoice.number]))
    assert paper.status_code == 200
    assert paper.getvalue().startswith(b"%PDF")


def _question(actor: Actor, sku: str, quantity: int) -> tuple[r.PriceContext, list[r.Ask]]:
    return price_context(sold_to=actor.sold_to), [r.Ask(sku, Item.objects.get(sku=sku).erp_id, Decimal(quantity))]
