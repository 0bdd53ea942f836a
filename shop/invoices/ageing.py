"""What a company owes, by how late it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from erp_sync.mirror.models import Invoice

KEYS = ("not_due", "d30", "d60", "d90", "older")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of the bar. `start` and `width` are percent of the whole as text with a point, for the drawing."""

    key: str
    words: str
    amount: Decimal
    count: int
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Ageing:
    """Open invoices of one currency, credit notes apart.

    Attributes:
        total: Left to pay over all open invoices; `overdue` the part that is late.
        next_due_on: The next day on which something falls due; None when nothing will.
        credit: What open credit notes are worth.
    """

    currency: str
    buckets: tuple[Bucket, ...]
    total: Decimal
    overdue: Decimal
    overdue_count: int
    next_due_on: dt.date | None
    credit: Decimal


def ageings_of(invoices: Sequence[Invoice], *, today: dt.date) -> tuple[Ageing, ...]:
    """Return one ageing for each currency, the largest first; currencies are never added up."""
    currencies = sorted({one.currency for one in invoices})
    found = [_ageing(currency, [one for one in invoices if one.currency == currency], today) for currency in currencies]
    return tuple(sorted(found, key=lambda one: -one.total))


def _ageing(currency: str, invoices: Sequence[Invoice], today: dt.date) -> Ageing:
    owed = [one for one in invoices if one.kind == "invoice"]
    total = _sum(owed)
    overdue = [one for one in owed if _days_late(one, today) > 0]
    to_come = [one.due_on for one in owed if one.due_on is not None and one.due_on >= today]
    return Ageing(
        currency=currency,
        buckets=_buckets(owed, total, today),
        total=total,
        overdue=_sum(overdue),
        overdue_count=len(overdue),
        next_due_on=min(to_come, default=None),
        credit=_sum([one for one in invoices if one.kind == "credit"]),
    )


def _buckets(owed: Sequence[Invoice], total: Decimal, today: dt.date) -> tuple[Bucket, ...]:
    words = {
        "not_due": _("not due yet"),
        "d30": _("1 to 30 days late"),
        "d60": _("31 to 60 days late"),
        "d90": _("61 to 90 days late"),
        "older": _("more than 90 days late"),
    }
    buckets, start = [], Decimal(0)
    for key in KEYS:
        inside = [one for one in owed if _key(_days_late(one, today)) == key]
        amount = _sum(inside)
        width = amount / total * 100 if total else Decimal(0)
        if inside:
            buckets.append(Bucket(key, words[key], amount, len(inside), f"{start:.2f}", f"{width:.2f}"))
        start += width
    return tuple(buckets)


def _key(days: int) -> str:
    if days <= 0:
        return "not_due"
    if days > 90:
        return "older"
    return "d30" if days <= 30 else "d60" if days <= 60 else "d90"


def _days_late(invoice: Invoice, today: dt.date) -> int:
    return (today - invoice.due_on).days if invoice.due_on else 0


def _sum(invoices: Sequence[Invoice]) -> Decimal:
    return sum((one.amount_due for one in invoices), Decimal(0))
