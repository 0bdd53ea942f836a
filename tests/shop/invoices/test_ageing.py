"""Money owed by age."""

import datetime as dt
from decimal import Decimal

from erp_sync.mirror.models import Invoice
from shop.invoices.ageing import ageings_of

TODAY = dt.date(2026, 3, 31)


def invoice(due: str, amount: int, *, kind: str = "invoice", currency: str = "EUR") -> Invoice:
    return Invoice(kind=kind, currency=currency, due_on=dt.date.fromisoformat(due), amount_due=Decimal(amount))


def test_each_invoice_lies_in_the_bucket_of_its_days() -> None:
    days = {"2026-03-31": 1, "2026-03-30": 2, "2026-03-01": 4, "2026-02-28": 8, "2026-01-30": 16, "2025-12-30": 32}
    one = ageings_of([invoice(due, amount) for due, amount in days.items()], today=TODAY)[0]
    amounts = {bucket.key: bucket.amount for bucket in one.buckets}
    assert amounts == {"not_due": 1, "d30": 6, "d60": 24, "older": 32}
    assert (one.total, one.overdue, one.overdue_count) == (63, 62, 5)
    assert one.next_due_on == TODAY


def test_currencies_are_never_added_up() -> None:
    found = ageings_of([invoice("2026-04-30", 10), invoice("2026-04-30", 900, currency="CLP")], today=TODAY)
    assert [(one.currency, one.total) for one in found] == [("CLP", 900), ("EUR", 10)]


def test_credit_notes_are_shown_apart() -> None:
    one = ageings_of([invoice("2026-04-30", 10), invoice("2026-04-30", 4, kind="credit")], today=TODAY)[0]
    assert (one.total, one.credit) == (10, 4)


def test_nothing_open_gives_nothing() -> None:
    assert ageings_of([], today=TODAY) == ()
