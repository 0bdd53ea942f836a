"""Offers for tests: running now, for everybody, five percent of the order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.selectors import company_day
from shop.offers.models import Offer


def offer(name: str = "Autumn", **changes: Any) -> Offer:
    """Return an offer; amounts may be given as text."""
    day = company_day(timezone.now())
    given: dict[str, Any] = {
        "names": {"en": name, "es": f"{name} (es)"},
        "starts_on": day - dt.timedelta(days=10),
        "ends_on": day + dt.timedelta(days=10),
        "value": "5",
    } | changes
    for amount in {"value", "minimum", "budget"} & set(given):
        given[amount] = None if given[amount] is None else Decimal(given[amount])
    return Offer.objects.create(**given)
