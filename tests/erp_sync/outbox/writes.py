"""Every kind of write but orders, ready to be queued, with what it needs in the fake ERP."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.outbox import services
from erp_sync.outbox.models import OutboxRow

NOW = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
ORDER = "WEB-OLD"


def quote_lines(price: str = "1.9000") -> tuple[r.NewQuoteLine, ...]:
    return (r.NewQuoteLine(1, "BOLT", "item-BOLT", Decimal("100.0000"), Decimal(price)),)


def furnish(erp: FakeErp) -> None:
    """Give the ERP a request, an offer, an open invoice, a payment and an order that was partly delivered."""
    erp.write(r.NewQuote("RFQ-OLD", "c1", "", "EUR", quote_lines()), deadline_s=1)
    erp.write(r.NewQuote("RFQ-OFFER", "c1", "", "EUR", quote_lines()), deadline_s=1)
    offer = r.QuoteAnswer("RFQ-OFFER-V1", "RFQ-OFFER", "", "c1", "", "EUR", quote_lines("1.5000"), TODAY)
    erp.write(offer, deadline_s=1)
    erp.put("invoices", invoice("i1", "500.00"))
    erp.put("invoices", invoice("i2", "500.00"))
    paid = r.NewPayment("PAY-OLD", "c1", "EUR", Decimal(50), TODAY, allocations=(r.Allocation("i2", Decimal(50)),))
    erp.write(paid, deadline_s=1)
    line = r.NewOrderLine(1, "BOLT", "item-BOLT", Decimal(10), Decimal("2.0000"))
    made = erp.create_order(r.NewOrder(ORDER, "c1", "", "EUR", (line,)), deadline_s=1)
    order: r.OrderRecord = erp.book.records["orders"][made.erp_id]
    lines = (replace(order.lines[0], erp_id="line-1", quantity_delivered=Decimal(4)),)
    erp.put("orders", replace(order, lines=lines))


def invoice(erp_id: str, due: str) -> r.InvoiceRecord:
    total = Decimal(due)
    return r.InvoiceRecord(
        erp_id=erp_id,
        version=NOW,
        number=f"F-{erp_id}",
        customer_erp_id="c1",
        kind="invoice",
        state="open",
        invoiced_on=TODAY,
        currency="EUR",
        untaxed_total=total,
        tax_total=Decimal(0),
        total=total,
        amount_due=total,
    )


def write_of(kind: str, erp: FakeErp) -> Any:
    """Return a write of this kind that the furnished ERP takes."""
    order_erp_id = erp.orders_of(ORDER)[0].erp_id
    shares = (r.Allocation("i1", Decimal("100.00")), r.Allocation("i2", Decimal("20.50")))
    return {
        "quote": r.NewQuote("RFQ-1", "c1", "", "EUR", (*quote_lines(), _text_line()), note="Please by noon."),
        "quote_answer": r.QuoteAnswer(
            "RFQ-OLD-V1", "RFQ-OLD", "", "c1", "", "EUR", quote_lines("1.7500"), TODAY, terms="ex works"
        ),
        "quote_accept": r.QuoteAcceptance("WEB-Q", "RFQ-OFFER", "", "c1", "EUR", quote_lines("1.5000")),
        "quote_decline": r.QuoteDecline("RFQ-OLD-NO", "RFQ-OLD", "", "too dear"),
        "return": r.NewReturn("RET-1", "c1", order_erp_id, "line-1", "item-BOLT", Decimal(2), "u", "damaged"),
        "payment": r.NewPayment("PAY-1", "c1", "EUR", Decimal("120.50"), TODAY, allocations=shares),
        "payment_reversal": r.PaymentReversal("PAY-OLD-R", "PAY-OLD", "c1", "EUR", Decimal(50), TODAY),
        "cancel": r.Cancellation("CAN-1", order_erp_id, ORDER, "c1", "ordered twice"),
        "order_change": r.OrderChange("CHG-1", order_erp_id, ORDER, "c1", requested_on=TODAY, cancel_lines=("line-1",)),
    }[kind]


def _text_line() -> r.NewQuoteLine:
    return r.NewQuoteLine(2, "", "", Decimal(3), Decimal(0), "special bracket")


def queue(kind: str, write: Any, *, now: dt.datetime) -> OutboxRow:
    """Queue a write by the service of its kind."""
    calls: dict[str, tuple[Callable[..., OutboxRow], str]] = {
        "quote": (services.queue_quote, "quote"),
        "quote_answer": (services.queue_quote_answer, "answer"),
        "quote_accept": (services.queue_quote_acceptance, "acceptance"),
        "quote_decline": (services.queue_quote_decline, "decline"),
        "return": (services.queue_return, "new"),
        "payment": (services.queue_payment, "payment"),
        "payment_reversal": (services.queue_payment_reversal, "reversal"),
        "cancel": (services.queue_cancellation, "cancellation"),
        "order_change": (services.queue_order_change, "change"),
    }
    call, argument = calls[kind]
    return call(**{argument: write}, now=now)
