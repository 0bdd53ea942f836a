"""Facts for people to be told of: one of each event, with every param a room may give."""

from __future__ import annotations

import datetime as dt
import itertools

from accounts.models import SoldTo, User
from shop.notices.events import EVENTS
from shop.notices.services import tell
from shop.signals import Told

_numbers = itertools.count(1)
PARAMS: dict[str, dict[str, str]] = {
    "usual_order": {"number": "S1042"},
    "back_in_stock": {"sku": "A-1042", "name": "Hex bolt M8x40"},
    "sheet_renewed": {"sku": "A-1042", "name": "Degreaser 5 l", "dated": "2026-12-01"},
    "basket_handed_over": {"rep": "Ana Ruiz", "lines": "7", "note": "As we said on Tuesday."},
    "recurring_due": {"list": "Monday restock", "due_on": "2026-12-07"},
    "order_accepted": {
        "number": "P00049", "total": "1234.50", "currency": "EUR", "reference": "PO 4711", "lower_than": "",
    },
    "order_review": {"number": "WEB-01KDVDABCDEFGHJKMNPQRSTVWX", "total": "90.00", "currency": "EUR", "reference": ""},
    "order_rejected": {
        "number": "P00050", "total": "12.00", "currency": "EUR", "reference": "PO 1",
        "reason": "The customer is blocked in accounting.",
    },
    "order_changed": {"number": "P00049", "what": "A-1042: 10 → 8; 2026-12-01 → 2026-12-08"},
    "order_wish_refused": {"number": "P00049", "reason": "It is being picked already."},
    "approval_asked": {
        "number": "WEB-01KDVDABCDEFGHJKMNPQRSTVWX", "asker": "Laura Gil", "company": "Ferretería Sol",
        "reference": "PO 4711", "total": "750.20", "currency": "EUR",
    },
    "approval_given": {
        "number": "WEB-01KDVDABCDEFGHJKMNPQRSTVWX", "asker": "Laura Gil", "company": "Ferretería Sol",
        "person": "Jorge Marín", "reference": "PO 4711", "total": "740.00", "lower_than": "750.20", "currency": "EUR",
        "price": "lower", "order": "WEB-01KDVDABCDEFGHJKMNPQRSTVWY",
    },
    "approval_declined": {
        "number": "WEB-01KDVDABCDEFGHJKMNPQRSTVWX", "asker": "Laura Gil", "company": "Ferretería Sol",
        "person": "Jorge Marín", "reference": "PO 4711", "total": "750.20", "currency": "EUR", "reason": "Next month",
    },
    "approval_stuck": {
        "number": "WEB-01KDVDABCDEFGHJKMNPQRSTVWX", "asker": "Laura Gil", "company": "Ferretería Sol",
        "reference": "", "total": "750.20", "currency": "EUR",
    },
    "order_cancelled": {"number": "P00049"},
    "order_shipped": {"number": "P00049", "delivery": "A0012", "carrier": "SEUR", "tracking": "7781 2201 00"},
    "order_late": {"number": "P00049", "sku": "A-1042", "promised": "2026-12-03", "now": "2026-12-10"},
    "missing_goods": {"count": "1012", "overdue": "3"},
    "return_answered": {"number": "R0003", "sku": "A-1042", "state": "refused", "reason": "It was opened and used."},
    "return_asked": {
        "number": "R0003", "sku": "A-1042", "quantity": "12.0000", "company": "Ferretería Sol",
        "unit": "Box of 100", "unit_en": "Box of 100", "unit_es": "Caja de 100",
        "reason": "Wrong item", "reason_en": "Wrong item", "reason_es": "Artículo equivocado",
    },
    "quote_asked": {"number": "Q0007", "company": "Ferretería Sol", "answer_by": "2026-12-03T13:00:00+00:00"},
    "quote_escalated": {"number": "Q0007", "company": "Ferretería Sol", "answer_by": "2026-12-03T13:00:00+00:00"},
    "quote_accepted": {"number": "Q0007", "company": "Ferretería Sol", "order": "P00051"},
    "quote_declined": {"number": "Q0007", "company": "Ferretería Sol", "reason": "Too expensive"},
    "quote_answered": {
        "number": "Q0007", "total": "1912.40", "untaxed": "1912.40", "currency": "EUR", "valid_until": "2026-12-31",
        "automatic": "",
    },
    "quote_expiring": {"number": "Q0007", "valid_until": "2026-12-31"},
    "quote_expired": {"number": "Q0007", "valid_until": "2026-12-31"},
    "invoice_due": {"number": "2026/0042", "due_on": "2026-12-31", "amount": "1240.00", "currency": "EUR"},
    "invoice_overdue": {"number": "2026/0042", "due_on": "2026-11-01", "amount": "1240.00", "currency": "EUR"},
    "credit_note": {"number": "2026/0043", "total": "40.00", "currency": "EUR"},
    "payment_captured": {"amount": "1912.40", "currency": "EUR", "invoices": "2026/0042, 2026/0044"},
    "payment_booked": {"amount": "1912.40", "currency": "EUR", "invoices": "2026/0042, 2026/0044"},
    "payment_refunded": {
        "amount": "60.00", "currency": "EUR", "invoices": "INV-1001", "reason": "One box was broken",
    },
    "payment_failed": {
        "amount": "1912.40", "currency": "EUR", "invoices": "2026/0042", "reason": "The card was declined.",
    },
    "message": {
        "kind": "order", "subject": "P00049", "author": "Ana Ruiz", "company": "Ferretería Sol",
        "excerpt": "The lorry leaves tomorrow at nine. Is somebody there?",
    },
}  # fmt: skip


def told(
    event: str,
    company: SoldTo,
    *,
    at: dt.datetime,
    audience: str = "buyers",
    person: User | None = None,
    key: str = "",
    path: str = "/orders/",
) -> Told:
    """Return a fact, a new one each time unless it has a key."""
    return Told(
        key=key or f"test:{event}:{next(_numbers)}",
        event=event,
        sold_to_id=company.pk,
        audience=audience,
        occurred_at=at,
        path=path,
        person_id=person.pk if person else None,
        params=PARAMS[event],
    )


def told_all(company: SoldTo, *, at: dt.datetime, audience: str = "buyers") -> None:
    """Tell people one of everything."""
    for event in EVENTS:
        tell(told=told(event, company, at=at, audience=audience), now=at)
