"""M25 leads: who got in touch, and what they bought since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import value_of
from adoption.metrics.book import Book
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Lead


@dataclass(frozen=True, slots=True)
class LeadGroup:
    """M25 of a source, or of all: ids of the leads and the revenue that came from them."""

    leads: tuple[str, ...]
    revenue: Decimal

    @property
    def per_lead(self) -> Decimal | None:
        """Revenue / leads, converted or not."""
        return divided(self.revenue, len(self.leads))


@dataclass(frozen=True, slots=True)
class Leads:
    """M25. `repeated`: leads of the period that were dropped as the same person again."""

    overall: LeadGroup
    by_source: dict[str, LeadGroup]
    repeated: int
    unconverted_orders: int


def leads(book: Book, period: Period) -> Leads:
    """Return M25 for the leads created in the period; an account's revenue goes to its earliest kept lead."""
    kept = book.indexed(_kept)
    ours = [one for one in kept if book.day(one.created_at) in period]
    created = sum(book.day(one.created_at) in period for one in book.indexed(_all))
    revenue = {one.lead_id: _revenue(book, one) for one in ours}
    sources = sorted({one.source for one in ours})
    return Leads(
        overall=_group(ours, revenue),
        by_source={source: _group([one for one in ours if one.source == source], revenue) for source in sources},
        repeated=created - len(ours),
        unconverted_orders=sum(lost for _value, lost in revenue.values()),
    )


def _group(own: list[Lead], revenue: Mapping[str, tuple[Decimal, int]]) -> LeadGroup:
    ids = tuple(one.lead_id for one in own)
    return LeadGroup(ids, sum((revenue[lead_id][0] for lead_id in ids), Decimal(0)))


def _all(book: Book) -> list[Lead]:
    """Index: leads before `as_of`, oldest first, each once, without test accounts."""
    once = {one.lead_id: one for one in book.leads}.values()
    found = [one for one in once if one.created_at < book.as_of and not book.is_test_account(one.account_id)]
    return sorted(found, key=lambda one: (one.created_at, one.lead_id))


def _kept(book: Book) -> list[Lead]:
    """Index: leads without those of the same person soon after the last kept one."""
    window = dt.timedelta(hours=24 * book.settings.lead_dedupe_days)
    last: dict[str, dt.datetime] = {}
    kept = []
    for one in book.indexed(_all):
        identity = one.identity_key.strip().casefold() or one.lead_id
        if identity in last and one.created_at - last[identity] < window:
            continue
        last[identity] = one.created_at
        kept.append(one)
    return kept


def _first_leads(book: Book) -> Mapping[str, str]:
    """Index: an account's earliest kept lead."""
    found: dict[str, str] = {}
    for one in book.indexed(_kept):
        if one.account_id:
            found.setdefault(one.account_id, one.lead_id)
    return found


def _revenue(book: Book, lead: Lead) -> tuple[Decimal, int]:
    """Return the value of the account's orders since the lead, and how many had no rate."""
    if book.indexed(_first_leads).get(lead.account_id) != lead.lead_id:
        return Decimal(0), 0
    end = lead.created_at + dt.timedelta(hours=24 * book.settings.lead_days)
    orders = [
        order for order in book.orders_by_account.get(lead.account_id, ()) if lead.created_at <= order.placed_at <= end
    ]
    return value_of(orders), sum(order.value is None for order in orders)
