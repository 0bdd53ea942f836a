"""What is asked about invoices and payments; part of benchmarks.documents_bench."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

from benchmarks.in_process import TIMES, ok, timed

AT_ONCE = 20
# Of so many invoices one is open.
OPEN_EACH = 10


def rows(own: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Make a company of so many invoices among others', and measure every question."""
    browser, numbers = _world(own)
    yield from _asked(browser, numbers, own)


def _world(own: int) -> tuple[Any, list[str]]:
    """Make the company, its buyer and the invoices; return the buyer's browser and open numbers."""
    from django.test import Client

    from tests.builders import people

    buyer, other = people.buyer(), people.sold_to()
    _invoices(buyer.sold_to.erp_id, "A", own)
    _invoices(other.erp_id, "B", 2 * own)
    return people.log_in(Client(), buyer), [f"A{number:06}" for number in range(0, own, OPEN_EACH)]


def _invoices(customer: str, letter: str, count: int) -> None:
    """Write invoices with a line each; one in ten is open."""
    from django.utils import timezone

    from erp_sync.mirror.models import Invoice, InvoiceLine

    now, today = timezone.now(), timezone.now().date()
    rows = [
        Invoice(
            erp_id=f"{letter}{number}", version=now, synced_at=now, number=f"{letter}{number:06}", kind="invoice",
            customer_erp_id=customer, state="open" if number % OPEN_EACH == 0 else "paid", currency="EUR",
            invoiced_on=today - dt.timedelta(days=number % 700), due_on=today - dt.timedelta(days=number % 90 - 45),
            untaxed_total=100, tax_total=21, total=121, amount_due=121 if number % OPEN_EACH == 0 else 0,
            order_numbers=[f"SO{number:06}"], customer_references=[f"PO-{number:06}"],
        )
        for number in range(count)
    ]  # fmt: skip
    made = Invoice.objects.bulk_create(rows, batch_size=2_000)
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=one, erp_id=f"l{one.erp_id}", line_no=1, sku=f"SKU-{at % 500:04}", description="Hex bolt M8",
                quantity=1, net_price=100, amount=100,
            )
            for at, one in enumerate(made)
        ),
        batch_size=2_000,
    )  # fmt: skip
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _asked(browser: Any, numbers: list[str], own: int) -> Iterator[tuple[str, dict[str, float]]]:
    left = iter(numbers)

    def get(path: str) -> Callable[[], object]:
        return lambda: ok(browser.get(path))

    def pay() -> object:
        chosen = [next(left) for _one in range(AT_ONCE)]
        fields = {"invoice": chosen, "key": str(uuid4()), "shown": str(Decimal(121) * AT_ONCE), "provider": "fake"}
        answer = browser.post("/payments/new/", fields | {"do": "pay", "credits": "1"})
        return ok(browser.post(answer["Location"], {"do": "pay"}))

    last, few = max(own // 25, 1), f"{own // 2 + 1:06}"
    questions = {
        f"list of {own:,} invoices": "/invoices/",
        "its last page": f"/invoices/?page={last}",
        "open invoices": "/invoices/?state=open",
        "invoices by number": f"/invoices/?q=A{few}",
        "invoices by PO": f"/invoices/?q=PO-{few}",
        "invoices by item": "/invoices/?q=SKU-0321",
        f"statement of {len(numbers):,} open invoices": "/invoices/statement/",
        f"check {AT_ONCE} invoices before paying": "/payments/new/?"
        + "&".join(f"invoice={one}" for one in numbers[-AT_ONCE:]),
    }
    for name, path in questions.items():
        yield name, timed(get(path))
    times = min(TIMES, len(numbers) // AT_ONCE - 2)
    yield f"pay {AT_ONCE} invoices: reserve, start, message, capture, queue", timed(pay, times=times)
