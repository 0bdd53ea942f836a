"""Reads what a payer chose and typed. Nothing of it is believed: the plan is made anew from what is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid4

from django.http import QueryDict

from shop.errors import BadNumber
from shop.money.parsing import parse_decimal
from shop.payments.allocate import MOST_INVOICES
from shop.payments.services import Wish

MOST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with the form.

    Attributes:
        wish: Without the amounts that can't be read.
        texts: What was typed as amount, by invoice number, to be shown again.
        faults: Why an amount can't be read, by invoice number.
        key: Of the page; a new one when none came.
        shown: The amount on the button, None when none came.
        wants: "open" or "overdue" when all of these are meant, else "".
    """

    wish: Wish
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)
    shown: Decimal | None = None
    wants: str = ""


def read(data: QueryDict) -> Typed:
    """Return what came with the form or the link."""
    numbers = tuple(dict.fromkeys(text[:MOST_TEXT] for text in data.getlist("invoice")[: MOST_INVOICES + 1]))
    texts = {number: data.get(f"amount-{number}", "")[:40].strip() for number in numbers}
    amounts, faults = _amounts(texts)
    credits = tuple(text[:MOST_TEXT] for text in data.getlist("credit")[:MOST_INVOICES]) if "credits" in data else None
    return Typed(
        wish=Wish(numbers=numbers, amounts=amounts, credits=credits, provider=data.get("provider", "")[:30]),
        texts=texts,
        faults=faults,
        key=_key(data.get("key", "")),
        shown=_shown(data.get("shown", "")),
        wants=data.get("all", "") if data.get("all") in {"open", "overdue"} else "",
    )


def _amounts(texts: dict[str, str]) -> tuple[dict[str, Decimal], dict[str, str]]:
    amounts: dict[str, Decimal] = {}
    faults: dict[str, str] = {}
    for number, text in texts.items():
        if not text:
            continue
        try:
            amounts[number] = parse_decimal(text)
        except BadNumber as error:
            faults[number] = str(error)
    return amounts, faults


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _shown(text: str) -> Decimal | None:
    try:
        amount = Decimal(text[:30])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
