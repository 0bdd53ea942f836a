"""The money page: from demand to margin, by channel, and when the shop has paid for itself."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.selectors import company_day
from adoption.books import rollups
from adoption.books.rollups import Frame
from adoption.books.sums import SalesDay
from adoption.facts import book
from adoption.metrics.facts import Period
from adoption.metrics.finance import finance
from adoption.plans.models import Cost
from erp_sync import records as r
from erp_sync.mirror.models import Invoice, InvoiceLine, OrderLine
from tests.adoption.reports.test_report import erp_order, submitted
from tests.builders import invoices, people

pytestmark = pytest.mark.django_db
PAGE = "admin:adoption_section"
LESS = Decimal("3.75")


def billed(order_erp_id: str, customer: str, *, net: str, cost: str | None) -> None:
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    invoice = Invoice.objects.create(
        erp_id=f"i{order_erp_id}",
        version=timezone.now(),
        synced_at=timezone.now(),
        number=f"F{order_erp_id}",
        customer_erp_id=customer,
        kind="invoice",
        state="open",
        invoiced_on=yesterday,
        currency="EUR",
        untaxed_total=Decimal(net),
        tax_total=Decimal(0),
        total=Decimal(net),
        amount_due=Decimal(net),
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        line_no=1,
        erp_id=f"il{order_erp_id}",
        sku="A",
        quantity=Decimal(1),
        net_price=Decimal(net),
        amount=Decimal(net),
        list_price=Decimal(net),
        unit_cost=None if cost is None else Decimal(cost),
        order_erp_id=order_erp_id,
    )


def page(client: Client, **asked: str) -> str:
    client.force_login(people.manager())
    return client.get(reverse(PAGE, kwargs={"section": "money"}), {"period": "last_12", **asked}).content.decode()


def test_margin_is_net_less_cost(client: Client) -> None:
    company = people.sold_to()
    order = erp_order(company, hint="phone")
    billed(order.erp_id, company.erp_id, net="100", cost="60")
    assert "€40.00" in page(client)


def test_without_cost_there_is_no_margin_and_it_says_so(client: Client) -> None:
    company = people.sold_to()
    order = erp_order(company, hint="phone")
    billed(order.erp_id, company.erp_id, net="100", cost=None)
    shown = page(client)
    assert "hidden rather than guessed" in shown
    assert "Gross margin share" not in shown


def test_break_even_counts_the_orders_that_pay_for_the_shop(client: Client) -> None:
    company = people.sold_to()
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1")
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    Cost.objects.create(occurred_on=yesterday, channel="web_self", kind="licence", amount=Decimal(100), currency="EUR")
    shown = page(client, offline_cost="12,00", online_cost="2")
    row = shown.split("Self-service orders that pay for it")[1][:400]
    assert ">10<" in row
    assert "-" not in shown.split("Still missing")[1].split("<td")[1].split(">")[1][:2]


@pytest.mark.parametrize("cost", ["x", "-1", "1e400", "NaN"])
def test_costs_that_make_no_sense_are_refused_in_a_sentence(client: Client, cost: str) -> None:
    shown = page(client, offline_cost=cost, online_cost="2")
    assert "Nothing was calculated" in shown
    assert "When the shop has paid for itself" not in shown


def test_billed_goods_without_a_cost_have_that_of_their_order_line(client: Client) -> None:
    company = people.sold_to()
    order = erp_order(company, hint="phone")
    billed(order.erp_id, company.erp_id, net="100", cost=None)
    OrderLine.objects.filter(order=order).update(unit_cost=Decimal(70))
    InvoiceLine.objects.update(order_line_erp_id=OrderLine.objects.get(order=order).erp_id)
    assert "€30.00" in page(client)


def test_what_an_offer_took_off_stands_under_discounts_whatever_the_erp_calls_its_list_price(client: Client) -> None:
    company, now = people.sold_to(), timezone.now()
    day = company_day(now) - dt.timedelta(days=1)
    line = partial(r.InvoiceLineRecord, sku="A", unit="u", order_erp_id="", unit_cost=None, quantity=Decimal(1))
    lines = (
        line(1, "l1", description="Bolt", net_price=Decimal(60), amount=Decimal(60)),
        line(2, "l2", description="Autumn", net_price=-LESS, amount=-LESS, item_type="discount"),
    )
    invoices.invoice(company, 60 - LESS, invoiced_on=day, lines=lines)
    told = finance(book(as_of=now), Period(day, day)).sales
    assert (told.gross, told.discounts, told.net) == (60, LESS, 60 - LESS)
    rollups.refresh(frame=Frame.at(now), days=[day])
    added = SalesDay.objects.get(account_id=company.erp_id)
    assert (added.gross, added.discounts) == (60, LESS)
    shown = page(client)
    assert all(words in shown for words in ("€60.00", "€3.75", "€56.25"))
