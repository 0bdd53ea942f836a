"""Who gets what of a payment: plain arithmetic, exact to the cent, no database.

Invoices are settled by money and, where the ERP grants it, by the discount for paying early; credit notes lower the
money. `plan` is the only place that decides it: the page shows it, the payment is made of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from shop.money import formats
from shop.payments.errors import PaymentRefused

MOST_INVOICES = 100
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """An open invoice or credit note.

    Attributes:
        due: What the ERP says is left of it; `free` what of that no other open payment has reserved.
        discount: What is let go when it is paid whole by `discount_until`.
    """

    erp_id: str
    number: str
    currency: str
    due: Decimal
    free: Decimal
    is_credit: bool = False
    invoiced_on: dt.date | None = None
    due_on: dt.date | None = None
    discount: Decimal = ZERO
    discount_until: dt.date | None = None
    references: tuple[str, ...] = ()

    @property
    def is_reserved(self) -> bool:
        """Nothing of it can be paid now: another payment is on its way."""
        return self.free <= 0

    def discount_on(self, day: dt.date) -> Decimal:
        """Return the discount for paying it whole on a day."""
        in_time = self.discount_until is not None and day <= self.discount_until
        # A discount that leaves nothing to pay is no discount but a mistake of the ERP.
        return self.discount if in_time and self.free == self.due and ZERO < self.discount < self.due else ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plan: `money` settles an invoice together with `discount`; of a credit note it is its worth."""

    document: Due
    money: Decimal
    discount: Decimal = ZERO

    @property
    def settled(self) -> Decimal:
        """How much less is due afterwards."""
        return self.money + self.discount

    @property
    def left(self) -> Decimal:
        """What stays to be paid of it."""
        return self.document.due - self.settled


@dataclass(frozen=True, slots=True)
class Plan:
    """A payment that can be made. `amount` is what is charged."""

    currency: str
    invoices: tuple[Part, ...]
    credits: tuple[Part, ...]

    @property
    def settled(self) -> Decimal:
        """What the invoices are lowered by."""
        return sum((one.settled for one in self.invoices), ZERO)

    @property
    def discount(self) -> Decimal:
        """All discounts together."""
        return sum((one.discount for one in self.invoices), ZERO)

    @property
    def credit(self) -> Decimal:
        """All credit notes together."""
        return sum((one.money for one in self.credits), ZERO)

    @property
    def amount(self) -> Decimal:
        """Money of the invoices less credit notes."""
        return sum((one.money for one in self.invoices), ZERO) - self.credit


def plan(
    *,
    invoices: Sequence[Due],
    wished: Mapping[str, Decimal],
    credit_notes: Sequence[Due] = (),
    today: dt.date,
    with_discount: bool = True,
) -> Plan:
    """Return the payment of these invoices, each in full or as much of it as is wished, less these credit notes.

    Args:
        invoices: What is to be paid, in the order of the page.
        wished: How much of an invoice's due is to be settled, by its id; missing = all that is free.
        credit_notes: Used whole, each of them.
        today: The company's date.
        with_discount: Grant early-payment discounts.

    Raises:
        PaymentRefused: with every obstacle: nothing chosen, several currencies, more than is due …
    """
    obstacles = [*_obstacles(invoices, credit_notes), *_bad_parts(invoices, wished), *_bad_credits(credit_notes)]
    if obstacles:
        raise PaymentRefused(*obstacles)
    planned = Plan(
        currency=invoices[0].currency,
        invoices=tuple(_part(one, wished, today, with_discount=with_discount) for one in invoices),
        credits=tuple(Part(one, one.free) for one in credit_notes),
    )
    if planned.amount <= 0:
        raise PaymentRefused(
            _("The credit notes are worth as much as what you pay, or more. Leave one out, or add an invoice.")
        )
    return planned


def oldest_credits(*, credit_notes: Sequence[Due], invoices: Sequence[Due], budget: Decimal) -> list[Due]:
    """Return the credit notes to use, oldest first, each whole, as long as something is left to be paid."""
    currencies = {one.currency for one in invoices}
    chosen: list[Due] = []
    for one in sorted(credit_notes, key=lambda note: (note.invoiced_on or dt.date.min, note.number)):
        if one.currency in currencies and one.free == one.due and one.free < budget:
            chosen.append(one)
            budget -= one.free
    return chosen


def _part(one: Due, wished: Mapping[str, Decimal], today: dt.date, *, with_discount: bool) -> Part:
    wish = wished.get(one.erp_id, one.free)
    discount = one.discount_on(today) if with_discount and wish == one.due else ZERO
    return Part(one, wish - discount, discount)


def _obstacles(invoices: Sequence[Due], credit_notes: Sequence[Due]) -> list[str]:
    if not invoices:
        return [_("Choose at least one invoice with something left to pay.")]
    if len(invoices) + len(credit_notes) > MOST_INVOICES:
        return [_("Pay at most %(n)s documents at a time. Choose fewer.") % {"n": MOST_INVOICES}]
    currencies = sorted({one.currency for one in (*invoices, *credit_notes)})
    if len(currencies) > 1:
        words = _("These documents are in several currencies (%(currencies)s). Pay those of one currency at a time.")
        return [words % {"currencies": ", ".join(currencies)}]
    return []


def _bad_parts(invoices: Sequence[Due], wished: Mapping[str, Decimal]) -> list[str]:
    return [words for one in invoices if (words := _bad_part(one, wished.get(one.erp_id, one.free)))]


def _bad_part(one: Due, wish: Decimal) -> str:
    values = {"number": one.number, "most": formats.money(one.free, one.currency)}
    if one.is_credit:
        return _("%(number)s is a credit note: it can be used, not paid.") % values
    if one.is_reserved:
        return _("%(number)s is already being paid. See “Payments” for where it stands.") % values
    if not wish.is_finite() or wish <= 0:
        return _("%(number)s: enter an amount above zero, at most %(most)s.") % values
    if wish > one.free:
        return _("%(number)s: at most %(most)s can be paid.") % values
    if wish != round(wish, get_currency_precision(one.currency)) or wish != round(wish, 2):
        return _("%(number)s: the amount has more decimals than the currency.") % values
    return ""


def _bad_credits(credit_notes: Sequence[Due]) -> list[str]:
    bad = [one.number for one in credit_notes if not one.is_credit or one.free != one.due or one.free <= 0]
    words = _("Credit note %(number)s can't be used now: it is already part of another payment.")
    return [words % {"number": number} for number in bad]
