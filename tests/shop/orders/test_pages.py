"""Pages of orders: all channels, one company only, a fixed number of queries."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SoldTo
from adoption.events.models import Event
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Delivery, DeliveryLine, Invoice, InvoiceLine, Order, OrderLine
from erp_sync.outbox.models import OutboxRow
from erp_sync.records import PackUnit
from shop.carts.models import CartLine
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def phoned(company: SoldTo, number: str, *lines: tuple[str, str, str], days: int = 10) -> Order:
    """Return an order of the phone channel with (sku, quantity, net price) lines."""
    order = Order.objects.create(
        erp_id=f"erp-{number}",
        version=timezone.now(),
        synced_at=timezone.now(),
        number=number,
        customer_erp_id=company.erp_id,
        status="open",
        step="confirmed",
        placed_at=timezone.now() - dt.timedelta(days=days),
        currency="EUR",
        channel_hint="phone",
        total=Decimal("121.00"),
    )
    for position, (sku, quantity, price) in enumerate(lines, start=1):
        OrderLine.objects.create(
            order=order,
            erp_id=f"{number}-{position}",
            line_no=position,
            sku=sku,
            quantity=Decimal(quantity),
            net_price=Decimal(price),
        )
    return order


def test_phoned_order_is_in_the_list_with_its_channel(client: Client) -> None:
    actor = people.acting(client)
    phoned(actor.sold_to, "S-1", ("A-1", "2", "10"))
    page = client.get(reverse("order-list")).content.decode()
    assert "S-1" in page
    assert "Phone" in page


def test_what_the_erp_keeps_to_take_goods_back_is_no_order(client: Client) -> None:
    actor = people.acting(client)
    back = phoned(actor.sold_to, "S-7001", ("A-1", "-2", "10"))
    Order.objects.filter(pk=back.pk).update(is_return=True, allowed=["customer_reference", "cancel"], total=-20)
    page = client.get(reverse("order-list")).content.decode()
    assert "S-7001" not in page
    page = client.get(reverse("order-detail", args=["S-7001"])).content.decode()
    assert "Return S-7001" in page
    assert "\N{MINUS SIGN}2" in page
    for path in ("order-change", "order-cancel", "order-reorder"):
        url = reverse(path, args=["S-7001"])
        assert url not in page
        client.post(url, {"customer_reference": "X", "take-1": "on", "quantity-1": "2"})
    assert not OutboxRow.objects.exists()
    assert not CartLine.objects.exists()
    assert not Event.objects.filter(kind="order_tracked").exists()


def test_foreign_and_missing_order_look_the_same(client: Client) -> None:
    people.acting(client)
    phoned(people.sold_to(), "S-9", ("A-1", "2", "10"))
    answers = [client.get(reverse("order-detail", kwargs={"number": number})) for number in ("S-9", "S-0")]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [re.sub(r"[A-Za-z0-9]{64}", "token", answer.content.decode()) for answer in answers]
    assert bodies[0].replace("S-9", "S-0") == bodies[1]


def test_opening_an_order_is_tracking_and_the_list_is_not(client: Client) -> None:
    actor = people.acting(client)
    order = phoned(actor.sold_to, "S-1", ("A-1", "2", "10"))
    client.get(reverse("order-list"))
    assert not Event.objects.filter(kind="order_tracked").exists()
    client.get(reverse("order-detail", kwargs={"number": "S-1"}))
    event = Event.objects.get(kind="order_tracked")
    assert (event.object_id, event.actor) == (order.erp_id, "buyer")


def test_partial_delivery_shows_what_is_still_to_come(client: Client) -> None:
    actor = people.acting(client)
    order = phoned(actor.sold_to, "S-1", ("A-1", "12", "10"))
    OrderLine.objects.filter(order=order).update(quantity_delivered=8)
    Order.objects.filter(pk=order.pk).update(step="shipped")
    delivery = Delivery.objects.create(
        erp_id="d1",
        version=timezone.now(),
        synced_at=timezone.now(),
        number="A-77",
        customer_erp_id=actor.sold_to.erp_id,
        state="shipped",
        shipped_on=dt.date(2026, 3, 2),
        tracking_number="TRK-123",
    )
    DeliveryLine.objects.create(delivery=delivery, order_erp_id=order.erp_id, sku="A-1", quantity=Decimal(8))
    page = client.get(reverse("order-detail", kwargs={"number": "S-1"})).content.decode()
    assert "8 of 12 shipped" in page
    assert "TRK-123" in page
    assert "1 line is still to come." in page


def test_a_line_shows_the_readers_word_for_the_erps_unit(client: Client) -> None:
    box = PackUnit(code="box 100", names={"en": "Box of 100", "es": "Caja de 100"})
    catalogue.item("A-1", sales_unit=box)
    actor = people.acting(client)
    order = phoned(actor.sold_to, "S-1", ("A-1", "2", "10"))
    OrderLine.objects.filter(order=order).update(unit="box 100", item_type="goods")
    address = reverse("order-detail", kwargs={"number": "S-1"})
    for language, words in (("es", "Caja de 100"), ("en", "Box of 100")):
        page = client.get(address, headers={"accept-language": language}).content.decode()
        assert words in page
        assert "box 100<" not in page


def test_an_order_without_a_number_is_called_by_the_end_of_its_key(client: Client, erp: FakeErp) -> None:
    actor = people.acting(client)
    key = f"WEB-01M7YXYGZGP2M2B1X{'Y' * 4}9QKSN"
    row = phoned(actor.sold_to, "", ("A-1", "2", "10"))
    Order.objects.filter(pk=row.pk).update(web_reference=key)
    page = client.get(reverse("order-list")).content.decode()
    assert ">WEB-…9QKSN<" in page
    assert f">{key}<" not in page
    page = client.get(reverse("order-detail", kwargs={"number": key})).content.decode()
    assert "Order WEB-…9QKSN" in page


def test_an_order_that_a_program_wrote_names_no_person(client: Client) -> None:
    actor = people.acting(client)
    order = phoned(actor.sold_to, "S-1", ("A-1", "2", "10"))
    address = reverse("order-detail", kwargs={"number": "S-1"})
    Order.objects.filter(pk=order.pk).update(placed_by="Pilar Soto")
    assert "Pilar Soto" in client.get(address).content.decode()
    Order.objects.filter(pk=order.pk).update(placed_by="Web shop integration", channel_hint="shop")
    assert "Web shop integration" not in client.get(address).content.decode()


def test_reorder_says_line_by_line_what_changed(client: Client, erp: FakeErp) -> None:
    actor = people.acting(client)
    catalogue.item("SAME", price="10")
    catalogue.item("DEARER", price="11")
    catalogue.item("OLD", price="5", is_active=False, replaced_by="NEW")
    catalogue.item("NEW", price="5")
    catalogue.item("PACK", price="1", multiple=Decimal(12))
    catalogue.item("NONE", price="3", stock=0)
    lines = [("SAME", "1", "10"), ("DEARER", "1", "10"), ("OLD", "1", "5"), ("PACK", "5", "1"), ("NONE", "1", "3")]
    phoned(actor.sold_to, "S-1", *lines, ("GONE", "1", "7"))
    page = client.get(reverse("order-reorder", kwargs={"number": "S-1"})).content.decode()
    for words in (
        "same as then",
        "price +10",
        "replaced by NEW",
        "the pack is now 12",
        "not available now",
        "not in your range any more",
    ):
        assert words in page, words
    assert erp.book.calls.count("offers") == 1


def test_only_ticked_lines_go_into_the_basket_with_their_replacement(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("SAME", price="10")
    catalogue.item("OLD", price="5", is_active=False, replaced_by="NEW")
    catalogue.item("NEW", price="5")
    phoned(actor.sold_to, "S-1", ("SAME", "1", "10"), ("OLD", "4", "5"))
    address = reverse("order-reorder", kwargs={"number": "S-1"})
    answer = client.post(address, {"take-2": "1", "quantity-1": "1", "quantity-2": "4", "price-2": "0.01"})
    assert answer.status_code == 302
    assert [(line.sku, line.quantity, line.seen_price) for line in CartLine.objects.all()] == [("NEW", 4, 5)]
    assert Event.objects.filter(kind="reorder_clicked").count() == 1


def test_bad_quantity_in_a_reorder_loses_no_good_line(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A", price="10")
    catalogue.item("B", price="10", multiple=Decimal(10))
    phoned(actor.sold_to, "S-1", ("A", "1", "10"), ("B", "10", "10"))
    address = reverse("order-reorder", kwargs={"number": "S-1"})
    answer = client.post(address, {"take-1": "1", "take-2": "1", "quantity-1": "3", "quantity-2": "25"})
    assert answer.status_code == 422
    assert "enter 20 or 30" in answer.content.decode()
    assert 'value="25"' in answer.content.decode()
    assert [(line.sku, line.quantity) for line in CartLine.objects.all()] == [("A", 3)]


def test_reorder_counts_again_what_is_ticked_and_typed_and_takes_nothing(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A", price="10")
    catalogue.item("B", price="7")
    catalogue.item("C", price="3", multiple=Decimal(10))
    phoned(actor.sold_to, "S-1", ("A", "1", "9"), ("B", "1", "7"), ("C", "10", "3"))
    typed = {"do": "count", "take-1": "1", "quantity-1": "4", "quantity-2": "1", "take-3": "1", "quantity-3": "15"}
    page = client.post(reverse("order-reorder", kwargs={"number": "S-1"}), typed).content.decode()
    figures = re.findall(r'<span class="figure nowrap">([^<]*)</span>', page)
    assert figures == ["€36.00", "€40.00", "€40.00", "\u2013"]
    assert ('id="amount-1"' in page, 'id="amount-2"' in page, 'id="amount-3"' in page) == (True, False, True)
    assert (CartLine.objects.count(), Event.objects.filter(kind="reorder_clicked").count()) == (0, 0)


def test_reorder_above_the_most_is_a_sentence_and_changes_nothing(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A", price="10")
    phoned(actor.sold_to, "S-1", ("A", "1", "10"))
    address = reverse("order-reorder", kwargs={"number": "S-1"})
    client.post(address, {"take-1": "1", "quantity-1": "999999"})
    answer = client.post(address, {"take-1": "1", "quantity-1": "999999"})
    assert "The most you can order in one line is 999,999." in answer.content.decode()
    assert [line.quantity for line in CartLine.objects.all()] == [999999]


def test_reorder_of_a_foreign_order_is_not_found(client: Client) -> None:
    people.acting(client)
    phoned(people.sold_to(), "S-9", ("A", "1", "10"))
    assert client.post(reverse("order-reorder", kwargs={"number": "S-9"}), {"take-1": "1"}).status_code == 404
    assert not CartLine.objects.exists()


def test_list_costs_the_same_for_one_and_for_many(client: Client, django_assert_max_num_queries: object) -> None:
    actor = people.acting(client)
    for number in range(30):
        phoned(actor.sold_to, f"S-{number}", ("A", "1", "10"), ("B", "1", "10"))
    client.get(reverse("order-list"))
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get(reverse("order-list"))


def test_an_order_shipped_in_part_is_open_until_the_rest_has_come(client: Client) -> None:
    actor = people.acting(client)
    for number, came in (("S-PART", 1), ("S-WHOLE", 2)):
        order = phoned(actor.sold_to, number, ("A", "2", "10"))
        Order.objects.filter(pk=order.pk).update(step="shipped")
        order.lines.update(quantity_delivered=came)
    seen = {
        state: [
            number in client.get(reverse("order-list"), {"state": state}).content.decode()
            for number in ("S-PART", "S-WHOLE")
        ]
        for state in ("open", "completed")
    }
    assert seen == {"open": [True, False], "completed": [False, True]}
    assert "Partly shipped" in client.get(reverse("order-list"), {"q": "S-PART"}).content.decode()


def test_an_order_is_found_by_what_its_item_is_called_in_the_readers_language(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("GUA-1", "Work glove", name_es="Guante de trabajo")
    phoned(actor.sold_to, "S-GLOVE", ("GUA-1", "1", "10"))
    phoned(actor.sold_to, "S-OTHER", ("A", "1", "10"))
    phoned(people.sold_to(), "S-FOREIGN", ("GUA-1", "1", "10"))
    page = client.get(reverse("order-list"), {"q": "guantes"}).content.decode()
    assert ["S-GLOVE" in page, "S-OTHER" in page, "S-FOREIGN" in page] == [True, False, False]


def test_old_invoice_of_a_phoned_order_is_found_by_its_item(client: Client) -> None:
    actor = people.acting(client)
    invoice = Invoice.objects.create(
        erp_id="i1",
        version=timezone.now(),
        synced_at=timezone.now(),
        number="FV-2025-1",
        customer_erp_id=actor.sold_to.erp_id,
        kind="invoice",
        state="open",
        invoiced_on=dt.date(2025, 3, 2),
        due_on=dt.date(2025, 4, 2),
        currency="EUR",
        untaxed_total=100,
        tax_total=21,
        total=121,
        amount_due=121,
    )
    InvoiceLine.objects.create(
        invoice=invoice, erp_id="il", line_no=1, sku="VAL-7", quantity=1, net_price=100, amount=100
    )
    catalogue.item("VAL-7", "Valve", name_es="Válvula de bola")
    assert "FV-2025-1" in client.get(reverse("invoice-list"), {"q": "valvulas"}).content.decode()
    Event.objects.all().delete()
    assert "FV-2025-1" in client.get(reverse("invoice-list"), {"q": "VAL-7"}).content.decode()
    assert "FV-2025-1" not in client.get(reverse("invoice-list"), {"state": "paid"}).content.decode()
    assert Event.objects.get(kind="invoice_searched").props["query"] == "VAL-7"
    assert client.get(reverse("invoice-detail", kwargs={"number": "FV-2025-1"})).status_code == 200
