"""The one door to live ERP answers: batches, deadline, freshness, single flight, breaker, bulkhead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from erp_sync import records as r

LIVE = "live"
CACHE = "cache"
LAST_KNOWN = "last_known"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a figure comes from and how old it is. A figure without a stamp is not shown.

    Attributes:
        as_of: When the ERP gave the answer, aware UTC.
        source: LIVE (asked now), CACHE (younger than the freshness limit) or LAST_KNOWN (older, the ERP did not answer).
        rule: The price agreement named by the ERP.
        request_id: Id of the ERP call in the logs.
        refresh: The value is old enough to be asked again in the background.
    """

    as_of: dt.datetime
    source: str
    rule: str = ""
    request_id: str = ""
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class StampedOffer:
    """An offer with its stamp; stock older than its own limit is left out (`offer.stock` None)."""

    offer: r.Offer
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class StampedCredit:
    """A credit position with its stamp."""

    credit: r.CreditPosition
    stamp: Stamp


def known_offers(context: r.PriceContext, asks: Sequence[r.Ask], *, ladders: bool = False) -> dict[str, StampedOffer]:
    """Return what is known without asking the ERP (at most the freshness limit old), by SKU; never waits."""
    raise NotImplementedError


def offers(
    context: r.PriceContext,
    asks: Sequence[r.Ask],
    *,
    live: bool = False,
    ladders: bool = False,
    warehouses: bool = False,
) -> dict[str, StampedOffer]:
    """Return price and stock by SKU in one ERP round trip for all that is not fresh.

    Never raises because of the ERP: what it does not answer in time comes back as LAST_KNOWN (price up to 24 h,
    stock up to 15 min old) or is missing from the result ("price on request"). With `live` nothing cached is taken
    as fresh: every line is asked now (basket, checkout).
    """
    raise NotImplementedError


def totals(order: r.NewOrder) -> r.Totals:
    """Return the ERP's own totals of an unsaved order, asked now.

    Raises:
        ErpUnavailable, ErpRejected, ErpBroken.
    """
    raise NotImplementedError


def credit(customer_erp_id: str) -> StampedCredit | None:
    """Return the credit position (fresh 60 s, last known up to 24 h), or None when nobody knows."""
    raise NotImplementedError
