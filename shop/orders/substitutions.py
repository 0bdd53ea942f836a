"""What a customer accepted in place of a number: remembered for the whole company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from accounts.actors import Actor
from shop.orders.models import Substitution


@dataclass(frozen=True, slots=True)
class Accepted:
    """The item that is taken for a number, and since when."""

    sku: str
    on: dt.datetime


def accepted(*, actor: Actor, numbers: Collection[str]) -> dict[str, Accepted]:
    """Return what the actor's company accepted in place of these numbers, by number in capitals (no query for none)."""
    wanted = {number.upper() for number in numbers if number}
    if not wanted:
        return {}
    rows = Substitution.objects.filter(sold_to=actor.sold_to, number__in=wanted)
    return {number: Accepted(sku, at) for number, sku, at in rows.values_list("number", "sku", "accepted_at")}


def remember(*, actor: Actor, taken: Mapping[str, str], now: dt.datetime) -> None:
    """Remember which SKU was taken for which number; the latest choice holds."""
    rows = [
        Substitution(
            sold_to=actor.sold_to, number=number.upper()[:200], sku=sku, accepted_by=actor.user, accepted_at=now
        )
        for number, sku in taken.items()
        if number and number.upper() != sku.upper()
    ]
    unique = {row.number: row for row in rows}
    Substitution.objects.bulk_create(
        unique.values(),
        update_conflicts=True,
        unique_fields=["sold_to", "number"],
        update_fields=["sku", "accepted_by", "accepted_at"],
    )
