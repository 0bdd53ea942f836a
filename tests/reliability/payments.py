"""Payments and acceptances of quotes in the outbox, and how often each is in the ERP."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from erp_sync import records as r
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox import services

LINES = (r.NewQuoteLine(1, "BOLT", "item-BOLT", Decimal(10), Decimal("1.8500")),)


def queue_payments(server: FakeServer, count: int) -> list[str]:
    """Queue payments of 10 on invoices of 1,000, so that a second one would go unnoticed by the ERP."""
    references = [f"PAY-{number:04}" for number in range(count)]
    for number, reference in enumerate(references):
        server.erp.put("invoices", _invoice(f"i{number}"))
        payment = r.NewPayment(
            reference,
            "c1",
            "EUR",
            Decimal(10),
            timezone.now().date(),
            allocations=(r.Allocation(f"i{number}", Decimal(10)),),
        )
        with transaction.atomic():
            services.queue_payment(payment=payment, now=timezone.now())
    return references


def queue_acceptances(server: FakeServer, count: int) -> list[str]:
    """Queue acceptances of quotes that the ERP has; return the references of the orders to come."""
    references = [f"WEB-Q{number:04}" for number in range(count)]
    for number, reference in enumerate(references):
        quote = f"RFQ-{number:04}"
        server.erp.write(r.NewQuote(quote, "c1", "", "EUR", LINES), deadline_s=5)
        with transaction.atomic():
            services.queue_quote_acceptance(
                acceptance=r.QuoteAcceptance(reference, quote, "", "c1", "EUR", LINES), now=timezone.now()
            )
    return references


def payments_in(server: FakeServer) -> Counter[str]:
    """Return how often each payment is in the ERP, late ones included."""
    server.erp.settle()
    return Counter(one.reference for one in list(server.erp.book.records["payments"].values()))


def _invoice(erp_id: str) -> r.InvoiceRecord:
    now = dt.datetime.now(dt.UTC)
    total = Decimal("1000.00")
    return r.InvoiceRecord(
        erp_id=erp_id,
        version=now,
        number=f"F-{erp_id}",
        customer_erp_id="c1",
        kind="invoice",
        state="open",
        invoiced_on=now.date(),
        currency="EUR",
        untaxed_total=total,
        tax_total=Decimal(0),
        total=total,
        amount_due=total,
    )
