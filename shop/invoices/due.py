"""Tells companies what falls due soon, what is late, and which credit notes are new: each once."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from accounts.models import SoldTo
from accounts.signals import announce
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Invoice
from shop.invoices.selectors import company_today
from shop.money.formats import company_zone
from shop.signals import Told, shop_told

SOON = dt.timedelta(days=3)
# So many days late it is told; a step missed by more than GRACE (the shop is new, or was off) is not told any more.
STEPS = (1, 7, 30)
GRACE = 6


def tell_due(*, now: dt.datetime) -> int:
    """Tell what is due within three days and what is one, seven or thirty days late; return how many were told.

    Running twice tells nothing twice: each step of an invoice has its own key.
    """
    today = company_today(now)
    companies = {one.erp_id: one for one in SoldTo.objects.filter(is_active=True)}
    latest = today - dt.timedelta(days=max(STEPS) + GRACE)
    told = 0
    for invoice in mirror.due_between(first=latest, last=today + SOON):
        company = companies.get(invoice.customer_erp_id)
        what = _what(invoice, today)
        if company is not None and what:
            _tell(invoice, company, what, now)
            told += 1
    return told


def tell_credit_notes(*, now: dt.datetime) -> int:
    """Tell the credit notes of the last days; return how many were told. Running twice tells nothing twice."""
    today = company_today(now)
    companies = {one.erp_id: one for one in SoldTo.objects.filter(is_active=True)}
    found = mirror.credit_notes_since(today - dt.timedelta(days=GRACE))
    ours = [(one, companies[one.customer_erp_id]) for one in found if one.customer_erp_id in companies]
    for note, company in ours:
        announce(
            shop_told,
            Told(
                key=f"credit:{note.erp_id}",
                event="credit_note",
                sold_to_id=company.pk,
                audience="buyers",
                # The end of its day: what was written days ago is no news when we first see it.
                occurred_at=min(now, dt.datetime.combine(note.invoiced_on, dt.time.max, tzinfo=company_zone())),
                path=reverse("invoice-detail", kwargs={"number": note.number}),
                params={"number": note.number, "total": str(note.total), "currency": note.currency},
            ),
        )
    return len(ours)


def _what(invoice: Invoice, today: dt.date) -> str:
    """Return the step that the invoice stands on today, "" for none."""
    if invoice.due_on is None:
        return ""
    late = (today - invoice.due_on).days
    if late <= 0:
        return "due"
    return next((f"overdue{step}" for step in reversed(STEPS) if step <= late <= step + GRACE), "")


def _tell(invoice: Invoice, company: SoldTo, what: str, now: dt.datetime) -> None:
    announce(
        shop_told,
        Told(
            key=f"invoice:{invoice.erp_id}:{invoice.due_on}:{what}",
            event="invoice_due" if what == "due" else "invoice_overdue",
            sold_to_id=company.pk,
            audience="buyers",
            occurred_at=now,
            path=reverse("invoice-detail", kwargs={"number": invoice.number}),
            params={
                "number": invoice.number,
                "due_on": invoice.due_on.isoformat() if invoice.due_on else "",
                "amount": str(invoice.amount_due),
                "currency": invoice.currency,
            },
        ),
    )
