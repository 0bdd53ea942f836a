"""Open invoices for tests: in the fake ERP and in the mirror, as after a pull."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import SoldTo
from accounts.selectors import company_day
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.mirror.models import Invoice, SyncState
from erp_sync.mirror.writing import write
from erp_sync.outbox import exporter

_numbers = itertools.count(1)


def invoice(company: SoldTo, due: str | Decimal = "100.00", *, kind: str = "invoice", **facts: Any) -> Invoice:
    """Return an open invoice (or credit note); `facts` are further fields of InvoiceRecord."""
    number, today = next(_numbers), company_day(timezone.now())
    amount = Decimal(due)
    known: dict[str, Any] = {
        "erp_id": f"inv-{number:05}",
        "version": timezone.now(),
        "number": f"F{number:05}",
        "customer_erp_id": company.erp_id,
        "kind": kind,
        "state": "open",
        "invoiced_on": today - dt.timedelta(days=20),
        "due_on": today + dt.timedelta(days=10),
        "currency": "EUR",
        "untaxed_total": amount,
        "tax_total": Decimal(0),
        "total": amount,
        "amount_due": amount,
    }
    record = r.InvoiceRecord(**(known | facts))
    fake.shared().put("invoices", record)
    with transaction.atomic():
        write("invoices", [record], now=timezone.now())
    return Invoice.objects.get(erp_id=record.erp_id)


def pull() -> None:
    """Let the mirror show the fake ERP's invoices and payments as they are now."""
    now = timezone.now()
    for kind in ("invoices", "payments"):
        records = list(fake.shared().book.records[kind].values())
        with transaction.atomic():
            write(kind, records, now=now)
        SyncState.objects.update_or_create(kind=kind, defaults={"last_success_at": now})


def export() -> None:
    """Let the outbox write to the fake ERP what waits."""
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
