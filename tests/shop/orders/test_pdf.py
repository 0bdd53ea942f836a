"""The ERP's documents: of one's own orders and invoices only (pdf_foreign)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp_sync import gateway
from erp_sync.errors import ErpUnavailable
from erp_sync.mirror.models import Invoice
from erp_sync.ports import Pdf
from tests.builders import deliveries, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the ERP give a document for whatever it is asked; return what it was asked for."""
    asked: list[str] = []

    def give(erp_id: str, *, may_wait: bool) -> Pdf:
        asked.append(erp_id)
        return Pdf(filename="x.pdf", content=b"%PDF-1.7", media_type="application/pdf")

    monkeypatch.setattr(gateway, "order_pdf", give)
    monkeypatch.setattr(gateway, "invoice_pdf", give)
    return asked


def invoice(customer_erp_id: str) -> Invoice:
    now = timezone.now()
    return Invoice.objects.create(
        erp_id=f"i-{customer_erp_id}", number="INV/26/1", customer_erp_id=customer_erp_id, kind="invoice",
        state="open", invoiced_on=now.date(), due_on=now.date() + dt.timedelta(days=30), currency="EUR",
        untaxed_total=Decimal(10), tax_total=Decimal(2), total=Decimal(12), amount_due=Decimal(12),
        version=now, synced_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["order-pdf", "invoice-pdf"])
def test_a_document_of_another_company_is_not_asked_for(client: Client, papers: list[str], name: str) -> None:
    other = people.sold_to()
    deliveries.order(other, "INV/26/1")
    invoice(other.erp_id)
    address = reverse(name, kwargs={"number": "INV/26/1"})
    people.acting(client)
    assert client.get(address).status_code == 404
    assert papers == []
    # The control: for its own people it is there.
    answer = people.log_in(Client(), people.buyer(other)).get(address)
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert len(papers) == 1


def test_a_document_that_takes_its_time_is_waited_for_on_a_page_that_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = people.acting(client)
    invoice(actor.sold_to.erp_id)
    address = reverse("invoice-pdf", args=["INV/26/1"])
    slow = Pdf(filename="x.pdf", content=b"%PDF-1.7")

    def give(erp_id: str, *, may_wait: bool) -> Pdf:
        if not may_wait:
            raise ErpUnavailable("too slow for a page")
        return slow

    monkeypatch.setattr(gateway, "invoice_pdf", give)
    page = client.get(address)
    assert (page.status_code, page["Refresh"]) == (200, f"0; url={address}?fetch=1")
    assert reverse("invoice-detail", args=["INV/26/1"]) in page.content.decode()
    file = client.get(f"{address}?fetch=1")
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="INV-26-1.pdf"',
    )


def test_a_document_that_never_comes_is_told_once_on_its_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = people.acting(client)
    invoice(actor.sold_to.erp_id)

    def give(erp_id: str, *, may_wait: bool) -> Pdf:
        raise ErpUnavailable("no answer")

    monkeypatch.setattr(gateway, "invoice_pdf", give)
    answer = client.get(reverse("invoice-pdf", args=["INV/26/1"]), {"fetch": "1"})
    assert answer["Location"] == reverse("invoice-detail", args=["INV/26/1"])
    assert "could not be fetched" in client.get(answer["Location"]).content.decode()
