"""The pages of payments and invoices, as a browser sees them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync.mirror.models import Invoice
from shop.payments import providers
from shop.payments.models import FakeCharge, Payment, PaymentState
from tests.builders import invoices, people
from tests.shop.payments.conftest import Hook, Pay

pytestmark = pytest.mark.django_db
S = PaymentState


@pytest.fixture
def page(buyer: Actor, client: Client) -> Client:
    """Return a browser in which the buyer is logged in."""
    return people.log_in(client, buyer)


def typed(*chosen: Invoice, shown: str, **more: str) -> dict[str, object]:
    numbers = [one.number for one in chosen]
    known: dict[str, object] = {"invoice": numbers, "key": str(uuid4()), "shown": shown, "provider": "fake"}
    return {**known, "do": "pay", "credits": "1", **more}


def test_the_page_shows_what_each_invoice_gets_and_the_button_says_the_sum(
    page: Client, open_invoices: list[Invoice]
) -> None:
    answer = page.get("/payments/new/", {"invoice": [one.number for one in open_invoices]})
    text = answer.content.decode()
    assert "Pay 3 invoices" in text
    assert "Pay €351.49" in text
    assert 'value="250.50"' in text


def test_a_payer_goes_to_the_provider_and_comes_back_to_a_received_payment(
    page: Client, open_invoices: list[Invoice]
) -> None:
    answer = page.post("/payments/new/", typed(*open_invoices, shown="351.49"))
    assert answer.status_code == 302
    hosted = answer["Location"]
    assert "No money moves" in page.get(hosted).content.decode()
    answer = page.post(hosted, {"do": "pay"})
    payment = Payment.objects.get()
    assert payment.state == S.CAPTURED
    text = page.get(answer["Location"], follow=True).content.decode()
    assert "we have your payment" in text
    assert open_invoices[1].number in text
    assert payment.reference[-5:] in page.get("/payments/").content.decode()


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        ("twice", S.CAPTURED),
        ("wrong", S.NEEDS_REVIEW),
        ("refuse", S.FAILED),
        ("later", S.PENDING),
        ("leave", S.STARTED),
    ],
)
def test_the_hosted_page_ends_as_it_was_told(
    page: Client, open_invoices: list[Invoice], choice: str, state: str
) -> None:
    hosted = page.post("/payments/new/", typed(open_invoices[0], shown="100.00"))["Location"]
    page.get(page.post(hosted, {"do": choice})["Location"])
    assert Payment.objects.get().state == state


def test_the_hosted_page_is_not_there_where_money_is_real(
    page: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor, settings: Settings
) -> None:
    token = pay(buyer, open_invoices[0]).provider_reference
    settings.PAYMENT_FAKE_ALLOWED = False
    settings.PAYMENTS = {}
    assert page.get(f"/payments/test-provider/{token}/").status_code == 404


def test_the_query_of_the_return_address_is_not_believed(
    page: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor
) -> None:
    payment = pay(buyer, open_invoices[0])
    page.get(
        f"/payments/{payment.reference}/return/", {"status": "approved", "token_ws": "x", "collection_status": "1"}
    )
    payment.refresh_from_db()
    assert payment.state == S.STARTED


def test_another_company_sees_no_payment(client: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor) -> None:
    payment = pay(buyer, open_invoices[0])
    people.acting(client)
    for path in ("", "state/", "go/", "return/"):
        assert client.get(f"/payments/{payment.reference}/{path}").status_code == 404
    assert client.post(f"/payments/{payment.reference}/give-up/").status_code == 404
    assert client.get(f"/payments/test-provider/{payment.provider_reference}/").status_code == 404
    answer = client.post("/payments/new/", typed(open_invoices[1], shown="250.50"))
    assert answer.status_code == 422
    assert Payment.objects.count() == 1


def test_a_rep_in_a_session_finds_every_page_of_payments_shut(
    client: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor
) -> None:
    payment = pay(buyer, open_invoices[0])
    people.log_in(client, people.assisting(buyer.sold_to))
    for path in ("", "new/", f"{payment.reference}/", f"{payment.reference}/go/", f"{payment.reference}/return/"):
        assert client.get(f"/payments/{path}").status_code == 403
    assert client.post("/payments/new/", typed(open_invoices[1], shown="250.50")).status_code == 403
    text = client.get("/invoices/").content.decode()
    assert "Paying stays with the customer" in text
    assert "data-pay-bar" not in text


def test_somebody_who_is_not_logged_in_is_sent_to_the_log_in(client: Client) -> None:
    answer = client.get("/payments/new/")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shown=st.sampled_from(["", "0", "-1", "0.01", "99.99", "NaN", "1e400", "100,00", "9" * 40, "१००", "1e2"]),
    amount=st.sampled_from(["", "0", "-5", "NaN", "1e400", "100.001", "100.01", "9" * 40, "१", "1,5,5", "50", "=1+1"]),
    extra=st.sampled_from(["amount", "total", "price", "currency", "sold_to", "discount", "state", "due", "reference"]),
    provider=st.sampled_from(["fake", "stripe", "", "x" * 500, "bank_transfer"]),
)
def test_nothing_that_a_client_sends_makes_a_price(
    page: Client, buyer: Actor, open_invoices: list[Invoice], shown: str, amount: str, extra: str, provider: str
) -> None:
    """price_tamper for the pay form: what is charged is what is due and wished, or nothing at all."""
    Payment.objects.all().delete()
    FakeCharge.objects.all().delete()
    one = open_invoices[0]
    fields = typed(one, shown=shown, **{f"amount-{one.number}": amount, extra: "0.01", "provider": provider})
    answer = page.post("/payments/new/", fields)
    assert answer.status_code in {302, 409, 422}
    made = Payment.objects.first()
    if made is None:
        return
    wished = Decimal(50) if amount == "50" else Decimal(100)
    assert (made.amount, made.currency, made.sold_to) == (wished, "EUR", buyer.sold_to)
    assert Decimal(shown) == wished


def test_several_currencies_are_refused_in_a_sentence(page: Client, buyer: Actor, open_invoices: list[Invoice]) -> None:
    pesos = invoices.invoice(buyer.sold_to, "90000", currency="CLP")
    text = page.get("/payments/new/", {"invoice": [open_invoices[0].number, pesos.number]}).content.decode()
    assert "several currencies (CLP, EUR)" in text
    answer = page.post("/payments/new/", typed(open_invoices[0], pesos, shown="100"))
    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_a_changed_amount_is_shown_and_confirmed_first(page: Client, open_invoices: list[Invoice]) -> None:
    Invoice.objects.filter(pk=open_invoices[0].pk).update(amount_due=Decimal("60.00"))
    answer = page.post("/payments/new/", typed(open_invoices[0], shown="100.00"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "The amount has changed" in text
    assert "Pay €60.00" in text


def test_all_overdue_ones_are_chosen_with_one_link(page: Client, buyer: Actor, open_invoices: list[Invoice]) -> None:
    late = invoices.invoice(buyer.sold_to, "7.00", due_on=timezone.now().date() - dt.timedelta(days=9))
    text = page.get("/payments/new/?all=overdue").content.decode()
    assert late.number in text
    assert open_invoices[0].number not in text


def test_without_a_provider_that_answers_the_list_says_so_and_offers_nothing(
    page: Client, open_invoices: list[Invoice], settings: Settings
) -> None:
    settings.PAYMENTS = {"fake": settings.PAYMENTS["fake"]}
    assert "data-pay-bar" in page.get("/invoices/").content.decode()
    providers.note_down("fake")
    text = page.get("/invoices/").content.decode()
    assert "does not answer at the moment" in text
    assert "data-pay-bar" not in text


def test_an_invoice_that_is_being_paid_leads_to_its_payment(
    page: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor
) -> None:
    payment = pay(buyer, open_invoices[0])
    text = page.get("/invoices/").content.decode()
    assert f"/payments/{payment.reference}/" in text
    assert f'value="{open_invoices[0].number}"' not in text
    assert f'value="{open_invoices[1].number}"' in text


def test_a_payer_gives_up_and_the_invoice_is_free(
    page: Client, open_invoices: list[Invoice], pay: Pay, buyer: Actor
) -> None:
    payment = pay(buyer, open_invoices[0])
    page.post(f"/payments/{payment.reference}/give-up/")
    payment.refresh_from_db()
    assert payment.state == S.ABANDONED
    assert pay(buyer, open_invoices[0]).state == S.STARTED


def test_a_form_may_lead_to_the_providers_that_are_switched_on_and_nowhere_else(page: Client) -> None:
    policy = page.get("/invoices/")["Content-Security-Policy"]
    assert "form-action 'self';" in policy or policy.endswith("form-action 'self'")


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


def test_pages_cost_the_same_queries_for_two_and_twenty_invoices(page: Client, buyer: Actor) -> None:
    page.get("/invoices/")
    costs: dict[str, list[int]] = {"/invoices/": [], "/payments/new/?all=open": [], "/invoices/statement/": []}
    for more in (2, 18):
        for _one in range(more):
            invoices.invoice(buyer.sold_to, "10.00")
        for path, found in costs.items():
            with counted() as queries:
                assert page.get(path).status_code == 200
            found.append(len(queries))
    assert all(few == many for few, many in costs.values()), costs


def test_the_statement_is_the_same_on_the_page_in_csv_and_as_pdf(
    page: Client, buyer: Actor, open_invoices: list[Invoice]
) -> None:
    note = invoices.invoice(buyer.sold_to, "10.00", kind="credit", customer_references=("=1+1",))
    text = page.get("/invoices/statement/").content.decode()
    assert "Balance €341.49" in text
    answer = page.get("/invoices/statement/?format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert sum(Decimal(row["To pay"]) for row in rows) == Decimal("341.49")
    assert {row["Document"] for row in rows} == {one.number for one in (*open_invoices, note)}
    assert next(row for row in rows if row["Document"] == note.number)["Your PO number"] == "'=1+1"
    pdf = page.get("/invoices/statement/?format=pdf")
    assert pdf.content.startswith(b"%PDF-1.")
    assert pdf["Content-Disposition"].endswith('.pdf"')
    with closing(page.get("/invoices/statement/?format=xlsx")) as sheet:
        assert b"".join(sheet).startswith(b"PK")


def test_the_list_finds_credit_notes_days_and_places(page: Client, buyer: Actor, open_invoices: list[Invoice]) -> None:
    note = invoices.invoice(buyer.sold_to, "10.00", kind="credit")
    old = invoices.invoice(buyer.sold_to, "5.00", invoiced_on=dt.date(2020, 1, 2))

    def numbers(query: str) -> set[str]:
        text = page.get(f"/invoices/?{query}").content.decode()
        return {one.number for one in (*open_invoices, note, old) if f"/invoices/{one.number}/" in text}

    assert numbers("state=credit") == {note.number}
    assert numbers("to_on=2020-12-31") == {old.number}
    assert numbers("from_on=nonsense") == {one.number for one in (*open_invoices, note, old)}
    assert numbers("ship_to=A-of-somebody-else") == {one.number for one in (*open_invoices, note, old)}


def test_no_page_of_payments_is_kept_by_a_browser(page: Client, open_invoices: list[Invoice], hook: Hook) -> None:
    for path in ("/payments/", "/payments/new/", "/invoices/statement/", "/invoices/statement/?format=pdf"):
        assert page.get(path)["Cache-Control"] == "private, no-store"
