"""What the gateway hands out: a figure together with where it comes from and how old it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from erp_sync import records as r

LIVE = "live"
CACHE = "cache"
LAST_KNOWN = "last_known"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a figure comes from and how old it is. A figure without a stamp is not shown.

    Attributes:
        as_of: When the ERP gave the answer, or exported what it is made of; aware UTC.
        source: LIVE (asked now), CACHE (younger than the freshness limit) or LAST_KNOWN (older, the
            ERP did not answer).
        rule: The price agreement named by the ERP.
        request_id: Id of the ERP call in the logs (`erp_call`).
        refresh: The value is old enough to be asked again in the background.
        is_list: The price comes from a price list that the ERP exports: it is confirmed with the order.
    """

    as_of: dt.datetime
    source: str
    rule: str = ""
    request_id: str = ""
    refresh: bool = False
    is_list: bool = False


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
